"""E-mail over TLS, with the results attached as long as they are small."""

from __future__ import annotations

import mimetypes
import smtplib
import ssl
from collections.abc import Iterator, Sequence
from contextlib import suppress
from email.message import EmailMessage
from email.utils import formatdate, make_msgid
from pathlib import Path
from typing import Final

from importer.errors import NotDelivered
from importer.messages import N_
from importer.notify.digest import Digest
from importer.notify.wording import HEADINGS, subject, text
from importer.settings import secret_of
from importer.unattended import Email

__all__ = ["message_of", "send_mail"]

PORTS: Final = {"starttls": 587, "tls": 465, "none": 25}
NOT_FOUND_MEANS_NONE: Final = "application/octet-stream"


def message_of(digest: Digest, email: Email, to: Sequence[str], *, language: str, link: str) -> EmailMessage:
    """The message with its attachments."""
    message = EmailMessage()
    message["Subject"] = subject(digest, language)
    message["From"] = email.sender
    message["To"] = ", ".join(to)
    message["Date"] = formatdate(localtime=True)
    message["Message-ID"] = make_msgid(domain=email.sender.rpartition("@")[2] or None)
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(text(digest, language, link))
    left = int(email.attach_mb * (1 << 20))
    for path in _attachments(digest):
        with suppress(OSError):  # it was taken away, or is on a share that is gone: the message names it
            size = path.stat().st_size
            if size <= left:
                kind, _, subtype = (mimetypes.guess_type(path.name)[0] or NOT_FOUND_MEANS_NONE).partition("/")
                message.add_attachment(path.read_bytes(), maintype=kind, subtype=subtype, filename=_safe(path.name))
                left -= size
    return message


def _attachments(digest: Digest) -> Iterator[Path]:
    """Results, those first that somebody has to do something about."""
    for outcome in HEADINGS:
        for item in digest.items:
            if item.outcome == outcome:
                yield from (Path(digest.folder) / name for name in item.results)


def _safe(name: str) -> str:
    return "".join(sign if sign.isprintable() else "_" for sign in name)


def send_mail(digest: Digest, email: Email, to: Sequence[str], *, language: str, link: str) -> None:
    """Send it to everybody. Raises NotDelivered."""
    message = message_of(digest, email, to, language=language, link=link)
    password = secret_of(email.password, email.password_file, "notify/email") if email.user else ""
    port = email.port or PORTS[email.security]
    try:
        context = _context(email.ca_file)
        with _connected(email, port, context) as server:
            if email.security == "starttls":
                server.starttls(context=context)
            if email.user:
                server.login(email.user, password)
            refused = server.send_message(message, to_addrs=list(to))
    except (OSError, smtplib.SMTPException, ValueError) as error:
        raise NotDelivered(N_("{host}: the e-mail was not taken: {reason}"), host=f"{email.host}:{port}", reason=_reason(error)) from None
    if refused:
        raise NotDelivered(N_("{host}: the e-mail was not taken: {reason}"), host=f"{email.host}:{port}", reason=", ".join(sorted(refused)))


def _connected(email: Email, port: int, context: ssl.SSLContext) -> smtplib.SMTP:
    if email.security == "tls":
        return smtplib.SMTP_SSL(email.host, port, timeout=email.timeout_s, context=context)
    return smtplib.SMTP(email.host, port, timeout=email.timeout_s)


def _context(ca_file: Path | None) -> ssl.SSLContext:
    context = ssl.create_default_context()
    if ca_file:
        context.load_verify_locations(ca_file)
    return context


def _reason(error: Exception) -> str:
    if isinstance(error, smtplib.SMTPResponseException):
        said = error.smtp_error.decode(errors="replace") if isinstance(error.smtp_error, bytes) else str(error.smtp_error)
        return f"{error.smtp_code} {said}"
    return str(error) or type(error).__name__
