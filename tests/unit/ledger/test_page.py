"""What the web page asks of the ledger: documents by words, figures, uploads that somebody may see, and tasks."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime, timedelta

import pytest
from unit.ledger.making import enqueue, hand_in, post_all, token

from importer.errors import ConfigurationError
from importer.ledger import Ledger, Scope, Seen, Task, Upload, User
from importer.models import Operation, Stage

LONG_AGO = datetime.now(UTC) - timedelta(days=3)


def handed_in(ledger: Ledger, id_: str, *, by: str = "anne", profile: str = "test") -> Upload:
    """An upload of a user who is there."""
    ledger.portal.save_user(User(name=by))
    content = id_.encode()
    upload = Upload(
        id=id_,
        profile=profile,
        uploader=by,
        file=f"{id_}.xlsx",
        sha256=hashlib.sha256(content).hexdigest(),
        document_type="misc_issue",
        rows=1,
        documents=1,
        errors=0,
        warnings=0,
        until="posted",
        policy="all",
    )
    ledger.portal.add_upload(upload, content)
    return upload


def test_documents_are_found_by_words(ledger: Ledger) -> None:
    """By part of a key, by the whole reference; a sign that SQL knows means itself."""
    hand_in(ledger, "b1", ["10", "11", "2%"])
    keys = [member.record.key for member in ledger.member_search("b1", words="K1", limit=10)]
    assert keys == ["K10", "K11"]
    assert [member.record.key for member in ledger.member_search("b1", words="%", limit=10)] == ["K2%"]
    assert ledger.member_count("b1", words=token("11")) == 1
    assert ledger.member_count("b1", shown="new") == 3
    assert [member.record.key for member in ledger.member_search("b1", limit=1, offset=1)] == ["K11"]


def test_one_document_with_its_content(ledger: Ledger) -> None:
    """By its reference, in its own batch only."""
    hand_in(ledger, "b1", ["a"])
    found = ledger.member("b1", token("a"))
    assert found is not None
    assert found[1].header["remark"] == "發料"
    assert ledger.member("b1", token("b")) is None
    assert ledger.member("b2", token("a")) is None


def test_figures_count_what_one_may_see(ledger: Ledger) -> None:
    """Batches of the profiles in scope, and one's own; nothing older than asked for."""
    hand_in(ledger, "b1", ["a", "b"])
    portal = ledger.portal
    [found] = portal.standings(Scope(profiles=["test"]), LONG_AGO)
    assert (found.documents, found.stage, found.until) == (2, Stage.NEW, Stage.POSTED)
    assert portal.standings(Scope(profiles=["other"], person="anne"), LONG_AGO) == []
    assert portal.standings(Scope(profiles=["test"]), datetime.now(UTC) + timedelta(days=1)) == []
    assert portal.durations(Scope(profiles=["test"]), LONG_AGO) == []


def test_durations_count_the_calls(sending: Ledger) -> None:
    """One line per operation, each answered call once, in the order of a document's way."""
    hand_in(sending, "b1", ["a", "b"])
    enqueue(sending, "b1")
    post_all(sending, "b1")
    found = sending.portal.durations(Scope(profiles=["test"]), LONG_AGO)
    assert [(item.operation, item.calls) for item in found] == [(Operation.CREATE, 2), (Operation.APPROVE, 2), (Operation.POST, 2)]


def test_uploads_that_somebody_may_see(ledger: Ledger) -> None:
    """All of some profiles, in others only one's own; piece by piece without gaps."""
    for id_, by, profile in (("u1", "anne", "test"), ("u2", "bob", "test"), ("u3", "anne", "live"), ("u4", "bob", "live")):
        handed_in(ledger, id_, by=by, profile=profile)
    seen = Seen(person="anne", whole=["live"], own=["live", "test"])
    assert {upload.id for upload in ledger.portal.uploads(seen=seen)} == {"u1", "u3", "u4"}
    pieces = [upload.id for offset in range(4) for upload in ledger.portal.uploads(seen=seen, limit=1, offset=offset)]
    assert sorted(pieces) == ["u1", "u3", "u4"]
    nothing = Seen(person="anne", whole=[], own=[])
    assert ledger.portal.uploads(seen=nothing) == []


def test_one_task_at_a_time(ledger: Ledger) -> None:
    """A second one is refused until the first has ended; each profile has its own line."""
    handed_in(ledger, "u1")
    portal = ledger.portal
    portal.add_task(Task(upload_id="u1", kind="undo", asked_by="anne"))
    with pytest.raises(ConfigurationError):
        portal.add_task(Task(upload_id="u1", kind="verify", asked_by="anne"))
    assert [task.kind for task in portal.tasks(["test"])] == ["undo"]
    assert portal.tasks(["live"]) == []
    portal.end_task("u1")
    assert portal.task("u1") is None
    portal.add_task(Task(upload_id="u1", kind="verify", asked_by="anne"))
