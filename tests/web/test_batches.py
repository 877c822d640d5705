"""What people do with a batch that was sent, on the page and at the desk."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from site_folder import SiteFolder, movements_of, once_each, sound_rows
from web.conftest import Office
from web.moving import batch_of, desk_of, idle, now, sent, until, uploaded, who

from importer.api.undoing import call
from importer.errors import ConfigurationError, NotAllowed, NotThere
from importer.models import Operation, Status
from importer.simulator import FaultKind, FaultRule, Simulator

BLIND = [FaultRule(kind=FaultKind.HTTP_502, operation="query", skip=1), FaultRule(kind=FaultKind.HTTP_502, operation="read")]


def made_unknown(office: Office, erp: Simulator) -> Any:
    """An upload one of whose documents was created without an answer, while the ERP cannot be asked; then it can be asked again."""
    erp.add_faults(FaultRule(kind=FaultKind.LOST_ANSWER, operation="create", times=1), *BLIND)
    upload = sent(office, sound_rows())
    until(lambda: idle(office, upload))
    assert desk_of(office).ledger.counts(batch_of(office, upload)).entries[Status.UNKNOWN] == 1
    erp.clear_faults()
    return upload


def test_what_the_erp_cannot_tell_is_resolved_by_a_person(office: Office, erp: Simulator, sign_in: Callable[..., Any], shots: Path) -> None:
    """The document is found among all of them, Bob says what he saw in the ERP, and the rest is carried on; who said so is recorded."""
    upload = made_unknown(office, erp)
    bob = sign_in("bob")
    bob.goto(f"/uploads/{upload.id}")
    bob.click("text=顯示這些單據")
    assert bob.locator("tbody tr").count() == 1
    bob.click("tbody a")
    bob.screenshot(path=shots / "resolve.png", full_page=True)
    token = bob.url.rsplit("/", 1)[-1]
    there = next(document for document in erp.documents() if token in str(document.header))
    bob.check("input[value=created]")
    bob.fill("#doc_no", there.doc_no)
    bob.fill("#reason", "looked in aint301")
    bob.click("form[action$=resolve] button")
    bob.wait_for_selector(f"dd:has-text('{there.doc_no}')")
    assert "looked in aint301" in bob.inner_text("#events + .wide")
    bob.goto(f"/uploads/{upload.id}")
    bob.click("text=繼續")
    bob.wait_for_selector("text=3 張單據中完成 3 張")
    once_each(erp, movements_of("misc_issue", sound_rows()), 3)
    story = desk_of(office).batches.story(who(office, "bob"), upload.id, token)
    assert [event.actor for event in story.events if event.kind == "settle"] == ["bob"]
    entry = desk_of(office).portal.audit_trail(target=upload.id, user_name="bob")
    assert any(found.action == "resolved" and "looked in aint301" in found.detail for found in entry)


def test_the_erp_is_asked_again(office: Office, erp: Simulator, sign_in: Callable[..., Any]) -> None:
    """Reconciling from the page settles what the ERP can tell by now; the uploader may ask, too."""
    upload = made_unknown(office, erp)
    anne = sign_in("anne")
    anne.goto(f"/uploads/{upload.id}")
    anne.click("text=向 ERP 查詢結果不明的單據")
    anne.wait_for_selector("text=Settled 1, still unknown 0")  # in the profile's language, as Anne has chosen none
    anne.click("text=繼續")
    anne.wait_for_selector("text=3 張單據中完成 3 張")
    once_each(erp, movements_of("misc_issue", sound_rows()), 3)


def test_resolving_needs_the_right_a_reason_and_a_number(office: Office, erp: Simulator) -> None:
    """An uploader may not; nobody may without a reason, without a number, or with a word that is none of the choices."""
    upload = made_unknown(office, erp)
    desk, bob = desk_of(office), who(office, "bob")
    [member] = desk.ledger.member_search(batch_of(office, upload), shown="unknown", limit=10)
    token = member.record.token
    sound = {"outcome": "created", "doc_no": "X-1", "reason": "seen"}
    with pytest.raises(NotAllowed):
        desk.batches.resolve(who(office, "anne"), upload.id, token, **sound)
    for wrong in ({"outcome": "nonsense"}, {"reason": " "}, {"doc_no": ""}):
        with pytest.raises(ConfigurationError):
            desk.batches.resolve(bob, upload.id, token, **{**sound, **wrong})
    with pytest.raises(NotThere):
        desk.batches.resolve(bob, upload.id, "A" * 16, **sound)


def test_paused_and_carried_on(office: Office, erp: Simulator, sign_in: Callable[..., Any], shots: Path) -> None:
    """Pausing stops after the documents under way; carrying on does the rest, each once."""
    erp.configure(latency_ms=25)
    rows = sound_rows(documents=60, lines=1)
    upload = sent(office, rows)
    anne = sign_in("anne")
    until(lambda: len(erp.movements()) >= 5)
    anne.goto(f"/uploads/{upload.id}")
    anne.screenshot(path=shots / "running.png", full_page=True)
    anne.click("form[action$=pause] button")
    anne.wait_for_selector("text=已暫停：完成")
    until(lambda: idle(office, upload))
    assert 0 < len(erp.movements()) < 60
    erp.configure(latency_ms=0)
    anne.goto(f"/uploads/{upload.id}")
    anne.click("form[action$=resume] button")
    anne.wait_for_selector("text=60 張單據中完成 60 張")
    once_each(erp, movements_of("misc_issue", rows), 60)


def test_cancelled_for_good(office: Office, erp: Simulator) -> None:
    """What was sent stays in the ERP, the rest is never sent, and nobody carries it on; an uploader may not cancel."""
    erp.configure(latency_ms=25)
    upload = sent(office, sound_rows(documents=60, lines=1))
    desk, bob = desk_of(office), who(office, "bob")
    until(lambda: len(erp.movements()) >= 5)
    with pytest.raises(NotAllowed):
        desk.batches.cancel(who(office, "anne"), upload.id)
    desk.batches.cancel(bob, upload.id)
    until(lambda: idle(office, upload))
    assert len(erp.movements()) < 60
    with pytest.raises(ConfigurationError):
        desk.batches.resume(bob, upload.id)


def test_one_that_has_not_begun_is_withdrawn(office: Office, erp: Simulator) -> None:
    """Cancelling what waits behind another one sends nothing of it."""
    erp.configure(latency_ms=25)
    first = sent(office, sound_rows(documents=40, lines=1))
    second = sent(office, sound_rows(seed=5), "second.xlsx")
    desk_of(office).batches.cancel(who(office, "bob"), second.id)
    until(lambda: idle(office, first))
    assert now(office, second).state == "withdrawn"
    assert len(erp.documents()) == 40


def test_documents_are_found_by_state_and_by_words(office: Office) -> None:
    """By stage, by what became of the last call, by key, number and message; pages are counted."""
    upload = sent(office, sound_rows(documents=4))
    until(lambda: idle(office, upload))
    desk, anne = desk_of(office), who(office, "anne")
    every = desk.batches.documents(anne, upload.id)
    assert (every.total, every.pages, len(every.members)) == (4, 1, 4)
    record = every.members[2].record
    for words in (record.doc_no, record.doc_no[-6:].lower(), record.token):
        assert record.token in [member.record.token for member in desk.batches.documents(anne, upload.id, words=words).members]
    assert desk.batches.documents(anne, upload.id, shown="posted").total == 4
    assert desk.batches.documents(anne, upload.id, shown="rejected").total == 0
    assert desk.batches.documents(anne, upload.id, words="%").total == 0
    assert desk.batches.documents(anne, upload.id, page=99).page == 1


def test_undo_asks_for_what_was_shown(office: Office, erp: Simulator) -> None:
    """An undo of another number of documents than the plan showed is refused, as is a second one at once; an uploader may not."""
    upload = sent(office, sound_rows())
    until(lambda: idle(office, upload))
    desk, bob = desk_of(office), who(office, "bob")
    with pytest.raises(NotAllowed):
        desk.batches.plan(who(office, "anne"), upload.id)
    assert len(desk.batches.plan(bob, upload.id)) == 3
    with pytest.raises(ConfigurationError):
        desk.batches.undo(bob, upload.id, documents=2)
    erp.configure(latency_ms=50)
    desk.batches.undo(bob, upload.id, documents=3)
    with pytest.raises(ConfigurationError):
        desk.batches.verify(bob, upload.id)
    until(lambda: idle(office, upload))
    assert desk.batches.plan(bob, upload.id) == []


def test_compared_with_the_erp(office: Office, erp: Simulator, make_site: Callable[..., SiteFolder], sign_in: Callable[..., Any]) -> None:
    """Reading the batch back says that all is equal, and names what somebody changed in the ERP since."""
    upload = sent(office, sound_rows())
    until(lambda: idle(office, upload))
    anne = sign_in("anne")
    anne.goto(f"/uploads/{upload.id}")
    anne.click("text=與 ERP 核對")
    anne.wait_for_selector("text=全部 3 張單據")
    assert desk_of(office).batches.verified(upload) == {"documents": 3, "missing": [], "stages": [], "differences": []}
    gone = erp.documents()[0].doc_no
    somebody_else = make_site("elsewhere", erp.standard_url).site()
    for operation in (Operation.DISPOST, Operation.DISAPPROVE):
        call("misc_issue", operation, gone, somebody_else)
    anne.click("text=與 ERP 核對")
    anne.wait_for_selector(f"li:has-text('{gone}')")


def test_only_the_rows_to_correct(office: Office, sign_in: Callable[..., Any]) -> None:
    """Of a workbook whose sound documents were sent, the rows with mistakes come back in a workbook of their own."""
    rows = sound_rows()
    wrong = [{**rows[0], "qty": -1}, *rows[1:]]
    upload = sent(office, wrong, policy="good")
    until(lambda: idle(office, upload))
    anne = sign_in("anne")
    anne.goto(f"/uploads/{upload.id}")
    with anne.expect_download() as download:
        anne.click("a[href$='only=tofix']")
    taken = office.site.folder / download.value.suggested_filename
    download.value.save_as(taken)
    assert "tofix" in taken.name
    book = openpyxl.load_workbook(taken)
    sheet = next(sheet for sheet in book if any(cell.value == "doc_key" for cell in sheet[1]))
    assert sum(1 for row in sheet.iter_rows(min_row=3, values_only=True) if any(row)) == 2


def test_what_was_not_sent_has_no_batch(office: Office) -> None:
    """Documents, stories and undo of a workbook that was only checked say so."""
    upload = uploaded(office, sound_rows())
    with pytest.raises(ConfigurationError):
        desk_of(office).batches.documents(who(office, "anne"), upload.id)
