"""What a site could have configured in its ERP and its gateway, and how the simulator itself behaves.

Everything that the protocol page calls unknown (§7) and that the ERP decides is a setting here, with §9.1's answer as default.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path
from typing import Any, Literal, get_args, get_type_hints

from importer.simulator.customservice import CustomService, service_from_json
from importer.simulator.faults import FaultRule, rule_from_json
from importer.simulator.sitenames import SiteNames, names_from_json


@dataclass(frozen=True, slots=True, kw_only=True)
class SimulatorSettings:
    """One ERP to simulate. Change = `dataclasses.replace`, or `POST /admin/settings`."""

    # the machine
    master: Path | None = None  # JSON file with master data in place of the default set
    latency_ms: float = 0.0  # every call takes at least this long
    latency_jitter_ms: float = 0.0  # and up to this much longer
    capacity: int = 0  # calls that the ERP works on at once, the others queue; 0 = any number
    calls_kept: int = 1000  # length of the call log; 0 = none
    keep_bodies: bool = False  # also keep request and answer in the call log
    seed: int = 0  # of all random decisions
    faults: tuple[FaultRule, ...] = ()
    # the gateway
    digi_key: Literal["off", "lax", "strict"] = "lax"  # lax: a wrong one is counted, strict: also refused
    digi_key_salt: str = ""
    digi_key_upper: bool = True  # hex case
    bad_key_answer: Literal["srvcode", "html"] = "srvcode"  # html: HTTP 500 and a gb2312 page (protocol §2.3)
    user_token: str = ""  # required digi-user-token; "" = none
    ent_id: str = ""  # required EntId; "" = any
    strict_headers: bool = False  # refuse what lacks a header of protocol §2.1, not only count it
    sql_code_name: Literal["sql_code", "sqlcode"] = "sql_code"
    # names and forms of the standard channel (protocol §7 5-9, 16)
    site_names: tuple[SiteNames, ...] = ()  # where this site differs from §9
    keys_name: str = "datakeys"
    key_form: Literal["any", "both", "doc_no", "doc_type_no"] = "any"  # what a key must hold; doc_type_no: the number stands there
    operator_names: tuple[tuple[str, str], ...] = ()  # (of the site, of §9), such as ("LIKE", "like")
    conditions_form: Literal["object", "array"] = "object"
    create_answer: Literal["success", "success_return"] = "success"  # success_return[0].success_msg at T100
    # answers of the standard channel
    refusal_code: str = "-1"  # execution.code when everything was refused; "0" = false success, "-0"
    partial_code: str = "-1"  # execution.code when a batch was refused in part; "-0" at some products
    error_shape: Literal["information", "message"] = "information"  # the two item shapes of protocol §2.3
    first_error_only: bool = False
    status_style: Literal["code", "text"] = "code"  # text: "Y.已審核"
    json_date_format: str = "%Y-%m-%d"
    xml_date_format: str = "%Y%m%d"
    # behaviour of the ERP
    atomic_batch: bool = True  # several documents in one call: all or nothing
    manual_numbers: bool = False  # automatic slips also take a full number from the caller
    serial_overflow: Literal["grow", "refuse"] = "grow"  # more than 9999 documents per slip and month
    create_approves: bool = False
    approve_posts: bool = False
    unknown_fields: Literal["keep", "ignore", "refuse"] = "keep"
    too_long: Literal["refuse", "cut"] = "refuse"
    text_length: Literal["characters", "bytes"] = "characters"
    generic_documents: bool = True  # store documents of any service prefix, without master data checks
    completion_needs_stock_record: bool = False  # asf-507
    # the custom channel
    custom_services: tuple[CustomService, ...] = ()  # of this site; one with a shipped name replaces it
    custom_date_format: str = "%Y/%m/%d"  # DBDATE of the server; what does not fit is NULL (protocol §1.8)
    check_password: bool = False
    transfer_overwrites_code: bool = False  # a failed CreateTransferNote still runs the post program, whose failure hides the code
    number_in_refusal: bool = True  # the number's field is there, but empty, when nothing was created


def settings_from_json(current: SimulatorSettings, changes: dict[str, Any]) -> SimulatorSettings:
    """Lay changes over `current`. Raise ValueError for an unknown name or a value of the wrong type."""
    known = {field.name for field in fields(SimulatorSettings)}
    if unknown := set(changes) - known:
        raise ValueError(f"not a setting: {', '.join(sorted(unknown))}")
    return replace(current, **{name: _value(current, name, value) for name, value in changes.items()})


def settings_as_json(settings: SimulatorSettings) -> dict[str, Any]:
    values = asdict(settings)
    values["master"] = str(settings.master) if settings.master else None
    return values


def _value(current: SimulatorSettings, name: str, value: Any) -> Any:
    if name == "faults":
        return tuple(rule_from_json(rule) for rule in value)
    if name == "site_names":
        return tuple(names_from_json(names) for names in value)
    if name == "operator_names":
        return tuple((str(site), str(standard)) for site, standard in value)
    if name == "custom_services":
        return tuple(service_from_json(service) for service in value)
    if name == "master":
        return Path(value) if value else None
    wanted: type = type(getattr(current, name))
    if wanted is float and isinstance(value, int) and not isinstance(value, bool):
        return float(value)
    if not isinstance(value, wanted) or isinstance(value, bool) is not (wanted is bool):
        raise ValueError(f"{name} is {wanted.__name__}, not {value!r}")
    choices = get_args(get_type_hints(SimulatorSettings)[name])
    if choices and value not in choices:
        raise ValueError(f"{name} is one of {', '.join(choices)}, not {value!r}")
    return value
