"""One answer about several documents: whatever its order, its gaps and its lies, no document gets another one's outcome."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from importer.errors import OutcomeUnknown
from importer.mapping import load_mappings
from importer.models import Reply, Stage
from importer.protocols.several import Asked, Judged, judge
from importer.settings import Profile, Wire

PART = load_mappings()["misc_issue"].standard
PROFILE = Profile(name="t")
assert PART is not None


def created(number: int) -> Asked:
    token = f"TOKEN{number:011d}"
    header = {"doc_type_no": "I01", "department_no": f"D{number}", "remark": f"note [IMP:{token}]"}
    return Asked(token=token, doc_no="", header=header, lines=[{"item_no": f"ITEM-{number}", "qty": "5"}, {"item_no": "SAME", "qty": "1"}])


def keyed(number: int) -> Asked:
    return Asked(token=f"TOKEN{number:011d}", doc_no=f"I01-{number}", header={"doc_type_no": "I01", "doc_no": f"I01-{number}"})


def answer(success: list[Any], error: list[Any], code: str = "0") -> dict[str, Any]:
    return {"execution": {"code": code, "description": ""}, "parameter": {"result": {"success": success, "error": error}}}


def judged(std: dict[str, Any], asked: list[Asked], profile: Profile = PROFILE) -> Judged:
    assert PART is not None
    return judge(std, {}, PART, profile, asked)


def kinds(found: Judged) -> list[str]:
    return ["?" if reply is None else "yes" if reply.accepted else "no" for reply in found.replies]


def yes(one: Asked, **more: str) -> dict[str, Any]:
    return {"doc_type_no": "I01", "doc_no": one.doc_no or f"I01-{int(one.token[5:]) + 500}", **more}


def no(one: Asked) -> dict[str, Any]:
    """As the sister products answer: the key, and the faulty field beneath."""
    key = {"doc_type_no": "I01", **({"doc_no": one.doc_no} if one.doc_no else {})}
    detail = {} if one.doc_no else {"item_no": one.lines[0]["item_no"]}
    return {"data": key, "information": [{"message": f"mfg1201 {one.token}", "data": detail}]}


@st.composite
def answers(draw: st.DrawFn) -> tuple[list[Asked], list[str], dict[str, Any]]:
    """Documents, what the ERP did with each (done, refused, or not told), and its answer in any order."""
    make = draw(st.sampled_from([created, keyed]))
    asked = [make(number) for number in range(draw(st.integers(2, 8)))]
    done = [draw(st.sampled_from(["yes", "no", "?"])) for _ in asked]
    success = [
        yes(one, **({"remark": one.header["remark"]} if "remark" in one.header else {}))
        for one, what in zip(asked, done, strict=True)
        if what == "yes"
    ]
    error = [no(one) for one, what in zip(asked, done, strict=True) if what == "no"]
    code = draw(st.sampled_from(["0", "-0"]))
    return asked, done, answer(draw(st.permutations(success)), draw(st.permutations(error)), code)


@given(answers())
def test_each_document_gets_its_own_outcome_whatever_the_order(case: tuple[list[Asked], list[str], dict[str, Any]]) -> None:
    """Shuffled and partial answers: what is named is judged, what is not stays open."""
    asked, done, std = case
    found = judged(std, asked)
    assert kinds(found) == done
    for one, reply in zip(asked, found.replies, strict=True):
        if reply is not None and reply.accepted:
            assert reply.doc_no == (one.doc_no or f"I01-{int(one.token[5:]) + 500}")
        if reply is not None and not reply.accepted:
            assert one.token in reply.message


NAMES = ("doc_no", "doc_type_no", "remark", "message", "data", "information")
NONSENSE = st.one_of(st.none(), st.text(max_size=5), st.integers())
LIES = st.one_of(NONSENSE, st.fixed_dictionaries({}, optional=dict.fromkeys(NAMES, NONSENSE)))


@given(answers(), st.lists(LIES, max_size=4), st.lists(LIES, max_size=4), st.data())
def test_lies_never_make_a_document_another_ones(
    case: tuple[list[Asked], list[str], dict[str, Any]], more: list[Any], errors: list[Any], data: st.DataObject
) -> None:
    """Strangers' items, repeated and contradictory ones, any garbage: an outcome is right, or open."""
    asked, done, std = case
    result = std["parameter"]["result"]
    again = (
        data.draw(st.lists(st.sampled_from(result["success"] + result["error"]), max_size=2)) if result["success"] + result["error"] else []
    )
    result["success"] = data.draw(st.permutations([*result["success"], *more, *again, yes(keyed(99))]))
    result["error"] = data.draw(st.permutations([*result["error"], *errors]))
    found = judged(std, asked)
    for one, was, reply in zip(asked, done, found.replies, strict=True):
        if reply is None:
            continue
        assert ("yes" if reply.accepted else "no") == was
        if reply.accepted:
            assert reply.doc_no == yes(one)["doc_no"]


