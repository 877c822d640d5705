"""Settings of what works while nobody is there: watched folders, and how people are told (design §1, §8).

`[watch]` holds what is true of every folder, `[watch.folders.NAME]` what is different in one, `[notify]` who is told. No secret is
read from `importer.toml`: passwords, tokens and the addresses of chat rooms come from the environment, a file or the keyring.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, time
from pathlib import Path
from typing import Any, Final, Literal, Self

from pydantic import BaseModel, ConfigDict, SecretStr, field_validator, model_validator

__all__ = ["SECRET_SHAPES", "Email", "FolderRules", "Notify", "Watch", "Webhook", "refused_secret"]

SECRET_SHAPES: Final = ("slack", "mattermost", "teams", "dingtalk", "wecom", "feishu")
"""Chat tools whose webhook address is itself the secret."""


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class FolderRules(_Part):
    """How one watched folder is treated."""

    path: Path | None = None  # the folder; relative to importer.toml
    profile: str = ""  # empty: the default profile
    document_type: str = ""  # empty: the workbook's own stamp, or its sub-folder of the inbox
    types: dict[str, str] = {}  # sub-folder of the inbox -> document type; one that is named like a type needs no entry
    until: Literal["created", "approved", "posted"] = "posted"
    policy: Literal["all", "good", "stop"] = "all"
    route: Literal["standard", "combined"] | None = None
    language: str = ""  # of results and messages; empty: the workbook's, else the profile's
    inbox: str = "inbox"  # names of the sub-folders
    working: str = "working"
    done: str = "done"
    tofix: str = "tofix"
    failed: str = "failed"
    settle_s: float = 10  # a file is complete when it has not changed for so long
    broken_after_s: float = 600  # a file that is quiet for so long and still damaged is broken, not on its way
    report_after_min: float = 60  # a file that keeps being incomplete is reported
    retry_s: float = 60  # between attempts while the ERP is down or an outcome is unknown; grows to ten times as much
    give_up_h: float = 24  # then the file goes to `failed`
    cron: str = ""  # when the inbox is looked through; empty: all the time
    quiet: tuple[str, ...] = ()  # hours in which nothing is sent, such as "08:00-18:00"
    post_at: str = ""  # cron: documents are carried to `until` at once, and posted then
    keep_done_days: int = 0  # 0: for ever
    keep_other_days: int = 0  # the same for `tofix` and `failed`
    archive: Path | None = None  # where old files go; without it they are deleted
    watchdog_min: float = 60  # say so when files wait and nothing has moved for so long; 0: never
    expect_min: float = 0  # say so when no file has come for so long; 0: never
    email_to: tuple[str, ...] = ()  # instead of notify.email.to

    @field_validator("cron", "post_at")
    @classmethod
    def _is_cron(cls, text: str) -> str:
        if text:
            from cronsim import CronSim, CronSimError

            try:
                next(CronSim(text, datetime(2026, 1, 1)))
            except (CronSimError, StopIteration) as error:
                raise ValueError(f"{text}: not a cron expression ({error})") from None
        return text

    @field_validator("quiet")
    @classmethod
    def _are_hours(cls, spans: tuple[str, ...]) -> tuple[str, ...]:
        for span in spans:
            try:
                [time.fromisoformat(part.strip()) for part in span.split("-", 1)][1]
            except (ValueError, IndexError):
                raise ValueError(f"{span}: write hours as 22:00-06:00") from None
        return spans

    @field_validator("inbox", "working", "done", "tofix", "failed")
    @classmethod
    def _is_a_name(cls, name: str) -> str:
        if not name or name.startswith(".") or "/" in name or "\\" in name:
            raise ValueError(f"{name}: the name of a sub-folder, nothing else")
        return name

    @model_validator(mode="after")
    def _sensible(self) -> Self:
        names = [self.inbox, self.working, self.done, self.tofix, self.failed]
        if len({name.lower() for name in names}) < len(names):
            raise ValueError("inbox, working, done, tofix and failed must be different folders")
        for name in ("settle_s", "broken_after_s", "report_after_min", "retry_s", "give_up_h", "keep_done_days", "keep_other_days"):
            if getattr(self, name) < 0:
                raise ValueError(f"{name}: at least 0")
        if self.post_at and self.until == "posted":
            raise ValueError('post_at: needs until = "created" or "approved"')
        return self


class Watch(FolderRules):
    """Everything about watching."""

    poll_s: float = 5  # between looks; file events only wake it earlier
    lease_s: float = 30  # a watcher that was silent for so long has lost its files to another one
    health: str = ""  # host:port of /health and /metrics; empty: none
    log_file: Path | None = None  # structured log, rotated; without it: standard error
    log_max_mb: float = 10
    log_keep: int = 10  # older log files
    folders: dict[str, FolderRules] = {}

    @field_validator("health")
    @classmethod
    def _is_an_address(cls, text: str) -> str:
        if text and not text.rpartition(":")[2].isdecimal():
            raise ValueError(f"{text}: write host:port, such as 127.0.0.1:9464")
        return text

    def rules(self, name: str | None) -> FolderRules:
        """Of a folder by its name in `folders`; what it does not say itself is as for all."""
        own = self.folders[name] if name is not None else FolderRules()
        common = {key: getattr(self, key) for key in FolderRules.model_fields}
        return FolderRules(**{**common, **{key: getattr(own, key) for key in own.model_fields_set}})


class Email(_Part):
    """A mail server and who is written to."""

    host: str = ""  # empty: no e-mail
    port: int = 0  # 0: 587 with starttls, 465 with tls, else 25
    security: Literal["starttls", "tls", "none"] = "starttls"
    ca_file: Path | None = None  # certificates to trust beside the usual ones
    user: str = ""
    password: SecretStr | None = None  # environment only
    password_file: Path | None = None
    sender: str = ""
    to: tuple[str, ...] = ()
    attach_mb: float = 10  # results are attached up to this size together, and named otherwise; 0: never
    timeout_s: float = 30

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if self.host and not self.sender:
            raise ValueError("sender: an e-mail needs a sender")
        if self.password and self.security == "none":
            raise ValueError("security: a password is only sent over TLS")
        return self


class Webhook(_Part):
    """An address that is called with JSON."""

    shape: Literal["generic", "slack", "mattermost", "teams", "dingtalk", "wecom", "feishu", "line", "custom"] = "generic"
    url: str = ""  # in importer.toml only where it is no secret
    url_file: Path | None = None
    token: SecretStr | None = None  # environment only; sent as `Authorization: Bearer`
    token_file: Path | None = None
    signing_secret: SecretStr | None = None  # environment only; DingTalk and Feishu sign with it
    signing_secret_file: Path | None = None
    to: str = ""  # LINE: the group or user
    headers: dict[str, str] = {}
    body: dict[str, Any] = {}  # of shape custom: JSON with {title}, {text}, {to} in its texts
    max_length: int = 0  # characters of the text; 0: what the tool takes
    ca_file: Path | None = None
    timeout_s: float = 30

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if (self.shape == "custom") != bool(self.body):
            raise ValueError('body: goes with shape = "custom", and that needs one')
        if self.url and not self.url.startswith(("http://", "https://")):
            raise ValueError("url: http or https")
        return self


class Notify(_Part):
    """Who is told what, and how often."""

    tell: tuple[Literal["done", "tofix", "failed", "trouble"], ...] = ("done", "tofix", "failed", "trouble")
    every_min: float = 5  # one message for all that happens in this time
    language: str = ""  # empty: the profile's
    link: str = ""  # how people reach the watched folder, such as "\\\\server\\import" or "https://files/import"; empty: its path
    email: Email = Email()
    webhooks: dict[str, Webhook] = {}


def refused_secret(content: Mapping[str, Any]) -> tuple[str, str] | None:
    """The first secret of `[notify]` that stands in the configuration file, and the variable that it belongs into."""
    notify = content.get("notify")
    if not isinstance(notify, dict):
        return None
    email = notify.get("email")
    if isinstance(email, dict) and "password" in email:
        return "notify.email.password", "IMPORTER_NOTIFY__EMAIL__PASSWORD"
    for name, hook in (notify.get("webhooks") or {}).items():
        secret = ("token", "signing_secret", *(("url",) if isinstance(hook, dict) and hook.get("shape") in SECRET_SHAPES else ()))
        for key in secret:
            if isinstance(hook, dict) and key in hook:
                return f"notify.webhooks.{name}.{key}", f"IMPORTER_NOTIFY__WEBHOOKS__{name.upper()}__{key.upper()}"
    return None
