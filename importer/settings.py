"""Profiles and secrets: `importer.toml`, overridden by `IMPORTER_*` environment variables (design §9).

Everything that protocol §7 calls unknown about an ERP is a setting of its profile here or a field of a mapping.
Secrets are never read from `importer.toml`: a password comes from the environment
(`IMPORTER_PROFILES__<NAME>__PASSWORD` or `IMPORTER_PASSWORD`), the system keyring, or the file that `password_file` names.
"""

from __future__ import annotations

import os
import stat
import tomllib
from collections.abc import Iterator, Mapping
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Any, Final, Literal, Self, get_args

from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError, model_validator
from pydantic_settings import BaseSettings, EnvSettingsSource, PydanticBaseSettingsSource, SettingsConfigDict, SettingsError

from importer.errors import ConfigurationError
from importer.messages import N_
from importer.unattended import Notify, Watch, refused_secret

__all__ = [
    "CONFIG_NAME",
    "CustomXml",
    "Digi",
    "Fetch",
    "Oidc",
    "Profile",
    "Settings",
    "Web",
    "Wire",
    "load_settings",
    "password_of",
    "sample_config",
    "secret_of",
]

CONFIG_NAME: Final = "importer.toml"
APP_NAME: Final = "tiptop-importer"
KEYRING_SERVICE: Final = "tiptop-importer"


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Digi(_Part):
    """The `digi-*` envelope of the standard channel (protocol §2.1); texts are sent as they stand here."""

    host_prod: str = "IMPORTER"
    host_ver: str = "1.0"
    host_ip: str = "127.0.0.1"
    host_id: str = ""
    timezone: str = "+8"
    service_prod: str = "TIPTOP"
    service_version: str = "1.0"
    service_ip: str = ""
    service_id: str = ""
    key: bool = True  # send digi-key at all
    key_salt: str = ""  # appended to the text before hashing
    key_upper: bool = True  # hex case
    type: str = "sync"
    protocol: str = "raw"
    data_exchange_protocol: str = "1.0"
    headers: dict[str, str] = {}  # extra HTTP headers, such as digi-user-token
    datakey: dict[str, str] = {}  # extra parts of digi-datakey
    datakey_type: str = "FOM"  # `type` of `datakey` in XML


class Wire(_Part):
    """How values and answers look on the standard channel where the sources leave it open (protocol §7, §9.1)."""

    date_format: str = "%Y-%m-%d"  # of JSON
    xml_date_format: str = "%Y%m%d"  # of XML, compact by the standard
    datakeys: str = "datakeys"  # name of the list of keys
    key_fields: Literal["both", "doc_no", "doc_type_no"] = "both"
    extra_key: dict[str, str] = {}  # further members of every key, such as a posting date; values are field names of the header
    number_paths: tuple[str, ...] = ("success.0.doc_no", "success_return.0.success_msg")
    success_codes: tuple[str, ...] = ("0",)
    partial_codes: tuple[str, ...] = (
        "-0",
    )  # of a call about several documents: what it lists has come about, and what it does not has not
    page_size: int = 100
    like: str = "like"
    conditions: Literal["object", "array"] = "object"  # one group of conditions, or a list of groups
    operators: dict[str, str] = {}  # what a site calls the operators of a condition where it differs
    parameters: dict[str, Any] = {}  # further members of every `parameter`


class CustomXml(_Part):
    """The TIPTOP custom XML channel (protocol §1); a site that patched its gateway finds its difference here."""

    carrier: Literal["soap", "invokeSrv"] = "soap"  # an operation per service (§1.1), or one for all (§1.2)
    namespace: str = "http://www.dsc.com.tw/tiptop/TIPTOPServiceGateWay"
    request_element: str = "{service}Request"  # of the SOAP body; `{service}` is invokeSrv where that carries
    request_part: str = "request"  # its child that holds the string
    soap_action: str = '""'
    headers: dict[str, str] = {}  # extra HTTP headers
    application: str = "IMPORTER"  # selects the ERP's mapping table (wss_file); "CRM" changes what services do
    source: str = "127.0.0.1"
    locale: str = ""  # empty: from the profile's language
    access: dict[str, dict[str, str]] = {}  # extra elements of Access and their attributes, such as Appdevice
    date_format: str = "%Y/%m/%d"  # that of the server (DBDATE)
    parameters: dict[str, str] = {}  # extra request parameters; {token}, {now}, {user} and {plant} are filled in
    post_parameters: dict[str, str] = {"status": "Y"}  # what asks for approve and post after create
    number_paths: tuple[str, ...] = (  # XPath from Response without prefixes; $number is the mapping's `number`
        "ResponseContent/Parameter/Record/Field[@name=$number]/@value",
        "ResponseContent/Results/@Docno",
    )
    success_codes: tuple[str, ...] = ("0",)
    not_executed_texts: tuple[str, ...] = (  # answers without a number that come from before the service (§1.3)
        "Access validate fail!",
        "No Service Name specified!",
        "Request isn't valid XML document!",
    )
    not_executed_faults: tuple[str, ...] = ("VersionMismatch", "MustUnderstand")  # SOAP faults that prove that nothing ran