def test_created_documents_without_a_hint_are_numbers_to_be_read_back() -> None:
    """The usual answer to a create names numbers alone: which is whose is not guessed from the order."""
    asked = [created(1), created(2)]
    found = judged(answer([yes(asked[1]), yes(asked[0])], []), asked)
    assert found.replies == [None, None]
    assert sorted(found.numbers) == [("I01", "I01-501"), ("I01", "I01-502")]


@pytest.mark.parametrize(("code", "expected"), [("0", ["yes", "?"]), ("-0", ["yes", "?"]), ("-1", ["?", "?"]), ("", ["?", "?"])])
def test_what_is_listed_under_a_failure_may_have_been_undone(code: str, expected: list[str]) -> None:
    """Only success and partial success make the list believed; which codes these are is the site's word."""
    asked = [keyed(1), keyed(2)]
    assert kinds(judged(answer([yes(asked[0])], [], code), asked)) == expected
    own = Profile(name="t", wire=Wire(partial_codes=("-1", "")))
    assert kinds(judged(answer([yes(asked[0])], [], code), asked, own)) == (["?", "?"] if code == "-0" else ["yes", "?"])


def test_a_refusal_that_fits_several_documents_is_nobodys() -> None:
    """The echo that both have tells nothing; the one that only one has tells which."""
    asked = [created(1), created(2)]
    same = {"data": {"doc_type_no": "I01"}, "information": [{"message": "x", "data": {"item_no": "SAME"}}]}
    assert kinds(judged(answer([], [same], "-1"), asked)) == ["?", "?"]
    assert kinds(judged(answer([], [{"message": "x", "data": {"department_no": "D2"}}], "-1"), asked)) == ["?", "no"]
    assert kinds(judged(answer([], ["something is wrong"], "-1"), asked)) == ["?", "?"]


def test_one_number_is_never_two_documents() -> None:
    """An answer that gives two documents one number gives it to none."""
    asked = [created(1), created(2)]
    success = [{"doc_no": "I01-7", "remark": one.header["remark"]} for one in asked]
    assert kinds(judged(answer(success, []), asked)) == ["?", "?"]


def test_stages_and_gateway_codes_count_as_ever() -> None:
    """A status in an item is the document's own; a service that did not run did nothing for any of them."""
    asked = [keyed(1), keyed(2)]
    found = judged(answer([yes(asked[0], approve_status="Y", post_status="N"), yes(asked[1])], []), asked)
    assert [reply.stage if reply else None for reply in found.replies] == [Stage.APPROVED, None]
    assert PART is not None
    std = {"execution": {"code": "-1", "description": "no plant"}}
    assert [reply.executed for reply in judge(std, {}, PART, PROFILE, asked, srvcode="100").replies if isinstance(reply, Reply)] == [
        False,
        False,
    ]
    with pytest.raises(OutcomeUnknown):
        judge({}, {}, PART, PROFILE, asked)
