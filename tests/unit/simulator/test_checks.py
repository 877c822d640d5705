from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from unit.simulator.erp_drafts import LINES, act, codes, created, document, draft, new_erp

from importer.simulator.erp.documents import Operation
from importer.simulator.erp.erp import Erp
from importer.simulator.erp.kinds import KINDS
from importer.simulator.master import Master, default_master
from importer.simulator.settings import SimulatorSettings

D = Decimal
MISC = ("misc_receipt", "misc_issue")
ALL = tuple(KINDS)


def _cases(*rows: tuple[Any, dict[str, Any], str]) -> list[Any]:
    cases = []
    for kinds, change, code in rows:
        for kind in (kinds,) if isinstance(kinds, str) else kinds:
            label = ",".join(f"{name}={value!s:.12}" for name, value in change.items())
            cases.append(pytest.param(kind, change, code, id=f"{kind}-{code}-{label}"))
    return cases


HEADER_AT_CREATE = _cases(
    (ALL, {"doc_date": date(2000, 1, 1)}, "mfg9999"),
    (MISC, {"doc_date": date(2100, 1, 1)}, "mfg6090"),
    (("transfer", "completion_receipt"), {"doc_date": date(2100, 1, 1)}, "mfg6091"),
    (ALL, {"doc_type_no": "XXX"}, "apm-920"),
    (ALL, {"doc_type_no": ""}, "apm-920"),
    ("misc_issue", {"doc_type_no": "R01"}, "apm-920"),
    ("misc_issue", {"doc_type_no": "I04"}, "apm-920"),
    ("misc_issue", {"doc_type_no": "I03"}, "apm-920"),
    ("misc_issue", {"doc_type_no": "I01-24010001"}, "apm-920"),
    (ALL, {"doc_date": None}, "sim-value"),
)
LINE_AT_CREATE = _cases(
    (("misc_receipt", "misc_issue", "completion_receipt"), {"item_no": ""}, "aap-099"),
    (("misc_receipt", "misc_issue", "transfer"), {"item_no": "NO-SUCH"}, "mfg1201"),
    (("misc_receipt", "misc_issue", "transfer"), {"item_no": "ITEM-9999"}, "mfg1201"),
    (MISC, {"warehouse_no": "NONE"}, "mfg1100"),
    (MISC, {"warehouse_no": " "}, "mfg1100"),
    (MISC, {"warehouse_no": "W4"}, "mfg1100"),
    (MISC, {"warehouse_no": "W5"}, "mfg1100"),
    (MISC, {"warehouse_no": "W6"}, "art-426"),
    (MISC, {"location_no": "L99"}, "mfg1020"),
    (MISC, {"item_no": "ITEM-0191"}, "aim-034"),
    (MISC, {"item_no": "ITEM-0191", "lot_no": "LOT-OLD"}, "aim-400"),
    ("misc_issue", {"item_no": "ITEM-0191", "lot_no": "LOT-NEW"}, "mfg6069"),
    ("misc_issue", {"location_no": "L03"}, "mfg6069"),
    (MISC, {"unit_no": "KG"}, "mfg3075"),
    (MISC, {"qty": D(0)}, "aim-120"),
    (MISC, {"qty": None}, "aim-120"),
    (MISC, {"qty": D(-1)}, "aim-989"),
    ("misc_issue", {"qty": D("1000000.001")}, "mfg1303"),
    ("misc_issue", {"qty": D(83334), "unit_no": "BOX"}, "mfg1303"),
    (MISC, {"reason_no": "999"}, "aoo-403"),
    (MISC, {"reason_no": "201"}, "aoo-403"),
    (MISC, {"reason_no": "190"}, "aim-163"),
    ("completion_receipt", {"wo_no": "W01-00000000"}, "mfg9005"),
    ("completion_receipt", {"wo_no": ""}, "mfg9005"),
    ("completion_receipt", {"wo_no": "W01-24019001"}, "mfg3430"),
    ("completion_receipt", {"wo_no": "W01-24019002"}, "mfg9006"),
    ("completion_receipt", {"wo_no": "W01-24019003"}, "mfg9185"),
    ("completion_receipt", {"wo_no": "W01-24019004"}, "asf-824"),
    ("completion_receipt", {"wo_no": "W01-24019005"}, "asf-680"),
    ("completion_receipt", {"wo_no": "W01-24019006", "qty": D("10.001")}, "asf-714"),
    ("completion_receipt", {"wo_no": "W01-24019007"}, "9028"),
    ("completion_receipt", {"item_no": "ITEM-0002"}, "asf-677"),
    ("completion_receipt", {"warehouse_no": ""}, "aqc-711"),
    ("completion_receipt", {"warehouse_no": "NONE"}, "mfg1100"),
    ("completion_receipt", {"unit_no": "KG"}, "aim-997"),
)
LINE_AT_CONFIRM = _cases(
    ("transfer", {"out_warehouse_no": ""}, "aim-149"),
    ("transfer", {"in_warehouse_no": " "}, "aim-149"),
    ("transfer", {"in_warehouse_no": "NONE"}, "mfg1100"),
    ("transfer", {"out_location_no": "L03"}, "mfg6101"),
    ("transfer", {"out_qty": D(1_000_001)}, "mfg3471"),
    ("transfer", {"conversion_rate": None}, "mfg3075"),
    ("transfer", {"in_unit_no": ""}, "mfg3075"),
    ("transfer", {"in_unit_no": "KG"}, "mfg3075"),
    ("transfer", {"in_qty": D(0)}, "aim-120"),
    ("transfer", {"reason_no": "201"}, "aoo-403"),
    ("transfer", {"in_location_no": "L99"}, "mfg1020"),
)
HEADER_AT_CONFIRM = _cases(
    (ALL, {"employee_no": "E099"}, "mfg1312"),
    (ALL, {"employee_no": "NOBODY"}, "mfg1312"),
    (ALL, {"department_no": "D00"}, "100"),
    (ALL, {"department_no": "D90"}, "mfg0301"),
    (ALL, {"department_no": "D91"}, "mfg3097"),
)


