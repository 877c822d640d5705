"""People are told: over a real mail server with TLS and a real HTTP receiver, one message for many files, again until it is taken."""

from __future__ import annotations

import email
import sqlite3
import ssl
from collections.abc import Iterator
from datetime import timedelta
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from typing import Any

import pytest
import trustme
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, LoginPassword
from receiver import Receiver, receiving
from site_folder import SiteFolder, sound_rows
from watch_folder import WatchFolder

from importer.simulator import Simulator
from importer.watcher.telling import tell


class Mailbox:
    """What a mail server has taken."""

    def __init__(self) -> None:
        self.messages: list[EmailMessage] = []
        self.recipients: list[list[str]] = []
        self.logins: list[LoginPassword] = []
        self.refuse = ""

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802 - the library's name
        if self.refuse:
            return self.refuse
        self.messages.append(email.message_from_bytes(envelope.content, policy=default))  # type: ignore[arg-type]
        self.recipients.append(envelope.rcpt_tos)
        return "250 taken"

    def authenticate(self, server: Any, session: Any, envelope: Any, mechanism: str, data: LoginPassword) -> AuthResult:
        self.logins.append(data)
        return AuthResult(success=data.password == b"secret")


@pytest.fixture
def mailbox() -> Mailbox:
    return Mailbox()


@pytest.fixture
def authority(tmp_path: Path) -> trustme.CA:
    authority = trustme.CA()
    authority.cert_pem.write_to_path(tmp_path / "ca.pem")
    return authority


