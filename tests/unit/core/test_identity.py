"""Digest, token, occurrence, and what a reference and the ledger say about them: design §4.1, rule by rule."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import fields, replace
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from importer.documents import (
    TOKEN_LENGTH,
    Identified,
    digest_of,
    identify,
    origin_of,
    parse_ref,
    ref_in_batch,
    ref_of,
    repeat_mark,
    token_of,
    with_token,
    without_token,
)
from importer.models import Document, Entry, Line, Operation, Record, Stage, Status, Value

HEAD: dict[str, Value] = {"doc_type_no": "I01", "doc_date": date(2026, 1, 31)}


def lines(*quantities: str) -> tuple[Line, ...]:
    return tuple(Line(row=number, fields={"item_no": "X", "qty": Decimal(qty)}) for number, qty in enumerate(quantities, 3))


def doc(*quantities: str, key: str = "A", ref: str = "") -> Document:
    own = lines(*(quantities or ("1",)))
    return Document(
        document_type="misc_issue", key=key, header=HEAD, lines=own, digest=digest_of(HEAD, own), occurrence=0, token="", ref=ref
    )


def record(document: Document, stage: Stage = Stage.POSTED, *, doc_no: str = "I01-1", status: Status | None = None) -> Record:
    """The ledger's record of an identified document."""
    entry = Entry(id=1, document_id=1, operation=Operation.CREATE, status=status) if status else None
    return Record(
        id=1,
        document_type=document.document_type,
        token=document.token,
        digest=document.digest,
        occurrence=document.occurrence,
        repeat_mark=document.repeat_mark,
        key=document.key,
        doc_type_no="I01",
        doc_date="2026-01-31",
        stage=stage,
        doc_no=doc_no if stage is not Stage.NEW else "",
        batch_id="b",
        entry=entry,
    )


def ledger(*records: Record) -> Callable[[Iterable[str]], Mapping[str, Record]]:
    by_token = {record.token: record for record in records}
    return lambda tokens: {token: by_token[token] for token in tokens if token in by_token}


def identified(*documents: Document, known: Iterable[Record] = (), again: str = "", erp_id: str = "test") -> Identified:
    return identify(documents, erp_id=erp_id, again=again, known=ledger(*known))


def only(found: Identified) -> Document:
    (document,) = found.documents
    return document


# -- rule 2: the digest --------------------------------------------------------------------------------------------------

CELLS = st.dictionaries(
    st.sampled_from(["item_no", "lot_no", "qty"]),
    st.one_of(st.text("abc1", max_size=3), st.decimals(0, 99, places=2), st.dates()),
    min_size=1,
)


@given(st.lists(CELLS, min_size=1, max_size=6), st.randoms(use_true_random=False))
def test_the_digest_is_independent_of_the_order_of_lines_and_fields(cells: list[dict[str, Value]], chance: object) -> None:
    """Sorted rows and moved columns are the same content."""
    shuffled = [dict(reversed(item.items())) for item in cells]
    chance.shuffle(shuffled)  # type: ignore[attr-defined]
    first, second = ([Line(row=n, fields=item) for n, item in enumerate(rows)] for rows in (cells, shuffled))
    assert digest_of(HEAD, first) == digest_of(dict(reversed(HEAD.items())), second)


@given(st.decimals(-(10**12), 10**12, places=3), st.integers(0, 5))
def test_the_digest_knows_numbers_not_digits(number: Decimal, zeros: int) -> None:
    """5.0 and 5.00000 are one quantity."""
    longer = Decimal(f"{number}{'0' * zeros}")
    assert digest_of({}, [Line(row=1, fields={"qty": number})]) == digest_of({}, [Line(row=9, fields={"qty": longer})])


def test_the_digest_leaves_blanks_out() -> None:
    """A cell that was cleared and one that never was there are the same."""
    assert digest_of({**HEAD, "remark": ""}, lines("1")) == digest_of(HEAD, lines("1"))


@pytest.mark.parametrize(
    ("header", "content"),
    [
        (HEAD, lines("2")),
        (HEAD, lines("1", "1")),
        ({**HEAD, "remark": "x"}, lines("1")),
        ({**HEAD, "doc_date": date(2026, 2, 1)}, lines("1")),
        ({"doc_type_no": "I01", "remark": HEAD["doc_date"]}, lines("1")),
        ({}, (Line(row=3, fields={**lines("1")[0].fields, **HEAD}),)),
    ],
)
def test_the_digest_sees_every_difference(header: Mapping[str, Value], content: tuple[Line, ...]) -> None:
    """Another quantity, one line more, another field, the same values elsewhere: other content."""
    assert digest_of(header, content) != digest_of(HEAD, lines("1"))


def test_the_digest_stays_what_it_is() -> None:
    """An upgrade must not change the digest silently: documents imported by an older version would be imported again."""
    content = (Line(row=3, fields={"item_no": "料-1", "qty": Decimal("5.500"), "lot_no": ""}), Line(row=4, fields={"qty": Decimal(0)}))
    assert digest_of({**HEAD, "remark": "備註"}, content) == "23da1fb3c79d1175fff6b639e1bd33d4b0e8c14a0f37c15091a56ebcdc25a626"
    assert token_of("test", "misc_issue", "0" * 64, 1, "") == "HKL2B2D7Y3J4DOCF"