class Fetch(_Part):
    """Where a list comes from in the ERP; names and paths are the site's (protocol §1.8, §2.4)."""

    channel: Literal["standard", "custom"] = "standard"
    service: str
    columns: dict[str, str]  # ours (code, name, within; of the stock list item_no, warehouse_no, qty, ...) -> name in the answer
    header_list: str = ""  # standard: where the rows stand when they are not `result.rows`
    conditions: tuple[dict[str, str], ...] = ()  # standard: {field_name, operator, value}, all of which hold
    page_size: int = 1000  # standard
    condition: str = " 1=1 "  # custom: the where clause
    parameter: str = "condition"  # custom: name of the parameter that carries it
    records: str = "ResponseContent/Document//Record"  # custom: XPath from Response without prefixes


class Profile(_Part):
    """One ERP environment."""

    name: str = ""
    erp_id: str = ""  # which ERP this is; default the profile's name; profiles that reach one ERP share it
    standard_url: str = ""
    custom_url: str = ""
    ent_id: str = "1"
    plant: str = "PLANT1"
    user: str = "tiptop"
    password: SecretStr | None = None  # environment only
    password_file: Path | None = None
    language: str = "zh_TW"
    format: Literal["json", "xml"] = "json"
    style: Literal["header", "envelope"] = "header"
    route: Literal["standard", "combined"] = "standard"
    routes: dict[str, Literal["standard", "combined"]] = {}  # by document type
    concurrency: int = 8  # calls at once
    documents_per_call: int = 1  # on the standard channel; more only where the ERP is known to take lists of documents
    adaptive: bool = False  # fewer calls at once where the ERP's answers become slower for them
    calls_per_second: float = 0  # 0 = no limit
    post_order: Literal["free", "stock", "workbook"] = "free"  # stock: no two at once on the same item and warehouse; workbook: one by one
    custom_posts_at_once: int = 1  # on the combined route; its result file is shared by all posts of one ERP user
    timeout_s: float = 60
    connect_timeout_s: float = 10
    verify_tls: bool = True
    ca_file: Path | None = None  # certificates to trust beside the usual ones
    grace_s: float = 120  # how long "not found" is no proof, from giving up
    ask_before_create: Literal["auto", "always", "never"] = "auto"
    text_length: Literal["characters", "bytes"] = "characters"
    date_formats: tuple[str, ...] = ("%Y-%m-%d", "%Y/%m/%d", "%Y.%m.%d", "%Y%m%d", "%Y年%m月%d日")  # for dates typed as text; `roc`: 民國
    not_executed_statuses: tuple[int, ...] = (429,)  # HTTP statuses that prove that the ERP did nothing
    not_executed_without_body: tuple[int, ...] = (401, 403, 404, 405, 413, 415)  # the same, when no ERP answer is in the body
    login_statuses: tuple[int, ...] = (401, 403)
    not_executed_srvcodes: tuple[str, ...] = ("100",)  # protocol §2.1: the service could not run
    not_sent_retries: int = 4  # how often a call that is proven unsent is sent again before the run stops
    stop_after_failures: int = 5  # failures in a row after which the ERP is probed, and the run stops if it does not answer
    second_person: bool = False  # on the web page: somebody else than the uploader releases
    keep_payloads: bool = False  # keep requests and answers in the ledger's events
    lists: Path | None = None  # folder with the lists of valid codes, and the stock list
    list_files: dict[str, Path] = {}  # single lists that stand elsewhere
    fetch: dict[str, Fetch] = {}  # lists that `importer lists fetch` asks the ERP for
    stock_check: Literal["warning", "error", "off"] = "warning"  # what an issue of more than the stock list has is
    negative_stock: tuple[str, ...] = ()  # warehouses whose stock the ERP lets fall below zero
    close_date: date | None = None  # the ERP takes no document of this day or before it (mfg9999)
    period_end: date | None = None  # last day of the current period; the ERP takes no later document (mfg6091)
    translate: Path | None = None  # folder with the tables old code -> new code
    unmapped: dict[str, Literal["error", "keep"]] = {}  # by table: what a value without a new code is; error where it is not named
    digi: Digi = Digi()
    wire: Wire = Wire()
    custom: CustomXml = CustomXml()

    @model_validator(mode="after")
    def _sensible(self) -> Self:
        for name, least in (
            ("concurrency", 1),
            ("documents_per_call", 1),
            ("custom_posts_at_once", 1),
            ("timeout_s", 0.001),
            ("grace_s", 0),
            ("calls_per_second", 0),
        ):
            if getattr(self, name) < least:
                raise ValueError(f"{name}: at least {least}")
        if self.close_date and self.period_end and self.close_date >= self.period_end:
            raise ValueError("close_date: not before period_end, so no date would be left")
        return self

    def route_of(self, document_type: str) -> str:
        """The route that this profile sends a document type by."""
        return self.routes.get(document_type, self.route)