@pytest.fixture(params=["starttls", "tls"])
def security(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def server(mailbox: Mailbox, authority: trustme.CA, security: str) -> Iterator[Controller]:
    """A mail server that wants TLS and a login."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    options: dict[str, Any] = {"authenticator": mailbox.authenticate, "auth_required": True}
    if security == "starttls":
        options |= {"tls_context": context, "require_starttls": True}
    else:
        options |= {"ssl_context": context, "auth_require_tls": False}
    controller = Controller(mailbox, hostname="127.0.0.1", port=_free_port(), **options)
    controller.start()
    yield controller
    controller.stop()


def _free_port() -> int:
    import socket

    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def email_settings(server: Controller, security: str, tmp_path: Path, **extra: str) -> str:
    secret = tmp_path / "mail-password"
    secret.write_text("secret\n", "ascii")
    secret.chmod(0o600)
    lines = {
        "host": '"127.0.0.1"',
        "port": str(server.port),
        "security": f'"{security}"',
        "ca_file": f'"{tmp_path / "ca.pem"}"',
        "user": '"importer"',
        "password_file": f'"{secret}"',
        "sender": '"importer@example.com"',
        "to": '["warehouse@example.com", "boss@example.com"]',
        **extra,
    }
    return "[notify.email]\n" + "\n".join(f"{name} = {value}" for name, value in lines.items())


def _mixed(folder: WatchFolder, number: int) -> None:
    """Files of every end."""
    for position in range(number):
        rows = sound_rows(documents=1, seed=position)
        if position % 3 == 1:
            rows[0]["qty"] = "many"
        path = folder.site.workbook(rows, name=f"{position}.xlsx")
        if position % 3 == 2:
            path.write_bytes(path.read_bytes()[:-500])
        folder.drop(path)


def test_one_mail_for_all_files_with_their_results(
    site: SiteFolder, mailbox: Mailbox, server: Controller, security: str, tmp_path: Path
) -> None:
    """Twelve files, one message to everybody over TLS and with a login: counts, every file, what is wrong first, results attached."""
    folder = WatchFolder(site, notify=email_settings(server, security, tmp_path))
    _mixed(folder, 12)
    assert folder.once(language="zh_TW")[0] == 1
    [message] = mailbox.messages
    assert mailbox.recipients == [["warehouse@example.com", "boss@example.com"]]
    assert [login.login for login in mailbox.logins] == [b"importer"]
    assert message["Subject"] == f"匯入 {folder.root}：失敗 4, 待修正 4, 完成 4"
    body = message.get_body(("plain",)).get_content()
    assert all(f"- {position}.xlsx" in body for position in range(12))
    assert body.index("失敗") < body.index("待修正") < body.index("完成")
    attached = [part.get_filename() for part in message.iter_attachments()]
    assert len([name for name in attached if "_result_" in name]) == 8
    assert len([name for name in attached if name.endswith(".message.txt")]) == 4


def test_results_that_are_too_large_are_named(
    site: SiteFolder, mailbox: Mailbox, server: Controller, security: str, tmp_path: Path
) -> None:
    """Nothing attached: the message says where the results are, as people reach the folder."""
    settings = email_settings(server, security, tmp_path, attach_mb="0")
    folder = WatchFolder(site, notify=f'[notify]\nlink = "\\\\\\\\nas\\\\import"\n{settings}')
    folder.drop(site.workbook(sound_rows(documents=1)))
    folder.once()
    [message] = mailbox.messages
    assert list(message.iter_attachments()) == []
    assert "\\\\nas\\import\\done\\" in message.get_body(("plain",)).get_content()


def test_a_mail_that_is_not_taken_waits(site: SiteFolder, mailbox: Mailbox, server: Controller, security: str, tmp_path: Path) -> None:
    """The server refuses: the file has its end all the same, the message stays in the ledger and leaves when the server takes it."""
    folder = WatchFolder(site, notify=email_settings(server, security, tmp_path))
    folder.drop(site.workbook(sound_rows(documents=1)))
    mailbox.refuse = "451 try later"
    assert folder.once()[0] == 0
    assert folder.ends() == {"misc_issue.xlsx": ["done"]}
    mailbox.refuse = ""
    watcher, _ = folder.watcher()
    with watcher._session(background=False) as [at_work]:
        outbox = at_work.desk.ledger.outbox
        assert outbox.waiting(at_work.desk.place.id) == 1
        assert outbox.due(at_work.desk.place.id) == []  # not again at once
        _make_due(folder)
        [message] = outbox.due(at_work.desk.place.id)
        assert "451" in message.error
        tell(at_work.desk)
        assert outbox.waiting(at_work.desk.place.id) == 0
    assert len(mailbox.messages) == 1


def _make_due(folder: WatchFolder) -> None:
    """As if the time until the next try had passed."""
    connection = sqlite3.connect(folder.site.folder / "importer.db")
    connection.execute("UPDATE messages_out SET due_at = made_at")
    connection.commit()
    connection.close()


# -- webhooks --------------------------------------------------------------------------------------------------------


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as found:
        yield found


def test_a_webhook_gets_every_file_and_can_count(site: SiteFolder, receiver: Receiver) -> None:
    """One JSON body: counts, and per file its end, numbers, batch, results and reason."""
    folder = WatchFolder(site, notify=f'[notify.webhooks.erp-team]\nurl = "{receiver.url}"\nheaders = {{"X-Site" = "1"}}\n')
    _mixed(folder, 3)
    folder.once()
    [body] = receiver.bodies
    assert body["counts"] == {"done": 1, "tofix": 1, "failed": 1}
    files = {item["file"]: item for item in body["files"]}
    assert files["0.xlsx"]["stages"] == {"posted": 1}
    assert files["1.xlsx"]["errors"] == 1
    assert "damaged" in files["2.xlsx"]["message"]
    for item in files.values():
        assert (folder.root / item["path"]).is_file()
        assert all((folder.root / name).is_file() for name in item["results"])
    assert receiver.requests[0][1]["X-Site"] == "1"


def test_a_chat_room_whose_address_is_a_secret(site: SiteFolder, receiver: Receiver, monkeypatch: pytest.MonkeyPatch) -> None:
    """The address comes from the environment; DingTalk's answer `errcode` counts, its signature is in the query."""
    folder = WatchFolder(site, notify='[notify.webhooks.room]\nshape = "dingtalk"\n')
    monkeypatch.setenv("IMPORTER_NOTIFY__WEBHOOKS__ROOM__URL", receiver.url)
    monkeypatch.setenv("IMPORTER_NOTIFY__WEBHOOKS__ROOM__SIGNING_SECRET", "SEC1")
    receiver.answer = b'{"errcode": 310000, "errmsg": "sign not match"}'
    folder.drop(site.workbook(sound_rows(documents=1)))
    folder.once()
    assert len(receiver.bodies) == 1
    receiver.answer = b'{"errcode": 0, "errmsg": "ok"}'
    _make_due(folder)
    folder.once()
    folder.once()
    assert len(receiver.bodies) == 2
    assert "misc_issue.xlsx" in receiver.bodies[1]["text"]["content"]
    assert "timestamp=" in receiver.requests[1][0]
    assert "sign=" in receiver.requests[1][0]


def test_only_what_was_asked_for(site: SiteFolder, receiver: Receiver, erp: Simulator) -> None:
    """`tell` leaves out what nobody wants to read, for good."""
    folder = WatchFolder(site, notify=f'[notify]\ntell = ["failed"]\n[notify.webhooks.x]\nurl = "{receiver.url}"\n')
    folder.drop(site.workbook(sound_rows(documents=1)))
    folder.once()
    assert receiver.bodies == []
    _mixed(folder, 3)
    folder.once()
    assert receiver.files == ["2.xlsx"]


def test_trouble_is_told_once(site: SiteFolder, receiver: Receiver) -> None:
    """The ERP cannot be reached: told at the second attempt, not at each one after it."""
    notify = f'[notify.webhooks.x]\nurl = "{receiver.url}"\n'
    site.configure(standard_url=f"http://127.0.0.1:{_free_port()}/none", connect_timeout_s=2)
    folder = WatchFolder(site, notify=notify)
    folder.drop(site.workbook(sound_rows(documents=1)))
    for _ in range(4):
        assert folder.once()[0] == 4
    [notice] = [notice for body in receiver.bodies for notice in body["notices"]]
    assert notice["values"]["file"] == "misc_issue.xlsx"


def test_old_messages_are_forgotten_and_files_are_not(site: SiteFolder, receiver: Receiver) -> None:
    """The ledger does not grow with every message ever sent."""
    folder = WatchFolder(site, notify=f'[notify.webhooks.x]\nurl = "{receiver.url}"\n')
    folder.drop(site.workbook(sound_rows(documents=1)))
    folder.once()
    watcher, _ = folder.watcher()
    with watcher._session(background=False) as [at_work]:
        ledger, place = at_work.desk.ledger, at_work.desk.place
        ledger.outbox.note(place.id, "waits", '{"text": "x", "values": {}}')
        ledger.outbox.forget(timedelta(days=-1))
        assert _count(folder, "watched_files") == 1
        assert [row.key for row in ledger.outbox.untold(place.id)[1]] == ["waits"]
        assert _count(folder, "messages_out") == 0


def _count(folder: WatchFolder, table: str) -> int:
    connection = sqlite3.connect(folder.site.folder / "importer.db")
    [(number,)] = connection.execute(f"SELECT count(*) FROM {table}").fetchall()
    connection.close()
    return int(number)
