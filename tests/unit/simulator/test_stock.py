from __future__ import annotations

from collections import Counter
from decimal import Decimal

from hypothesis import given, settings
from hypothesis import strategies as st
from unit.simulator.erp_drafts import act, created, document, draft, new_erp

from importer.simulator.erp.documents import Document, Operation, StockKey
from importer.simulator.erp.erp import Erp
from importer.simulator.erp.kinds import KINDS

D = Decimal
W1 = StockKey("PLANT1", "ITEM-0001", "W1", " ", " ")
W2 = StockKey("PLANT1", "ITEM-0001", "W2", " ", " ")


def _posted(erp: Erp, kind: str, **line: object) -> Document:
    made = created(erp, draft(kind, line))
    document(act(erp, Operation.APPROVE, made))
    return document(act(erp, Operation.POST, made))


def test_posting_moves_stock_and_nothing_else_does() -> None:
    """An issue takes, a receipt and a completion give, a transfer does both; creating and approving move nothing."""
    for kind, w1, w2 in (("misc_issue", -5, 0), ("misc_receipt", 5, 0), ("transfer", -5, 5), ("completion_receipt", 0, 5)):
        erp = new_erp()
        before = erp.stock.snapshot()
        document(act(erp, Operation.APPROVE, created(erp, draft(kind))))
        assert erp.stock.snapshot() == before
        _posted(erp, kind)
        assert erp.stock.on_hand(W1) == before[W1] + w1
        assert erp.stock.on_hand(W2) == before[W2] + w2


def test_quantities_are_kept_to_the_last_digit_in_the_stock_unit() -> None:
    """1.5 boxes of twelve are 18 pieces; 0.1 + 0.2 is 0.3."""
    erp = new_erp()
    _posted(erp, "misc_receipt", unit_no="BOX", qty=D("1.5"))
    _posted(erp, "misc_receipt", qty=D("0.1"))
    _posted(erp, "misc_receipt", qty=D("0.2"))
    assert erp.stock.on_hand(W1) == D("1000018.3")


def test_a_receipt_makes_the_stock_record_that_an_issue_misses() -> None:
    """A missing record is not a stock of zero (protocol §5.3)."""
    erp = new_erp()
    place = StockKey("PLANT1", "ITEM-0001", "W2", "L01", " ")
    assert erp.stock.on_hand(place) is None
    _posted(erp, "misc_receipt", warehouse_no="W2", location_no="L01")
    assert erp.stock.on_hand(place) == 5


STEPS = st.lists(
    st.tuples(st.integers(0, 5), st.sampled_from(["approve", "disapprove", "post", "dispost", "invalid", "delete"])), max_size=40
)


@settings(max_examples=40, deadline=None)
@given(kinds=st.lists(st.sampled_from(sorted(KINDS)), min_size=1, max_size=6), steps=STEPS)
def test_stock_is_what_the_movements_say_and_only_posted_documents_move_it(kinds: list[str], steps: list[tuple[int, str]]) -> None:
    """Whatever is done in whatever order, opening stock + movements = stock, and each document's net effect is its state's."""
    erp = new_erp()
    opening = erp.stock.snapshot()
    made = [created(erp, draft(kind)) for kind in kinds]
    for index, operation in steps:
        act(erp, Operation(operation), made[index % len(made)])
    moved: Counter[StockKey] = Counter()
    net: dict[str, int] = {}
    for movement in erp.stock.movements:
        moved[movement.key] += movement.qty  # type: ignore[assignment]
        net[movement.doc_no] = net.get(movement.doc_no, 0) + (-1 if movement.reversal else 1)
    assert erp.stock.snapshot() == {key: qty + moved.get(key, 0) for key, qty in opening.items()}
    lines = {"transfer": 2}
    for one in made:
        now = erp.store.get(KINDS[one.kind], "PLANT1", one.doc_no)
        posted = now is not None and now.post == "Y"
        assert net.get(one.doc_no, 0) == (lines.get(one.kind, 1) if posted else 0)


@settings(max_examples=30, deadline=None)
@given(steps=st.lists(st.sampled_from(["create", "approve", "post", "dispost", "delete", "invalid"]), max_size=12))
def test_a_transaction_that_is_rolled_back_leaves_no_trace(steps: list[str]) -> None:
    """Documents, stock, movements and totals are as before."""
    erp = new_erp()
    made = _posted(erp, "completion_receipt")

    def state() -> object:
        return {one.doc_no: one for one in erp.store}, erp.stock.snapshot(), list(erp.stock.movements), dict(erp.facts.done)

    before = state()
    with erp.journal.transaction():
        for step in steps:
            if step == "create":
                made = created(erp, draft("completion_receipt"))
            else:
                act(erp, Operation(step), made)
        erp.journal.roll_back()
    assert state() == before
    assert {key: qty for key, qty in erp.stock.totals().items() if qty} == {("completion_receipt", "PLANT1", "ITEM-0001", "W2"): D(5)}