@pytest.mark.parametrize(("kind", "change", "code"), HEADER_AT_CREATE)
def test_a_bad_header_is_refused_at_create(kind: str, change: dict[str, Any], code: str) -> None:
    """The code is that of protocol §5.2, and nothing is stored."""
    erp = new_erp()
    assert codes(erp.create(draft(kind, **change))) == [code]
    assert len(erp.store) == 0


@pytest.mark.parametrize(("kind", "change", "code"), LINE_AT_CREATE)
def test_a_bad_line_is_refused_at_create(kind: str, change: dict[str, Any], code: str) -> None:
    """The code is among the reasons, the line is named, and a good line beside it does not help."""
    erp = new_erp()
    outcome = erp.create(draft(kind, {}, change))
    assert code in codes(outcome)
    assert {reason.data.get("seq") for reason in outcome.reasons if reason.code == code} == {2}  # type: ignore[union-attr]
    assert len(erp.store) == 0


@pytest.mark.parametrize(("kind", "change", "code"), LINE_AT_CONFIRM)
def test_a_transfer_is_created_first_and_checked_when_it_is_confirmed(kind: str, change: dict[str, Any], code: str) -> None:
    """Warehouses, stock, units and reasons of a transfer come up at approve, not at create (protocol §1.7, §5.4)."""
    erp = new_erp()
    made = created(erp, draft(kind, change))
    assert code in codes(act(erp, Operation.APPROVE, made))


@pytest.mark.parametrize(("kind", "change", "code"), HEADER_AT_CONFIRM)
def test_people_are_checked_when_the_document_is_confirmed(kind: str, change: dict[str, Any], code: str) -> None:
    """Applicant and department come up at approve (§5.1)."""
    erp = new_erp()
    made = created(erp, draft(kind, **change))
    assert codes(act(erp, Operation.APPROVE, made)) == [code]


def test_a_document_without_lines_is_refused() -> None:
    """mfg-009, for each type."""
    erp = new_erp()
    for kind in KINDS:
        assert codes(erp.create(replace(draft(kind), lines=()))) == ["mfg-009"]


def test_two_lines_that_draw_on_one_place_are_added_up() -> None:
    """Each of them alone would be covered."""
    erp = new_erp()
    assert codes(erp.create(draft("misc_issue", {"qty": D(600_000)}, {"qty": D(600_000)}))) == ["mfg1303"]


def test_stock_that_went_away_since_the_create_is_missed_at_post() -> None:
    """Posting checks once more: aim-406."""
    erp = new_erp()
    first, second = (created(erp, draft("misc_issue", {"qty": D(700_000)})) for _ in range(2))
    for made in (first, second):
        document(act(erp, Operation.APPROVE, made))
    document(act(erp, Operation.POST, first))
    assert codes(act(erp, Operation.POST, second)) == ["aim-406"]


