"""`importer lists`: what a site has, and new ones from the ERP, over either channel."""

from __future__ import annotations

import csv
import socket
from pathlib import Path
from typing import Any

import pytest
from site_folder import SiteFolder

from importer import open_site
from importer.api.lists import fetch_lists
from importer.masterdata import load_lists
from importer.simulator import FaultKind, FaultRule, Simulator

STANDARD = {
    "items": {"service": "tt.oapi.item.list.data.query.get", "columns": {"code": "item_no", "name": "item_name"}, "page_size": 50},
    "locations": {"service": "tt.oapi.location.list.data.query.get", "columns": {"code": "location_no", "within": "warehouse_no"}},
    "warehouses": {"service": "tt.oapi.warehouse.list.data.query.get", "columns": {"code": "warehouse_no", "name": "warehouse_name"}},
}
CUSTOM = {
    "locations": {"channel": "custom", "service": "GetLocationData", "columns": {"code": "ime02", "within": "ime01"}},
    "warehouses": {"channel": "custom", "service": "GetWarehouseData", "columns": {"code": "imd01", "name": "imd02"}},
    "reasons": {
        "channel": "custom",
        "service": "GetReasonCode",
        "columns": {"code": "azf01", "name": "azf03"},
        "condition": " azf09='4' ",
    },
    "stock": {
        "channel": "custom",
        "service": "GetItemStockList",
        "columns": {
            "item_no": "img01",
            "warehouse_no": "img02",
            "location_no": "img03",
            "lot_no": "img04",
            "unit_no": "img09",
            "qty": "img10",
        },
        "condition": "img01='ITEM-0001' AND img02 = 'W1'",
    },
}


def toml(value: Any) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{name} = {toml(item)}" for name, item in value.items()) + "}"
    return f'"{value}"' if isinstance(value, str) else str(value)


def configured(site: SiteFolder, erp: Simulator, fetch: dict[str, Any], **profile: Any) -> SiteFolder:
    site.configure(lists="lists", custom_url=erp.custom_url, **profile)
    tables = "".join(f"fetch.{name} = {toml(values)}\n" for name, values in fetch.items())
    site.config.write_text(site.config.read_text("utf-8") + tables, "utf-8")
    return site


@pytest.mark.parametrize("form", ["json", "xml"])
def test_lists_come_over_the_standard_channel_page_by_page(site: SiteFolder, erp: Simulator, form: str) -> None:
    """Every active code with its name, none lost between pages, and files that the checks read."""
    configured(site, erp, STANDARD, format=form)
    reports = {report.name: report for report in fetch_lists(open_site(site.config))}
    assert [(name, report.codes, report.error) for name, report in reports.items()] == [
        ("items", 200, None),
        ("locations", 5, None),
        ("warehouses", 7, None),
    ]
    lists = load_lists(site.folder / "lists")
    assert lists["items"].labels["ITEM-0007"] == "料件 0007"
    assert "ITEM-9999" not in lists["items"].labels
    assert lists["locations"].within["L03"] == {"W1", "W2", "W3"}
    assert erp.protocol_faults() == []


@pytest.mark.parametrize("carrier", ["soap", "invokeSrv"])
def test_lists_come_over_the_custom_channel_by_where_clause(site: SiteFolder, erp: Simulator, carrier: str) -> None:
    """The Get services of the gateway, also through invokeSrv: codes that meet the condition, and the stock as it is."""
    configured(site, erp, CUSTOM)
    site.config.write_text(site.config.read_text("utf-8") + f'[profiles.test.custom]\ncarrier = "{carrier}"\n', "utf-8")
    reports = {report.name: report for report in fetch_lists(open_site(site.config))}
    assert {name: (report.codes, report.error) for name, report in reports.items()} == {
        "locations": (5, None),
        "warehouses": (7, None),
        "reasons": (5, None),
        "stock": (3, None),
    }
    with (site.folder / "lists" / "stock.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert {(row["item_no"], row["warehouse_no"], row["location_no"]) for row in rows} == {
        ("ITEM-0001", "W1", place) for place in ("", "L01", "L02")
    }
    assert erp.protocol_faults() == []


