"""Uploads on their way, without a browser."""

from __future__ import annotations

from typing import Any

from site_folder import Rows
from waiting import until
from web.conftest import Office

from importer.ledger import Upload
from importer.web.desk import Desk, Who


def desk_of(office: Office) -> Desk:
    """The server's own."""
    desk: Desk = office.server.app.state.desk
    return desk


def who(office: Office, name: str) -> Who:
    """Somebody at the desk, as the ledger has them now."""
    user = desk_of(office).portal.user(name)
    assert user is not None
    return Who(user=user, language="en")


def uploaded(office: Office, rows: Rows, name: str = "book.xlsx", *, by: str = "anne") -> Upload:
    """Handed in."""
    content = office.site.workbook(rows, name=name).read_bytes()
    return desk_of(office).hand_in(who(office, by), profile="test", file=name, content=content)


def sent(office: Office, rows: Rows, name: str = "book.xlsx", **values: Any) -> Upload:
    """Handed in by Anne and released by Bob."""
    desk, upload = desk_of(office), uploaded(office, rows, name)
    anne, bob = who(office, "anne"), who(office, "bob")
    desk.hand_on(anne, upload.id, digest=desk.preview(anne, upload.id).digest, until="posted", **values)
    desk.release(bob, upload.id, digest=desk.preview(bob, upload.id).digest)
    return now(office, upload)


def now(office: Office, upload: Upload) -> Upload:
    """As it is by now."""
    found = desk_of(office).portal.upload(upload.id)
    assert found is not None
    return found


def idle(office: Office, upload: Upload) -> bool:
    """Whether nothing is under way with it any more."""
    return now(office, upload).state == "ended" and desk_of(office).portal.task(upload.id) is None


def batch_of(office: Office, upload: Upload) -> str:
    """The number of its batch, once it has one."""
    until(lambda: now(office, upload).batch_id)
    return now(office, upload).batch_id or ""