def test_a_receipt_whose_goods_are_gone_cannot_be_reversed() -> None:
    """dispost answers aim-407 instead of making stock negative."""
    erp = new_erp()
    receipt = created(erp, draft("misc_receipt", {"location_no": "L05"}))
    issue = None
    for operation in (Operation.APPROVE, Operation.POST):
        document(act(erp, operation, receipt))
    issue = created(erp, draft("misc_issue", {"location_no": "L05"}))
    for operation in (Operation.APPROVE, Operation.POST):
        document(act(erp, operation, issue))
    assert codes(act(erp, Operation.DISPOST, receipt)) == ["aim-407"]


def test_a_warehouse_may_allow_negative_stock() -> None:
    """W7 lets go what is not there (imd23)."""
    erp = new_erp()
    issue = created(erp, draft("misc_issue", {"warehouse_no": "W7"}))
    for operation in (Operation.APPROVE, Operation.POST):
        document(act(erp, operation, issue))
    assert min(erp.stock.snapshot().values()) == D(-5)


def test_a_warehouse_may_be_closed_to_the_user() -> None:
    """asf-888 at post for anybody but the keeper of W8."""
    erp = new_erp()
    issue = created(erp, draft("misc_issue", {"warehouse_no": "W8"}))
    document(act(erp, Operation.APPROVE, issue))
    assert codes(act(erp, Operation.POST, issue)) == ["asf-888"]
    document(erp.act(Operation.POST, KINDS["misc_issue"], "PLANT1", issue.doc_no, user="keeper"))


def test_a_month_that_was_closed_meanwhile_refuses_posting() -> None:
    """Date and period are looked at again at post."""
    erp = new_erp()
    made = document(act(erp, Operation.APPROVE, created(erp, draft("misc_issue"))))
    erp.configure(SimulatorSettings(), Master(replace(default_master(), close_date=date(2024, 1, 31))))
    assert codes(act(erp, Operation.POST, made)) == ["mfg9999"]


def test_the_current_period_bounds_the_month() -> None:
    """A later month of the current year is mfg6091, the current one is fine."""
    erp = Erp(SimulatorSettings(), replace(default_master(), current_year=2024, current_period=1))
    assert codes(erp.create(draft("misc_issue", doc_date=date(2024, 2, 1)))) == ["mfg6091"]
    assert codes(erp.create(draft("misc_issue"))) == []


def test_reasons_are_required_where_the_slip_or_the_plant_says_so() -> None:
    """apj-201 by slip; aim-888 for transfers when aza115 is set; aim-031 for receipts without cost."""
    erp = Erp(SimulatorSettings(), replace(default_master(), transfer_reason_required=True, receipt_cost_required=True))
    assert codes(erp.create(draft("misc_issue", {"reason_no": ""}, doc_type_no="I05"))) == ["apj-201"]
    assert codes(act(erp, Operation.APPROVE, created(erp, draft("transfer")))) == ["aim-888"]
    assert codes(erp.create(draft("misc_receipt"))) == ["aim-031"]
    assert codes(erp.create(draft("misc_receipt", {"unit_price": D("1.5")}))) == []


def test_a_work_order_takes_no_more_than_its_quantity_over_all_receipts() -> None:
    """What other documents posted is taken off; what they posted and reversed is not."""
    erp = new_erp()
    line = {"wo_no": "W01-24019006", "qty": D(6)}
    first, second = (created(erp, draft("completion_receipt", line)) for _ in range(2))
    for operation in (Operation.APPROVE, Operation.POST):
        document(act(erp, operation, first))
    assert codes(act(erp, Operation.APPROVE, second)) == ["asf-714"]
    document(act(erp, Operation.DISPOST, first))
    assert codes(act(erp, Operation.APPROVE, second)) == []


def test_a_site_may_report_one_reason_at_a_time() -> None:
    """All reasons by default, the first only where the setting says so."""
    bad = draft("misc_issue", {**LINES["misc_issue"], "item_no": "NO-SUCH", "warehouse_no": "NONE"})
    assert len(codes(new_erp().create(bad))) > 1
    assert codes(new_erp(first_error_only=True).create(bad)) == ["mfg1201"]
