"""`documents_per_call`: several documents in one call, and each with its own outcome."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from site_folder import SiteFolder, movements_of, once_each, sound_rows

from importer.simulator import FaultKind, FaultRule, Simulator, SimulatorSettings


@pytest.fixture
def place(tmp_path: Path) -> Iterator[list[SiteFolder]]:
    made: list[SiteFolder] = []
    yield made
    for site in made:
        site.close()


def site_at(place: list[SiteFolder], folder: Path, erp: Simulator, **profile: Any) -> SiteFolder:
    site = SiteFolder(folder, erp.standard_url, **{"documents_per_call": 5, "concurrency": 3, **profile})
    place.append(site)
    return site


def writes(erp: Simulator) -> dict[str, int]:
    return {name: number for name, number in erp.call_counts().items() if name in ("create", "approve", "post")}


@pytest.mark.parametrize(
    "profile", [{}, {"format": "xml"}, {"style": "envelope"}, {"concurrency": 1}], ids=["json", "xml", "envelope", "one lane"]
)
def test_many_documents_take_few_calls(tmp_path: Path, place: list[SiteFolder], profile: dict[str, Any]) -> None:
    """Thirty documents are posted, each once, with far fewer than ninety calls."""
    rows = sound_rows(documents=30, lines=2)
    with Simulator(SimulatorSettings(atomic_batch=False)) as erp:
        site = site_at(place, tmp_path, erp, **profile)
        report = site.run(site.workbook(rows))
        assert report.stages == {"posted": 30}
        once_each(erp, movements_of("misc_issue", rows), 30)
        assert sum(writes(erp).values()) <= 60
        assert writes(erp)["create"] < 15


@pytest.mark.parametrize(
    "behaviour",
    [
        {"atomic_batch": False, "partial_code": "-0"},
        {"atomic_batch": False, "partial_code": "-1"},
        {"atomic_batch": False, "partial_code": "0"},
        {"atomic_batch": False, "partial_code": "-0", "error_shape": "message"},
        {"atomic_batch": True},
    ],
    ids=["-0", "-1", "false success", "message", "all or nothing"],
)
def test_a_refused_document_takes_no_other_with_it(tmp_path: Path, place: list[SiteFolder], behaviour: dict[str, Any]) -> None:
    """One wrong item among ten documents: that one is refused with its reason, nine are posted, whatever the ERP's code for it."""
    rows = sound_rows(documents=10, lines=2)
    rows[6]["item_no"] = "NO-SUCH-ITEM"
    sound = [*rows[:6], *rows[8:]]
    with Simulator(SimulatorSettings(**behaviour)) as erp:
        site = site_at(place, tmp_path, erp, grace_s=0.2)
        report = site.run(site.workbook(rows))
        assert (report.stages, report.rejected) == ({"posted": 9, "new": 1}, 1)
        once_each(erp, movements_of("misc_issue", sound), 9)
        results = site.results_rows(report.results)
        assert [row["_result.status"] for row in results].count("refused") == 2


@pytest.mark.parametrize(
    "kind", [FaultKind.LOST_ANSWER, FaultKind.HTTP_500_AFTER, FaultKind.EMPTY_SUCCESS, FaultKind.CUT, FaultKind.RESET_BEFORE]
)
def test_answers_that_are_lost_or_empty_are_asked_about_for_each_document(tmp_path: Path, place: list[SiteFolder], kind: FaultKind) -> None:
    """Whatever became of a call for five documents, each is in the ERP once and posted once at the end."""
    rows = sound_rows(documents=12, lines=1)
    faults = (FaultRule(kind=kind, operation="write", probability=0.4),)
    with Simulator(SimulatorSettings(atomic_batch=False, faults=faults, seed=5)) as erp:
        site = site_at(place, tmp_path, erp, grace_s=0.3, timeout_s=2)
        report = site.run(site.workbook(rows))
        assert report.stages == {"posted": 12}
        once_each(erp, movements_of("misc_issue", rows), 12)


def test_a_batch_is_undone_several_documents_at_a_time(tmp_path: Path, place: list[SiteFolder]) -> None:
    """The reverse calls go together, too, and leave nothing behind."""
    rows = sound_rows(documents=10, lines=1)
    with Simulator(SimulatorSettings(atomic_batch=False)) as erp:
        site = site_at(place, tmp_path, erp)
        report = site.run(site.workbook(rows))
        undone = site.cli("undo", report.batch, "--json").json[0]
        assert undone["undone"] == 10
        assert erp.call_counts()["dispost"] < 10


def test_the_combined_route_sends_one_document_at_a_time(tmp_path: Path, place: list[SiteFolder]) -> None:
    """Its answer names the last document only, so several in one call could never be told apart."""
    rows = sound_rows(documents=3, lines=1)
    with Simulator() as erp:
        site = site_at(place, tmp_path, erp, route="combined", custom_url=erp.custom_url)
        report = site.run(site.workbook(rows))
        assert report.stages == {"posted": 3}
        once_each(erp, movements_of("misc_issue", rows), 3)