class Oidc(_Part):
    """Sign-in through OpenID Connect."""

    issuer: str  # address below which /.well-known/openid-configuration is found
    client_id: str
    client_secret: SecretStr | None = None  # environment only
    name_claim: str = "preferred_username"
    scopes: str = "openid profile"


class Web(_Part):
    """The web page."""

    host: str = "127.0.0.1"
    port: int = 8080
    folder: Path = Path("web")  # working files and the key of the session cookies; relative to this file
    metrics_token: SecretStr | None = None  # whoever sends it reads /metrics; environment only; without it there is no such page
    secret: SecretStr | None = None  # signs the session cookies; environment only, else a file that is made in `folder`
    session_h: float = 12  # hours after which one signs in again
    max_upload_mb: int = 100
    https_only: bool = False  # behind a proxy that speaks HTTPS: cookies travel over it alone
    sign_in_failures: int = 5  # per name within a quarter of an hour; ten times as many per address
    uploads_at_once: int = 8  # workbooks that one person may have under way in requests at the same time
    public_url: str = ""  # address that people type, where a proxy changes it; OpenID Connect leads back there
    allowed_hosts: tuple[str, ...] = ("*",)
    oidc: Oidc | None = None


class _Environment(EnvSettingsSource):
    """Environment variables, which have no case, for profiles whose names have one."""

    def __init__(self, settings_cls: type[BaseSettings], profiles: Mapping[str, Any]) -> None:
        super().__init__(settings_cls)
        self._spelled = {name.lower(): name for name in profiles}

    def __call__(self) -> dict[str, Any]:
        found = super().__call__()
        if profiles := found.get("profiles"):
            found["profiles"] = {self._spelled.get(name, name): values for name, values in profiles.items()}
        return found