# -- rule 3: the token ---------------------------------------------------------------------------------------------------


@given(st.text(), st.text(), st.text(), st.integers(1, 10**6), st.text())
def test_a_token_is_sixteen_characters_that_any_erp_stores(erp: str, kind: str, digest: str, occurrence: int, mark: str) -> None:
    """Capital letters and the digits 2 to 7 only."""
    assert re.fullmatch("[A-Z2-7]{16}", token_of(erp, kind, digest, occurrence, mark))


def test_a_token_differs_with_everything_it_is_made_of() -> None:
    """ERP, document type, content, occurrence and repeat each make another document."""
    made = {
        token_of(*parts)
        for parts in [
            ("a", "t", "d", 1, ""),
            ("b", "t", "d", 1, ""),
            ("a", "u", "d", 1, ""),
            ("a", "t", "e", 1, ""),
            ("a", "t", "d", 2, ""),
            ("a", "t", "d", 1, "m"),
        ]
    }
    assert len(made) == 6


def test_identical_documents_of_a_workbook_are_counted() -> None:
    """Twins get occurrence 1 and 2, others 1; so each has a token of its own."""
    found = identified(doc("1"), doc("2"), doc("1", key="B"))
    assert [document.occurrence for document in found.documents] == [1, 1, 2]
    assert len({document.token for document in found.documents}) == 3


def test_the_same_workbook_gives_the_same_tokens_everywhere() -> None:
    """On any machine, with any ledger, under any key."""
    assert [d.token for d in identified(doc("1"), doc("2")).documents] == [
        d.token for d in identified(doc("1", key="Z"), doc("2")).documents
    ]


def test_a_reason_is_one_repeat_however_it_is_typed() -> None:
    """Case, width and blanks of the reason do not matter, its words do."""
    plain, typed, other = (
        only(identified(doc(), again=text)) for text in ("second delivery", "  ＳＥＣＯＮＤ\tdelivery ", "third delivery")
    )
    assert plain.token == typed.token
    assert len({plain.token, other.token, only(identified(doc())).token}) == 3
    assert repeat_mark("") == ""


# -- rule 4: the reference -------------------------------------------------------------------------------------------------


def test_a_reference_says_token_and_occurrence_and_nothing_else_passes_for_one() -> None:
    """What the hidden column says is read back; what anybody else wrote there is ignored."""
    document = only(identified(doc()))
    assert parse_ref(ref_of(document)) == (document.token, 1)
    for text in ("", "x", "A" * 16, "A" * 16 + ".", "A" * 16 + ".0", "A" * 16 + ".-1", "A" * 15 + ".1", "A" * 16 + ".x"):
        assert parse_ref(text) is None


def test_a_reference_wins_over_counting_while_the_content_is_unchanged() -> None:
    """Only the second of two twins left in the file: it stays the second."""
    _, second = identified(doc(), doc()).documents
    left = only(identified(doc(ref=ref_of(second)), known=[record(second)]))
    assert (left.occurrence, left.token) == (2, second.token)


def test_a_reference_is_kept_also_by_a_ledger_that_does_not_know_it() -> None:
    """After a lost ledger, or on another machine, the second twin is still the second."""
    _, second = identified(doc(), doc()).documents
    assert only(identified(doc(ref=ref_of(second)))).token == second.token


def test_a_new_twin_takes_the_free_number() -> None:
    """A row copied without its reference beside the second twin becomes the first, not the second once more."""
    _, second = identified(doc(), doc()).documents
    found = identified(doc(), doc(ref=ref_of(second)), known=[record(second)])
    assert [document.occurrence for document in found.documents] == [1, 2]


def test_a_reference_of_another_erp_means_nothing() -> None:
    """The results of a test run handed in to production are new documents there."""
    test = only(identified(doc()))
    production = only(identified(doc(ref=ref_of(test)), erp_id="production"))
    assert (production.occurrence, production.token) == (1, only(identified(doc(), erp_id="production")).token)


def test_a_repeat_keeps_its_mark_through_its_results_workbook() -> None:
    """The results of `--again` handed in without a reason are that repeat, already imported, and no third document."""
    repeat = only(identified(doc(), again="second delivery"))
    found = identified(doc(ref=ref_of(repeat)), known=[record(repeat)])
    assert (only(found).token, list(found.known)) == (repeat.token, [repeat.token])


