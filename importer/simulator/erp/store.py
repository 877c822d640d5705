"""All documents of the ERP, found by number or by the reference that the importer left in them; and the next number."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from typing import Any, Final

from importer.simulator.erp.documents import Document
from importer.simulator.erp.journal import Journal
from importer.simulator.erp.kinds import Kind

TOKEN: Final = re.compile(r"\[IMP:([A-Z2-7]{16})\]")
_MAX_NUMBER: Final = 20  # v20 in every table


def tokens_in(header: Mapping[str, Any]) -> tuple[str, ...]:
    """Importer references anywhere in a header's texts."""
    texts = [value for value in header.values() if isinstance(value, str) and "[IMP:" in value]
    return tuple(found for text in texts for found in TOKEN.findall(text)) if texts else ()


class Store:
    """Documents by plant, table and number. Numbers are unique per table, as in the ERP."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal
        self._documents: dict[tuple[str, str, str], Document] = {}
        self._by_kind: defaultdict[tuple[str, str], dict[str, Document]] = defaultdict(dict)
        self._by_token: defaultdict[str, set[tuple[str, str, str]]] = defaultdict(set)
        self._serials: dict[tuple[str, str, str], int] = {}
        self._created = 0

    def __iter__(self) -> Iterator[Document]:
        return iter(self._documents.values())

    def __len__(self) -> int:
        return len(self._documents)

    def get(self, kind: Kind, plant: str, doc_no: str) -> Document | None:
        return self._by_kind[plant, kind.name].get(doc_no)

    def taken(self, kind: Kind, plant: str, doc_no: str) -> bool:
        return (plant, kind.table, doc_no) in self._documents

    def of_kind(self, kind: Kind, plant: str) -> Iterable[Document]:
        return self._by_kind[plant, kind.name].values()

    def with_token(self, token: str) -> list[Document]:
        """Every document, void ones too, whose header carries the token."""
        return [self._documents[key] for key in sorted(self._by_token.get(token, ()))]

    def tokens(self) -> dict[str, list[Document]]:
        return {token: self.with_token(token) for token, keys in self._by_token.items() if keys}

    def next_created(self) -> int:
        self._created += 1
        return self._created

    def put(self, kind: Kind, document: Document) -> None:
        """Insert or replace."""
        before = self.get(kind, document.plant, document.doc_no)
        self._set(kind, document, before)
        if self._journal.open:
            self._journal.note(lambda: self._undo_put(kind, document, before))

    def remove(self, kind: Kind, document: Document) -> None:
        self._unset(kind, document)
        if self._journal.open:
            self._journal.note(lambda: self._set(kind, document, None))

    def _undo_put(self, kind: Kind, document: Document, before: Document | None) -> None:
        if before is None:
            self._unset(kind, document)
        else:
            self._set(kind, before, document)

    def _set(self, kind: Kind, document: Document, before: Document | None) -> None:
        key = (document.plant, kind.table, document.doc_no)
        if before is not None and before.tokens != document.tokens:
            self._forget_tokens(key, before)
        self._documents[key] = document
        self._by_kind[document.plant, kind.name][document.doc_no] = document
        for token in document.tokens:
            self._by_token[token].add(key)

    def _unset(self, kind: Kind, document: Document) -> None:
        key = (document.plant, kind.table, document.doc_no)
        del self._documents[key]
        del self._by_kind[document.plant, kind.name][document.doc_no]
        self._forget_tokens(key, document)

    def _forget_tokens(self, key: tuple[str, str, str], document: Document) -> None:
        for token in document.tokens:
            self._by_token[token].discard(key)

    def next_number(self, kind: Kind, plant: str, slip: str, day: date, *, may_grow: bool) -> str | None:
        """TYPE-YYMMNNNN (protocol §3.6); None when the month has no serial left."""
        stem = f"{slip}-{day:%y%m}"
        while True:
            serial = self._serials.get((plant, kind.table, stem), 0) + 1
            number = f"{stem}{serial:04}"
            if (serial > 9999 and not may_grow) or len(number) > _MAX_NUMBER:
                return None
            self._serials[plant, kind.table, stem] = serial
            if (plant, kind.table, number) not in self._documents:
                return number