class Settings(BaseSettings):
    """The whole configuration."""

    model_config = SettingsConfigDict(extra="forbid", frozen=True, env_prefix="IMPORTER_", env_nested_delimiter="__")

    ledger: str = ""  # database URL; empty: a SQLite file in the user's data folder
    default_profile: str = ""
    mappings: Path = Path("mappings")  # the site's own mapping files, laid over the shipped ones
    prune_after_days: float = Field(default=0, ge=0)  # what workers prune of the ledger every night; 0 = nothing
    profiles: dict[str, Profile] = {}
    web: Web = Web()
    watch: Watch = Watch()
    notify: Notify = Notify()
    config_file: Path | None = None  # where this came from

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Environment over file; nothing else is read."""
        del env_settings, dotenv_settings, file_secret_settings
        spelled = init_settings().get("profiles") or {}
        return _Environment(settings_cls, spelled), init_settings

    @cached_property
    def base_folder(self) -> Path:
        """The folder that relative paths are relative to."""
        return self.config_file.parent if self.config_file else Path.cwd()

    @property
    def mappings_folder(self) -> Path:
        """The site's own mapping files; may not exist."""
        return self.base_folder / self.mappings

    @property
    def web_folder(self) -> Path:
        """Where the web page keeps its working files."""
        return (self.base_folder if self.config_file else _user_data_folder()) / self.web.folder

    @property
    def ledger_url(self) -> str:
        """The ledger's database URL, a relative SQLite path made absolute (design §4.1 rule 9)."""
        if not self.ledger:
            return f"sqlite:///{_user_data_folder() / 'importer.db'}"
        path = self.ledger.removeprefix("sqlite:///")
        if path == self.ledger or path in ("", ":memory:") or Path(path).is_absolute():
            return self.ledger
        folder = self.base_folder if self.config_file else _user_data_folder()
        return f"sqlite:///{folder / path}"

    def profile(self, name: str | None) -> Profile:
        """The profile by name, else the default one. Raises ConfigurationError that lists what there is."""
        wanted = name or self.default_profile or (next(iter(self.profiles)) if len(self.profiles) == 1 else "")
        if not self.profiles:
            raise ConfigurationError(N_("No profile is configured. Run `importer init` and fill in the ERP's address."))
        if wanted not in self.profiles:
            raise ConfigurationError(
                N_("There is no profile {name}. Configured are: {names}."), name=wanted or "?", names=", ".join(self.profiles)
            )
        profile = self.profiles[wanted]
        named = ("password_file", "ca_file", "lists", "translate")
        files: dict[str, Any] = {name: self.base_folder / path for name in named if (path := getattr(profile, name))}
        files["list_files"] = {name: self.base_folder / path for name, path in profile.list_files.items()}
        return profile.model_copy(update={"name": wanted, "erp_id": profile.erp_id or wanted, **files})


def _user_data_folder() -> Path:
    import platformdirs

    return Path(platformdirs.user_data_dir(APP_NAME, appauthor=False))


def find_config(explicit: Path | None, start: Path | None = None) -> Path | None:
    """`--config`, else IMPORTER_CONFIG, else importer.toml of the working directory, else of the user's configuration directory."""
    import platformdirs

    named = explicit or (Path(os.environ["IMPORTER_CONFIG"]) if os.environ.get("IMPORTER_CONFIG") else None)
    if named:
        if not named.is_file():
            raise ConfigurationError(N_("{file}: there is no such configuration file."), file=str(named))
        return named.resolve()
    for folder in (start or Path.cwd(), Path(platformdirs.user_config_dir(APP_NAME, appauthor=False))):
        if (folder / CONFIG_NAME).is_file():
            return (folder / CONFIG_NAME).resolve()
    return None


def load_settings(explicit: Path | None = None) -> Settings:
    """The configuration from its file and the environment. Raises ConfigurationError that names file and setting."""
    path = find_config(explicit)
    content = _read_toml(path) if path else {}
    _refuse_secrets(content, path)
    try:
        return Settings(**{**content, "config_file": path})
    except ValidationError as error:
        raise ConfigurationError("{details}", details=_explain(error, path)) from None
    except SettingsError as error:  # an environment variable that cannot even be parsed
        raise ConfigurationError(N_("Environment variables IMPORTER_*: {reason}"), reason=str(error)) from None


