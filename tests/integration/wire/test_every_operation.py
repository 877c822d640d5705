"""The vendor's list as a table: every document type, every operation, every form of the wire, with its effect seen in the ERP.

4 document types x 10 operations x JSON and XML x header and envelope style, and the combined services x SOAP and invokeSrv. Each cell is
one exchange over HTTP; whether it did what it says is read from the simulator's books, not from its answer. The table is written to
`.artefacts/operations.md`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date
from decimal import Decimal
from itertools import product
from pathlib import Path
from typing import Final

import pytest

from importer.channel.custom import CustomChannel
from importer.channel.standard import StandardChannel
from importer.client import Client
from importer.demo import demo_rows
from importer.documents import digest_of, token_of
from importer.mapping import DOC_KEY, load_mappings
from importer.models import Document, Line, Operation, Stage
from importer.settings import CustomXml, Profile
from importer.simulator import Simulator, SimulatorSettings

MAPPINGS: Final = load_mappings()
TYPES: Final = ("misc_issue", "misc_receipt", "transfer", "completion_receipt")
FORMS: Final = tuple(product(("json", "xml"), ("header", "envelope")))
OPERATIONS: Final = tuple(operation for operation in Operation if operation is not Operation.COMBINED)
COMBINED: Final = tuple(name for name in TYPES if MAPPINGS[name].custom)
ARTEFACT: Final = Path(__file__).parents[3] / ".artefacts" / "operations.md"
QUANTITY: Final = {"misc_issue": "qty", "misc_receipt": "qty", "completion_receipt": "qty", "transfer": "out_qty"}

Cells = dict[tuple[str, ...], str]


@pytest.fixture(scope="module")
def erp() -> Iterator[Simulator]:
    """One strict ERP for the whole table: a wrong key or a missing header is refused, not only counted."""
    with Simulator(SimulatorSettings(digi_key="strict", strict_headers=True)) as simulator:
        yield simulator
        assert simulator.protocol_faults() == []


@pytest.fixture(scope="module")
def table() -> Iterator[Cells]:
    """Collects the cells and writes them down when all have been exercised."""
    cells: Cells = {}
    yield cells
    rows = ["| document | form | " + " | ".join(OPERATIONS) + " | combined |", "|---" * (len(OPERATIONS) + 3) + "|"]
    for name, form in sorted({(key[0], key[1]) for key in cells}):
        rows.append(f"| {name} | {form} | " + " | ".join(cells.get((name, form, op), "") for op in (*OPERATIONS, "combined")) + " |")
    ARTEFACT.parent.mkdir(exist_ok=True)
    ARTEFACT.write_text("\n".join(rows) + "\n", encoding="utf-8")


def make_document(document_type: str, seed: int) -> Document:
    """A sound document of two lines with its token."""
    mapping = MAPPINGS[document_type]
    rows = list(demo_rows(mapping, documents=1, lines=2, day=date(2026, 1, 31), seed=seed))
    header = {name: rows[0][name] for name in mapping.header if name in rows[0]}
    header["remark"] = f"列 {seed} & <一> \"二\" '三' 😀"
    lines = tuple(
        Line(row=number, fields={name: row[name] for name in mapping.lines if name in row and name != DOC_KEY})
        for number, row in enumerate(rows, start=3)
    )
    digest = digest_of(header, lines)
    token = token_of("matrix", document_type, digest, 1, "")
    return Document(document_type=document_type, key="1", header=header, lines=lines, digest=digest, occurrence=1, token=token)


def channel_for(erp: Simulator, document_type: str, form: str, style: str, client: list[Client]) -> StandardChannel:
    profile = Profile(name="m", erp_id="matrix", standard_url=erp.standard_url, format=form, style=style)
    client.append(Client(profile))
    return StandardChannel(profile, MAPPINGS[document_type], client[-1])


@pytest.fixture
def clients() -> Iterator[list[Client]]:
    """Closed after the test."""
    made: list[Client] = []
    yield made
    for client in made:
        client.close()


@pytest.mark.parametrize("operation", OPERATIONS)
@pytest.mark.parametrize(("form", "style"), FORMS)
@pytest.mark.parametrize("document_type", TYPES)
def test_standard_operation(
    document_type: str, form: str, style: str, operation: Operation, erp: Simulator, table: Cells, clients: list[Client]
) -> None:
    """Each of the ten operations does in the ERP what it says, for each document type, in each format and style."""
    channel = channel_for(erp, document_type, form, style, clients)
    seed = (TYPES.index(document_type) * 10 + OPERATIONS.index(operation)) * 10 + FORMS.index((form, style))
    document = make_document(document_type, seed)
    created = channel.write(Operation.CREATE, document).reply
    assert created is not None
    assert created.accepted, created.message
    number = created.doc_no
    standing = erp.document(number)
    assert standing is not None
    assert standing.header["remark"] == f"{document.header['remark']} [IMP:{document.token}]"
    assert [line[QUANTITY[document_type]] for line in standing.lines] == [line.fields[QUANTITY[document_type]] for line in document.lines]
    if operation is not Operation.CREATE:
        CHECKS[operation](channel, erp, document, number)
    table[(document_type, f"{form} {style}", operation.value)] = "✓"


# -- what each operation must have done ------------------------------------------------------------------------------


def _write(channel: StandardChannel, document: Document, operation: Operation, number: str) -> None:
    reply = channel.write(operation, document, doc_type_no=str(document.header["doc_type_no"]), doc_no=number).reply
    assert reply is not None
    assert reply.accepted, reply.message


def _approve(channel: StandardChannel, erp: Simulator, document: Document, number: str) -> None:
    _write(channel, document, Operation.APPROVE, number)
    assert (erp.document(number).confirm, erp.document(number).post) == ("Y", "N")


def _disapprove(channel: StandardChannel, erp: Simulator, document: Document, number: str) -> None:
    erp.act("approve", number)
    _write(channel, document, Operation.DISAPPROVE, number)
    assert erp.document(number).confirm == "N"


def _post(channel: StandardChannel, erp: Simulator, document: Document, number: str) -> None:
    erp.act("approve", number)
    before = len(erp.movements())
    _write(channel, document, Operation.POST, number)
    moved = [movement for movement in erp.movements()[before:] if movement.doc_no == number]
    sent = sum(Decimal(line.fields[QUANTITY[document.document_type]]) for line in document.lines)
    assert sum(abs(movement.qty) for movement in moved) == sent * (2 if document.document_type == "transfer" else 1)


def _dispost(channel: StandardChannel, erp: Simulator, document: Document, number: str) -> None:
    stock = erp.stock()
    erp.act("approve", number)
    erp.act("post", number)
    assert erp.stock() != stock
    _write(channel, document, Operation.DISPOST, number)
    assert {place: quantity for place, quantity in erp.stock().items() if quantity} == {
        place: quantity for place, quantity in stock.items() if quantity
    }
    assert erp.document(number).post == "N"


def _delete(channel: StandardChannel, erp: Simulator, document: Document, number: str) -> None:
    _write(channel, document, Operation.DELETE, number)
    assert erp.document(number) is None


def _invalid(channel: StandardChannel, erp: Simulator, document: Document, number: str) -> None:
    _write(channel, document, Operation.INVALID, number)
    assert erp.document(number).confirm == "X"


def _update(channel: StandardChannel, erp: Simulator, document: Document, number: str) -> None:
    name = QUANTITY[document.document_type]
    changed = {"seq": Decimal(2), name: Decimal("7.125")} | ({"in_qty": Decimal("7.125")} if document.document_type == "transfer" else {})
    slip = str(document.header["doc_type_no"])
    reply = channel.update(doc_type_no=slip, doc_no=number, header={"department_no": "D50"}, lines=[changed]).reply
    assert reply is not None
    assert reply.accepted, reply.message
    standing = erp.document(number)
    assert standing.header["department_no"] == "D50"
    assert [line[name] for line in standing.lines] == [document.lines[0].fields[name], Decimal("7.125")]


def _query(channel: StandardChannel, erp: Simulator, document: Document, number: str) -> None:
    other = channel.write(
        Operation.CREATE, replace(document, token=token_of("matrix", document.document_type, document.digest, 2, ""))
    ).reply
    assert other is not None
    found = list(channel.find([{"field_name": "remark", "operator": "like", "value": f"%{document.token}%"}]))
    assert [item.doc_no for item in found] == [number]
    assert found[0].stage is Stage.CREATED


def _read(channel: StandardChannel, erp: Simulator, document: Document, number: str) -> None:
    erp.act("approve", number)
    found = channel.read(document, doc_type_no=str(document.header["doc_type_no"]), doc_no=number)
    assert found is not None
    assert found.stage is Stage.APPROVED
    assert [Decimal(str(line[QUANTITY[document.document_type]])) for line in found.lines] == [
        line.fields[QUANTITY[document.document_type]] for line in document.lines
    ]
    assert found.header["remark"] == erp.document(number).header["remark"]


CHECKS: Final[dict[Operation, Callable[[StandardChannel, Simulator, Document, str], None]]] = {
    Operation.APPROVE: _approve,
    Operation.DISAPPROVE: _disapprove,
    Operation.POST: _post,
    Operation.DISPOST: _dispost,
    Operation.DELETE: _delete,
    Operation.INVALID: _invalid,
    Operation.UPDATE: _update,
    Operation.QUERY: _query,
    Operation.READ: _read,
}


@pytest.mark.parametrize("post", [False, True], ids=["create only", "create, approve, post"])
@pytest.mark.parametrize("carrier", ["soap", "invokeSrv"])
@pytest.mark.parametrize("document_type", COMBINED)
def test_combined_service(document_type: str, carrier: str, post: bool, erp: Simulator, table: Cells, clients: list[Client]) -> None:
    """Each combined service creates the document in one call, and with status Y approves and posts it, by SOAP and through invokeSrv."""
    profile = Profile(name="m", erp_id="matrix", custom_url=erp.custom_url, custom=CustomXml(carrier=carrier))
    clients.append(Client(profile))
    channel = CustomChannel(profile, MAPPINGS[document_type], clients[-1])
    seed = 900 + COMBINED.index(document_type) * 10 + ["soap", "invokeSrv"].index(carrier) * 2 + post
    document = make_document(document_type, seed)
    reply = channel.write(document, post=post).reply
    assert reply is not None
    assert reply.accepted, reply.message
    standing = erp.document(reply.doc_no)
    assert (standing.confirm, standing.post, standing.times_posted) == (("Y", "Y", 1) if post else ("N", "N", 0))
    assert [line[QUANTITY[document_type]] for line in standing.lines] == [line.fields[QUANTITY[document_type]] for line in document.lines]
    table[(document_type, carrier, "combined")] = "✓"