def test_fetched_lists_are_what_the_next_check_holds_codes_against(site: SiteFolder, erp: Simulator) -> None:
    """One command for the lists, one for the check; `lists` and `doctor` show them with their age."""
    configured(site, erp, STANDARD)
    done = site.cli("lists", "fetch", "items", "warehouses", "--json")
    assert (done.code, [(item["name"], item["codes"], item["before"]) for item in done.json]) == (
        0,
        [("items", 200, None), ("warehouses", 7, None)],
    )
    rows = [{"doc_key": "1", "doc_type_no": "I01", "doc_date": "2026-01-31", "item_no": "ITEM-0201", "warehouse_no": "W1", "qty": 1}]
    issues = site.cli("check", site.workbook(rows), "--json").json[0]["issues"]
    assert [(found["code"], found["value"]) for found in issues] == [("not_in_list", "ITEM-0201")]
    assert "ITEM-0200" in issues[0]["message"] or "ITEM-0020" in issues[0]["message"]
    shown = {item["name"]: item for item in site.cli("lists", "--json").json}
    assert (shown["items"]["codes"], shown["departments"]["file"], shown["locations"]["fetchable"]) == (200, None, True)
    told = {item["subject"]: item["message"] for item in site.cli("doctor", "--json").json}
    assert "items 200 (0 d), warehouses 7 (0 d)" in told["lists"]


def test_a_good_list_is_never_replaced_by_an_empty_or_failed_answer(site: SiteFolder, erp: Simulator) -> None:
    """No rows, a refusal, a wrong column: each is told, its file is as it was, and the other lists are fetched."""
    fetch = {
        **CUSTOM,
        "reasons": {**CUSTOM["reasons"], "condition": "azf09='9'"},
        "warehouses": {**CUSTOM["warehouses"], "columns": {"code": "imd99"}},
        "stock": {**CUSTOM["stock"], "condition": "img01 BETWEEN 1 AND 2"},
    }
    configured(site, erp, fetch)
    folder = site.folder / "lists"
    folder.mkdir()
    files = {"reasons.csv": "code\n101\n", "warehouses.csv": "code\nW1\n", "stock.csv": "item_no,warehouse_no,qty\nA,W1,5\n"}
    for name, text in files.items():
        (folder / name).write_text(text, "utf-8")
    done = site.cli("lists", "fetch", "--json")
    errors = {item["name"]: item["error"] for item in done.json}
    assert done.code == 1
    assert errors["locations"] is None
    assert "left as it was" in errors["reasons"]
    assert "imd99" in errors["warehouses"] and "imd01" in errors["warehouses"]
    assert "refuses" in errors["stock"]
    assert {name: (folder / name).read_text("utf-8") for name in files} == files
    assert sorted(path.name for path in folder.iterdir()) == ["locations.csv", *sorted(files)]


def test_an_erp_that_is_not_there_leaves_the_lists(site: SiteFolder, erp: Simulator) -> None:
    """Exit 4, a sentence, and the list as it was."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    configured(site, erp, STANDARD, standard_url=f"http://127.0.0.1:{port}/CROSS/RESTful")
    folder = Path(site.folder / "lists")
    folder.mkdir()
    (folder / "items.csv").write_text("code\nA\n", "utf-8")
    done = site.cli("lists", "fetch", "items", "--json")
    assert (done.code, done.json[0]["codes"]) == (4, 1)
    assert (folder / "items.csv").read_text("utf-8") == "code\nA\n"


def test_a_question_whose_answer_is_lost_is_asked_again(site: SiteFolder, erp: Simulator) -> None:
    """Looking changes nothing, so it may be repeated."""
    configured(site, erp, STANDARD)
    erp.add_faults(FaultRule(kind=FaultKind.RESET_AFTER, operation="query", times=1))
    (report,) = fetch_lists(open_site(site.config), ["warehouses"])
    assert (report.codes, report.error) == (7, None)


@pytest.mark.parametrize(
    ("arguments", "told"),
    [(["fetch", "lots"], "lots"), (["fetsch"], "fetsch")],
)
def test_a_name_that_is_none_is_told(site: SiteFolder, erp: Simulator, arguments: list[str], told: str) -> None:
    """Wrong usage is exit 2 with what there is."""
    configured(site, erp, STANDARD)
    done = site.cli("lists", *arguments)
    assert (done.code, told in done.err) == (2, True)
