"""The web page's part of the ledger. Safe to use from many threads at once."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from contextlib import AbstractContextManager
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from importer.ledger import figures, people, tasks, uploads
from importer.ledger.figures import Duration, Scope, Standing
from importer.ledger.people import AuditEntry, Token, User
from importer.ledger.tasks import Task
from importer.ledger.uploads import Seen, Upload, UploadChange
from importer.ledger.writer import Apply

__all__ = ["Portal"]


class Portal:
    """Users, tokens, uploads and the audit trail; made by `Ledger.portal`."""

    def __init__(
        self, read: Callable[[], AbstractContextManager[Connection]], write: Callable[[Apply, object], Any], now: Callable[[], datetime]
    ) -> None:
        self._read = read
        self._write = write
        self._now = now

    # -- people --------------------------------------------------------------------------------------------------------

    def users(self) -> list[User]:
        """All, by name."""
        with self._read() as connection:
            return people.found_users(connection)

    def user(self, name: str) -> User | None:
        """By name."""
        with self._read() as connection:
            return next(iter(people.found_users(connection, name=name)), None)

    def user_of_subject(self, subject: str) -> User | None:
        """By issuer and subject of OpenID Connect."""
        with self._read() as connection:
            return next(iter(people.found_users(connection, subject=subject)), None)

    def save_user(self, user: User) -> None:
        """Make or change a user, roles included."""
        self._write(people.save_user, (user, self._now()))

    def add_token(self, token: Token, digest: str) -> None:
        """A token, by the SHA-256 of its secret."""
        self._write(people.add_token, (token, digest))

    def tokens(self, user_name: str) -> list[Token]:
        """Of a user, newest first."""
        with self._read() as connection:
            return people.tokens_of(connection, user_name)

    def user_of_token(self, digest: str) -> tuple[Token, User] | None:
        """Whose token this is; None for one that does not count."""
        with self._read() as connection:
            return people.user_of_token(connection, digest)

    def token_used(self, token_id: str) -> None:
        """Note that a token was used."""
        self._write(people.change_token, (token_id, None, {"used_at": self._now()}))

    def revoke_token(self, token_id: str, user_name: str | None) -> None:
        """End a token, of this user where one is given. Raises NotThere when there is none."""
        self._write(people.change_token, (token_id, user_name, {"revoked": True}))

    # -- audit trail ---------------------------------------------------------------------------------------------------

    def note(self, entry: AuditEntry) -> None:
        """Write down what somebody did."""
        self._write(people.add_audit, (entry, self._now()))

    def audit_trail(
        self,
        *,
        user_name: str | None = None,
        target: str | None = None,
        limit: int = 200,
        profiles: Iterable[str] | None = None,
        before: int | None = None,
    ) -> list[AuditEntry]:
        """Newest first; with `before`, those before an entry's id."""
        with self._read() as connection:
            return people.audit_trail(connection, user_name=user_name, target=target, limit=limit, profiles=profiles, before=before)

    def how_often(self, action: str, since: datetime, *, user_name: str | None = None, address: str | None = None) -> int:
        """How often something was done since a moment."""
        with self._read() as connection:
            return people.how_often(connection, action, since, user_name=user_name, address=address)

    # -- uploads -------------------------------------------------------------------------------------------------------

    def add_upload(self, upload: Upload, content: bytes) -> None:
        """A workbook that was handed in."""
        self._write(uploads.add_upload, (upload, content, self._now()))

    def change_upload(self, change: UploadChange) -> None:
        """Raises ConfigurationError when somebody else was faster."""
        self._write(uploads.change_upload, change)

    def upload(self, upload_id: str) -> Upload | None:
        """By id."""
        return next(iter(self.uploads(ids=[upload_id])), None)

    def uploads(
        self,
        *,
        ids: Collection[str] | None = None,
        profiles: Iterable[str] | None = None,
        uploader: str | None = None,
        seen: Seen | None = None,
        states: Collection[str] | None = None,
        search: str = "",
        limit: int = 200,
        offset: int = 0,
    ) -> list[Upload]:
        """Newest first; `search` is part of a file's name, a document number or key, or a batch."""
        with self._read() as connection:
            return uploads.found_uploads(
                connection,
                ids=ids,
                profiles=profiles,
                uploader=uploader,
                seen=seen,
                states=states,
                search=search.strip(),
                limit=limit,
                offset=offset,
            )

    def upload_states(self, profiles: Iterable[str]) -> dict[str, int]:
        """Uploads by state."""
        with self._read() as connection:
            return uploads.upload_states(connection, profiles)

    # -- tasks ---------------------------------------------------------------------------------------------------------

    def add_task(self, task: Task) -> None:
        """Ask the server for something. Raises ConfigurationError while it does something else with this upload."""
        self._write(tasks.add_task, (task, self._now()))

    def end_task(self, upload_id: str) -> None:
        """It is done."""
        self._write(tasks.end_task, upload_id)

    def tasks(self, profiles: Iterable[str]) -> list[Task]:
        """In the order in which they were asked for."""
        with self._read() as connection:
            return tasks.found_tasks(connection, profiles=profiles, upload_id=None)

    def task(self, upload_id: str) -> Task | None:
        """What is being done with an upload that has ended, or waits to be."""
        with self._read() as connection:
            return next(iter(tasks.found_tasks(connection, profiles=None, upload_id=upload_id)), None)

    # -- figures -------------------------------------------------------------------------------------------------------

    def standings(self, scope: Scope, since: datetime) -> list[Standing]:
        """How the documents of the batches since a moment stand."""
        with self._read() as connection:
            return figures.standings(connection, scope, since)

    def durations(self, scope: Scope, since: datetime) -> list[Duration]:
        """How long their calls took, by operation."""
        with self._read() as connection:
            return figures.durations(connection, scope, since)