def _read_toml(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ConfigurationError(N_("{file}: cannot be read: {reason}"), file=str(path), reason=str(error)) from None


def _refuse_secrets(content: Mapping[str, Any], path: Path | None) -> None:
    for name, profile in (content.get("profiles") or {}).items():
        if isinstance(profile, dict) and "password" in profile:
            raise ConfigurationError(
                N_("{file}: profiles.{profile}: no password in this file, please. Use {variable}, the keyring or password_file."),
                file=str(path),
                profile=name,
                variable=f"IMPORTER_PROFILES__{name.upper()}__PASSWORD",
            )
    if found := refused_secret(content):
        raise ConfigurationError(
            N_("{file}: {setting}: no secret in this file, please. Use {variable}, the keyring or a file."),
            file=str(path),
            setting=found[0],
            variable=found[1],
        )
    for place in _secrets(Web, content.get("web"), "web"):
        raise ConfigurationError(
            N_("{file}: {setting}: no secret in this file, please. Use the environment variable {variable}."),
            file=str(path),
            setting=place,
            variable=f"IMPORTER_{place.replace('.', '__').upper()}",
        )


def _secrets(part: type[BaseModel], content: object, place: str) -> Iterator[str]:
    """Where secrets stand in a part of the configuration file."""
    for name, about in part.model_fields.items():
        if isinstance(content, dict) and name in content:
            for kind in get_args(about.annotation):  # of `SecretStr | None`, `Oidc | None`
                if kind is SecretStr:
                    yield f"{place}.{name}"
                elif isinstance(kind, type) and issubclass(kind, BaseModel):
                    yield from _secrets(kind, content[name], f"{place}.{name}")


def _explain(error: ValidationError, path: Path | None) -> str:
    where = str(path) if path else "IMPORTER_*"
    lines = []
    for problem in error.errors():
        place = ".".join(str(part) for part in problem["loc"])
        lines.append(f"{where}: {place}: {problem['msg'].removeprefix('Value error, ')}")
    return "\n".join(lines)


def password_of(profile: Profile) -> str:
    """The profile's password: environment, then `password_file`, then the system keyring; empty when there is none.

    Raises ConfigurationError when the file is missing or may be read by others.
    """
    if profile.password is None and (common := os.environ.get("IMPORTER_PASSWORD")):
        return common
    return secret_of(profile.password, profile.password_file, f"{profile.name}/{profile.user}")


def secret_of(given: SecretStr | None, file: Path | None, name: str) -> str:
    """A secret: from the environment (`given`), else from `file`, else from the system keyring by its `name`; empty when there is none.

    Raises ConfigurationError when the file is missing or may be read by others.
    """
    if given is not None:
        return given.get_secret_value()
    return _password_from_file(file) if file else _password_from_keyring(name)


def _password_from_file(path: Path) -> str:
    try:
        mode = path.stat().st_mode
        text = path.read_text(encoding="utf-8").strip("\r\n")
    except OSError as error:
        raise ConfigurationError(N_("{file}: cannot be read: {reason}"), file=str(path), reason=str(error)) from None
    if os.name == "posix" and mode & (stat.S_IRWXG | stat.S_IRWXO):
        raise ConfigurationError(N_("{file}: others may read this password file. Run: chmod 600 {file}"), file=str(path))
    return text


def _password_from_keyring(name: str) -> str:
    import keyring
    from keyring.errors import KeyringError

    try:
        return keyring.get_password(KEYRING_SERVICE, name) or ""
    except KeyringError:  # no keyring on this machine is no error: the ERP may need no password
        return ""


SAMPLE: Final = """\
# Configuration of the TIPTOP importer. Every line can be overridden by an environment variable:
# IMPORTER_LEDGER, IMPORTER_DEFAULT_PROFILE, IMPORTER_PROFILES__TEST__PLANT, ...

# Where the state of every document is kept. A relative SQLite path is relative to this file.
ledger = "sqlite:///importer.db"           # or postgresql+psycopg://user@host/database
default_profile = "test"
# prune_after_days = 90                    # with workers: prune the ledger every night, as `importer ledger prune` does
# mappings = "mappings"                    # folder of your own mapping files, laid over the shipped ones

[profiles.test]
# Which ERP this is. Profiles that reach the same ERP must share one erp_id.
erp_id = "test"
standard_url = "http://127.0.0.1:8800/CROSS/RESTful"
custom_url = "http://127.0.0.1:8800/web/ws/r/aws_ttsrv2"
ent_id = "1"
plant = "PLANT1"
user = "tiptop"
# The password never stands here. Use the environment variable IMPORTER_PROFILES__TEST__PASSWORD,
# the system keyring (service "tiptop-importer", name "test/tiptop") or:
# password_file = "/run/secrets/tiptop"    # readable by you only
language = "zh_TW"                         # zh_TW, zh_CN or en
format = "json"
concurrency = 8                            # calls at once
# documents_per_call = 1                   # on the standard channel; more only where the ERP takes lists of documents
# adaptive = false                         # true: find by the ERP's latency how many of them are good for it
calls_per_second = 0                       # 0 = no limit
timeout_s = 60
grace_s = 120                              # how long "not found" is no proof that a document is not there
# ask_before_create = "auto"               # auto, always, never
# post_order = "free"                      # stock: never two at once on one item and warehouse; workbook: one by one
# keep_payloads = false                    # keep requests and answers in the ledger
# text_length = "characters"               # or bytes
# date_formats = ["%Y-%m-%d", "%Y/%m/%d"]  # in which dates may be typed as text; "roc": years of the Republic (民國), 115/01/31

# What `check` knows beyond the workbook. Paths are relative to this file.
# lists = "lists"                          # folder with items.csv, warehouses.csv, locations.csv, ... and stock.csv
# list_files = {items = "../erp/items.csv"}
# stock_check = "warning"                  # error where stock.csv is up to date; off
# negative_stock = ["W7"]                  # warehouses whose stock may fall below zero
# close_date = 2026-01-31                  # nothing on or before this day
# period_end = 2026-02-28                  # nothing after this day
# translate = "translate"                  # folder with item_no.csv, warehouse_no.csv, ...: old code, new code
# unmapped = {reason_no = "keep"}          # a value that the table does not have: error (the default) or keep

# Watched folders: `importer watch` without a folder watches all that stand here. See README, "Watched folder".
# [watch]
# poll_s = 5
# settle_s = 10                            # a file is complete when it has not changed for so long
# give_up_h = 24                           # after so long without an answer of the ERP a file goes to `failed`
# health = "127.0.0.1:9464"                # /health and /metrics
# log_file = "watch.log"                   # structured log with rotation; without it: standard error
# [watch.folders.warehouse]
# path = "/srv/import/warehouse"           # with inbox, working, done, tofix and failed below it
# document_type = "misc_issue"             # without it: the workbook's own stamp
# until = "created"                        # by day ...
# post_at = "0 22 * * *"                   # ... and posted at ten in the evening
# quiet = ["12:00-13:00"]                  # hours in which nothing is sent
# keep_done_days = 90
# archive = "/srv/archive"                 # without it old files are deleted

# The web page: `importer serve`. See README, "The web page".
# [web]
# host = "0.0.0.0"                         # for the whole office; without it only this machine
# port = 8080
# https_only = true                        # behind a proxy that speaks HTTPS
# allowed_hosts = ["import.example.com"]   # names under which the page answers
# session_h = 12
# max_upload_mb = 100

# Who is told how files ended, and of trouble. No passwords or addresses of chat rooms here: use the environment,
# the keyring (names "notify/email", "notify/ops", "notify/ops/token") or files.
# [notify]
# every_min = 5                            # one message for all that happens in this time
# tell = ["tofix", "failed", "trouble", "done"]
# [notify.email]
# host = "mail.example"
# security = "starttls"                    # starttls, tls or none
# user = "importer"
# password_file = "/run/secrets/mail"
# sender = "importer@example.com"
# to = ["warehouse@example.com"]
# [notify.webhooks.ops]
# shape = "teams"                          # generic, slack, mattermost, teams, dingtalk, wecom, feishu, line, custom
# url_file = "/run/secrets/teams-url"

# Lists that `importer lists fetch` asks the ERP for. Service and column names are the site's own; these are examples.
# [profiles.test.fetch.items]
# service = "tt.oapi.item.list.data.query.get"
# columns = {code = "item_no", name = "item_name"}
# [profiles.test.fetch.locations]
# channel = "custom"
# service = "GetLocationData"
# columns = {code = "ime02", within = "ime01"}
# condition = " 1=1 "

# What differs from site to site on the standard channel; these are the defaults.
# [profiles.test.digi]
# host_prod = "IMPORTER"
# service_prod = "TIPTOP"
# service_ip = ""
# service_id = ""
# key = true                               # send digi-key
# key_salt = ""                            # appended before hashing
# key_upper = true
# headers = {}                             # such as {"digi-user-token" = "..."}
# [profiles.test.wire]
# date_format = "%Y-%m-%d"
# datakeys = "datakeys"
# key_fields = "both"                      # both, doc_no, doc_type_no
# xml_date_format = "%Y%m%d"
# number_paths = ["success.0.doc_no", "success_return.0.success_msg"]
# conditions = "object"                    # or array: how a list query carries its conditions

# The same for the custom XML channel, which creates, approves and posts in one call.
# [profiles.test.custom]
# carrier = "soap"                         # or invokeSrv
# application = "IMPORTER"
# date_format = "%Y/%m/%d"                 # the server's DBDATE
# parameters = {}                          # extra request parameters, such as {reqno = "{token}", reqtime = "{now}"}
"""


def sample_config() -> str:
    """The commented configuration file that `importer init` writes."""
    return SAMPLE
