from __future__ import annotations

from datetime import date

from unit.simulator.erp_drafts import codes, created, draft, new_erp


def test_numbers_count_per_slip_and_month() -> None:
    """TYPE-YYMMNNNN, the month being that of the document date (protocol §3.6)."""
    erp = new_erp()
    numbers = [
        created(erp, draft("misc_issue")).doc_no,
        created(erp, draft("misc_issue")).doc_no,
        created(erp, draft("misc_issue", doc_date=date(2024, 2, 1))).doc_no,
        created(erp, draft("misc_receipt")).doc_no,
    ]
    assert numbers == ["I01-24010001", "I01-24010002", "I01-24020001", "R01-24010001"]


def test_a_manual_slip_takes_the_callers_number_once() -> None:
    """The second create with the same number is apm-920, which is how a site can be safe against repeats (protocol §6)."""
    erp = new_erp()
    assert created(erp, draft("misc_issue", doc_type_no="I03", doc_no="I03-MINE")).doc_no == "I03-MINE"
    assert codes(erp.create(draft("misc_issue", doc_type_no="I03", doc_no="I03-MINE"))) == ["apm-920"]
    assert codes(erp.create(draft("misc_issue", doc_type_no="I03", doc_no="OTHER-1"))) == ["apm-920"]
    assert codes(erp.create(draft("misc_issue", doc_type_no="I03", doc_no="I03-" + "9" * 17))) == ["apm-920"]


def test_the_full_number_may_stand_in_the_slip_type_field() -> None:
    """As in ina01: a slip type, or a number (protocol §1.6)."""
    erp = new_erp(manual_numbers=True)
    made = created(erp, draft("misc_issue", doc_type_no="I01-24010001"))
    assert (made.doc_no, made.slip) == ("I01-24010001", "I01")
    assert created(erp, draft("misc_issue")).doc_no == "I01-24010002"


def test_a_full_month_grows_or_refuses() -> None:
    """After 9999 documents the serial gets a fifth digit, or the ERP has no number left."""
    for overflow, wanted in (("grow", "I01-240110000"), ("refuse", "")):
        erp = new_erp(serial_overflow=overflow)
        erp.store._serials["PLANT1", "ina", "I01-2401"] = 9999
        outcome = erp.create(draft("misc_issue"))
        assert codes(outcome) == ([] if wanted else ["apm-920"])
        assert [document.doc_no for document in erp.store] == ([wanted] if wanted else [])
