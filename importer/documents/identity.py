"""Which document is which: tokens, occurrences, corrections, repeats (design §4.1 rules 3 to 7)."""

from __future__ import annotations

import base64
import hashlib
import unicodedata
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from importer.models import Document, Record, Stage, Status

__all__ = ["TOKEN_LENGTH", "Identified", "identify", "origin_of", "parse_ref", "ref_in_batch", "ref_of", "repeat_mark", "token_of"]

TOKEN_LENGTH: Final = 16
BATCH_MARK: Final = "@"  # between reference and batch


def token_of(erp_id: str, document_type: str, digest: str, occurrence: int, mark: str) -> str:
    """The document's reference in the ERP: 80 bits as 16 characters A-Z2-7 (design §4.1 rule 3)."""
    text = "\0".join((erp_id, document_type, digest, str(occurrence), mark))
    return base64.b32encode(hashlib.sha256(text.encode()).digest()[:10]).decode()


def repeat_mark(reason: str) -> str:
    """The reason of `--again` without the differences that nobody means: width, case, blanks."""
    return " ".join(unicodedata.normalize("NFKC", reason).casefold().split())


def ref_of(document: Document) -> str:
    """What the hidden `_ref` column says: token and occurrence."""
    return f"{document.token}.{document.occurrence}"


def ref_in_batch(ref: str, batch_id: str) -> str:
    """The same for a to-fix workbook, which holds only some documents of a batch's workbook and says which batch.

    A document that never got a token is told from others by any text of its own.
    """
    return f"{ref.partition(BATCH_MARK)[0]}{BATCH_MARK}{batch_id}"


def origin_of(ref: str) -> str:
    """The batch that the `_ref` cell of a to-fix workbook names; empty for others."""
    return ref.partition(BATCH_MARK)[2]


def parse_ref(text: str) -> tuple[str, int] | None:
    """Token and occurrence of a `_ref` cell; None when it has none of ours."""
    token, _, number = text.partition(BATCH_MARK)[0].partition(".")
    if len(token) == TOKEN_LENGTH and number.isdigit() and int(number) > 0:
        return token, int(number)
    return None


Known = Callable[[Iterable[str]], Mapping[str, Record]]
"""Looks tokens up in the ledger."""

Elsewhere = Callable[[Collection[str], Collection[str]], Iterable[tuple[str, int, str]]]
"""Batches, digests -> digest, occurrence and token of the documents that those batches, and those they stem from, hold."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Identified:
    """Documents with their tokens, what the ledger knows of them, and what must not be sent."""

    documents: Sequence[Document]
    known: Mapping[str, Record]  # by token, of those documents that the ledger has
    changed: Sequence[tuple[Document, Record]]  # edited after their predecessor got into the ERP: not to be sent
    superseded: Sequence[Record]  # predecessors that never got into the ERP and must not be sent any more


def identify(
    documents: Sequence[Document], *, erp_id: str, again: str, known: Known, elsewhere: Elsewhere = lambda _batches, _digests: ()
) -> Identified:
    """Give every document its token (design §4.1 rules 3 to 7).

    `again` is the reason of `--again`, empty without. A document whose rows carry a `_ref` keeps its occurrence while its
    content is unchanged; edited, it is a new document only while its predecessor is not in the ERP. In a to-fix workbook,
    documents are counted among all identical ones of the workbook that they come from.
    """
    mark = repeat_mark(again)
    refs = {document.ref: parsed for document in documents if document.ref and (parsed := parse_ref(document.ref))}
    predecessors = known(token for token, _ in refs.values())
    kept: dict[int, tuple[int, str]] = {}  # position -> occurrence, mark of an unchanged document with a `_ref`
    changed: dict[int, Record] = {}
    superseded: list[Record] = []
    for position, document in enumerate(documents):
        if document.ref not in refs:
            continue
        token, occurrence = refs[document.ref]
        predecessor = predecessors.get(token)
        if predecessor and predecessor.digest == document.digest:
            kept[position] = (occurrence, mark or predecessor.repeat_mark)
        elif predecessor is None:
            if token_of(erp_id, document.document_type, document.digest, occurrence, "") == token:
                kept[position] = (occurrence, mark)
        elif not _may_be_there(predecessor):
            superseded.append(predecessor)
        elif not mark:
            changed[position] = predecessor
    numbered = _number(documents, kept, changed, erp_id, mark, _taken_elsewhere(documents, kept, refs.values(), elsewhere))
    settled, found = _past_undone(numbered, erp_id, known)
    return Identified(
        documents=settled,
        known=found,
        changed=[(documents[position], record) for position, record in changed.items()],
        superseded=[record for record in superseded if record.token not in found],
    )


def _taken_elsewhere(
    documents: Sequence[Document], kept: Collection[int], refs: Iterable[tuple[str, int]], elsewhere: Elsewhere
) -> dict[str, set[int]]:
    """Occurrences of identical documents that a to-fix workbook left out; a document that stands in it does not count."""
    origins = {origin for document in documents if (origin := origin_of(document.ref))}
    taken: dict[str, set[int]] = defaultdict(set)
    if origins:
        here = {token for token, _ in refs}
        fresh = {document.digest for position, document in enumerate(documents) if position not in kept}
        for digest, occurrence, token in elsewhere(origins, fresh):
            if token not in here:
                taken[digest].add(occurrence)
    return taken


def _may_be_there(record: Record) -> bool:
    """Whether the ERP has this document, or may have it."""
    if record.stage in (Stage.VOID, Stage.DELETED):
        return False
    return record.stage is not Stage.NEW or (record.entry is not None and record.entry.status in (Status.SENDING, Status.UNKNOWN))


def _number(
    documents: Sequence[Document],
    kept: Mapping[int, tuple[int, str]],
    changed: Collection[int],
    erp_id: str,
    mark: str,
    taken: dict[str, set[int]],
) -> list[Document]:
    """Occurrences among identical documents: those that a `_ref` keeps, and for the others the numbers that are not `taken`."""
    for position, (occurrence, _) in kept.items():
        taken[documents[position].digest].add(occurrence)
    numbered = []
    for position, document in enumerate(documents):
        if position in changed:
            continue
        occurrence, its_mark = kept.get(position, (0, mark))
        if not occurrence:
            used = taken[document.digest]
            occurrence = next(number for number in range(1, len(used) + 2) if number not in used)
            used.add(occurrence)
        token = token_of(erp_id, document.document_type, document.digest, occurrence, its_mark)
        numbered.append(document.identified(occurrence, its_mark, token))
    return numbered


def _past_undone(documents: Sequence[Document], erp_id: str, known: Known) -> tuple[list[Document], dict[str, Record]]:
    """An undone document may be sent again: its number joins the repeat mark, which makes another token of it (rule 7)."""
    settled = list(documents)
    found: dict[str, Record] = {}
    open_positions = list(range(len(settled)))
    while open_positions:
        records = known(settled[position].token for position in open_positions)
        undone = []
        for position in open_positions:
            document = settled[position]
            record = records.get(document.token)
            if record is None:
                continue
            if record.stage in (Stage.VOID, Stage.DELETED):
                marked = f"{document.repeat_mark}\n{record.doc_no or record.token}".lstrip("\n")
                token = token_of(erp_id, document.document_type, document.digest, document.occurrence, marked)
                settled[position] = document.identified(document.occurrence, marked, token)
                undone.append(position)
            else:
                found[document.token] = record
        open_positions = undone
    return settled, found