# -- rule 5: corrections ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("stage", "status", "fate"),
    [
        (Stage.NEW, None, "superseded"),
        (Stage.NEW, Status.PENDING, "superseded"),
        (Stage.NEW, Status.REJECTED, "superseded"),
        (Stage.NEW, Status.SENDING, "changed"),
        (Stage.NEW, Status.UNKNOWN, "changed"),
        (Stage.CREATED, None, "changed"),
        (Stage.CREATED, Status.REJECTED, "changed"),
        (Stage.APPROVED, None, "changed"),
        (Stage.POSTED, None, "changed"),
        (Stage.VOID, None, "superseded"),
        (Stage.DELETED, None, "superseded"),
    ],
)
def test_a_corrected_document_is_new_only_while_its_predecessor_is_not_in_the_erp(stage: Stage, status: Status | None, fate: str) -> None:
    """In the ERP, or perhaps there: an issue with its number. Not there: the correction takes its place."""
    before = only(identified(doc("1")))
    found = identified(doc("2", ref=ref_of(before)), known=[record(before, stage, status=status)])
    if fate == "changed":
        assert (len(found.documents), [r.token for _, r in found.changed], found.superseded) == (0, [before.token], [])
    else:
        assert (only(found).occurrence, found.changed, [r.token for r in found.superseded]) == (1, [], [before.token])
        assert only(found).token == only(identified(doc("2"))).token


def test_again_sends_a_changed_document_beside_its_predecessor() -> None:
    """A reason is the person's word that both are meant."""
    before = only(identified(doc("1")))
    found = identified(doc("2", ref=ref_of(before)), known=[record(before)], again="both are meant")
    assert (only(found).repeat_mark, found.changed, found.superseded) == ("both are meant", [], [])


def test_what_still_stands_in_the_workbook_is_not_superseded() -> None:
    """A copy edited beside its unchanged original replaces nothing."""
    before = only(identified(doc("1")))
    waiting = record(before, Stage.NEW, status=Status.PENDING)
    found = identified(doc("1", ref=ref_of(before)), doc("2", ref=ref_of(before)), known=[waiting])
    assert (len(found.documents), found.superseded) == (2, [])


# -- rule 7: undone documents ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("stage", [Stage.VOID, Stage.DELETED])
def test_an_undone_document_may_be_sent_again_without_a_reason(stage: Stage) -> None:
    """Its former number joins the mark, so that it is another document, always the same one; undone twice, a third."""
    first = only(identified(doc()))
    gone = record(first, stage, doc_no="I01-7")
    second = only(identified(doc(), known=[gone]))
    assert second.token == only(identified(doc(), known=[gone])).token != first.token
    assert second.repeat_mark == "I01-7"
    third = only(identified(doc(), known=[gone, record(second, stage, doc_no="I01-8")]))
    assert third.repeat_mark == "I01-7\nI01-8"
    assert len({first.token, second.token, third.token}) == 3


def test_the_successor_of_an_undone_document_is_known_when_it_is_there() -> None:
    """Undone, sent again, handed in once more: already imported under the second number."""
    first = only(identified(doc()))
    gone = record(first, Stage.VOID)
    second = only(identified(doc(), known=[gone]))
    found = identified(doc(), known=[gone, record(second, doc_no="I01-8")])
    assert {token: known.doc_no for token, known in found.known.items()} == {second.token: "I01-8"}


def test_a_document_undone_without_a_number_does_not_hang_the_import() -> None:
    """An ERP that never told a number: whatever comes of it, the import goes on."""
    first = only(identified(doc()))
    assert len(identified(doc(), known=[replace(record(first, Stage.DELETED), doc_no="")]).documents) == 1


# -- the token's place -------------------------------------------------------------------------------------------------------


@given(st.text(alphabet=st.characters(blacklist_characters="[", blacklist_categories=["Cs", "Zs", "Cc"])))
def test_a_remark_is_given_back_without_the_token(text: str) -> None:
    """What the user typed travels whole and comes back whole."""
    carried = with_token(text, "ABCDEFGHIJKLMNOP")
    assert carried.endswith("[IMP:ABCDEFGHIJKLMNOP]")
    assert without_token(carried) == text
    assert without_token(text) == text


def test_a_reference_of_a_to_fix_workbook_says_also_the_batch() -> None:
    """Token and occurrence stay readable with the batch behind them; a newer batch takes the place of an older one."""
    token = "A" * TOKEN_LENGTH
    first = ref_in_batch(f"{token}.2", "20260131-120000-abcdef")
    assert (parse_ref(first), origin_of(first)) == ((token, 2), "20260131-120000-abcdef")
    second = ref_in_batch(first, "20260201-080000-123456")
    assert (parse_ref(second), origin_of(second)) == ((token, 2), "20260201-080000-123456")
    fresh = ref_in_batch("17", "20260131-120000-abcdef")
    assert (parse_ref(fresh), origin_of(fresh), origin_of(f"{token}.2")) == (None, "20260131-120000-abcdef", "")


def test_a_document_keeps_everything_but_its_identity() -> None:
    """Also a field that comes to it one day."""
    filled = {item.name: f"{item.name} as it was" for item in fields(Document)}
    before = Document(**filled)  # type: ignore[arg-type]  # what the values are does not matter
    assert before.identified(2, "mark", "token") == replace(before, occurrence=2, repeat_mark="mark", token="token")
