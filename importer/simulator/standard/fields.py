"""Values on the wire <-> typed values. What has the wrong form is remarked; what cannot be read is refused."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from typing import Any

from importer.simulator.erp.documents import Refusal
from importer.simulator.erp.kinds import SPACE_WHEN_BLANK, Field
from importer.simulator.exchange import Remarks
from importer.simulator.settings import SimulatorSettings
from importer.simulator.standard.call import Format

_OTHER_DATE_FORMS = ("%Y-%m-%d", "%Y%m%d", "%Y/%m/%d")
# Never sent on create (protocol §2.4), or the ERP's own.
KEYS = frozenset({"doc_no", "approve_status", "post_status"})


class ExponentNumber(Decimal):
    """A JSON number that came with an exponent, which numbers must not have (§9.1 10)."""


def exact_number(text: str) -> Decimal:
    """Keep every digit of a JSON number."""
    return ExponentNumber(text) if "e" in text or "E" in text else Decimal(text)


@dataclass(frozen=True, slots=True)
class Reader:
    """Turns the fields of one header or line into typed values, and collects what is wrong."""

    settings: SimulatorSettings
    format: Format
    remarks: Remarks

    def read(self, fields: Mapping[str, Field], values: Mapping[str, Any]) -> tuple[dict[str, Any], list[Refusal]]:
        typed: dict[str, Any] = {}
        refusals: list[Refusal] = []
        for name, value in values.items():
            spec = fields.get(name)
            try:
                if spec is not None:
                    typed[spec.name] = self._typed(spec, value)
                elif name not in KEYS:
                    self._unknown(name, value, typed)
            except _UnreadableError as problem:
                refusals.append(Refusal(str(problem), {name: value}))
        return typed, refusals

    def _unknown(self, name: str, value: Any, typed: dict[str, Any]) -> None:
        self.remarks.append(("unknown_field", name))
        if self.settings.unknown_fields == "refuse":
            raise _UnreadableError("sim-field")
        if self.settings.unknown_fields == "keep":
            typed[name] = value

    def _typed(self, spec: Field, value: Any) -> Any:
        if value is None:
            return None
        if spec.type == "decimal":
            return self._decimal(spec, value)
        if spec.type == "date":
            return self._date(spec, value)
        return self._integer(spec, value) if spec.type == "integer" else self._text(spec, value)

    def _text(self, spec: Field, value: Any) -> str:
        if not isinstance(value, str):
            self.remarks.append(("text_not_string", spec.name))
            value = str(value)
        text: str = value
        size = len(text.encode()) if self.settings.text_length == "bytes" else len(text)
        if size <= spec.length:
            return text
        if self.settings.too_long == "refuse":
            raise _UnreadableError("sim-length")
        self.remarks.append(("text_too_long", spec.name))
        return text.encode()[: spec.length].decode(errors="ignore") if self.settings.text_length == "bytes" else text[: spec.length]

    def _date(self, spec: Field, value: Any) -> date | None:
        if value == "":
            return None
        expected = self.settings.json_date_format if self.format == "json" else self.settings.xml_date_format
        for form in (expected, *_OTHER_DATE_FORMS):
            day = _parsed(str(value), form)
            if day is not None:
                if form != expected:
                    self.remarks.append(("date_form", f"{spec.name}={value}"))
                return day
        raise _UnreadableError("sim-value")

    def _integer(self, spec: Field, value: Any) -> int:
        number = self._number(spec, value)
        if number != number.to_integral_value():
            raise _UnreadableError("sim-value")
        return int(number)

    def _decimal(self, spec: Field, value: Any) -> Decimal | None:
        """The database keeps `scale` decimals and rounds the rest away."""
        if value == "":
            if self.format == "json":
                self.remarks.append(("number_as_string", spec.name))
            return None
        number = self._number(spec, value)
        exponent = number.as_tuple().exponent
        if isinstance(exponent, int) and -exponent > spec.scale:
            self.remarks.append(("too_many_decimals", f"{spec.name}={value}"))
            number = number.quantize(Decimal(1).scaleb(-spec.scale), ROUND_HALF_UP)
        if number.adjusted() >= spec.length - spec.scale:
            raise _UnreadableError("sim-length")
        return number

    def _number(self, spec: Field, value: Any) -> Decimal:
        if isinstance(value, Decimal):
            if isinstance(value, ExponentNumber):
                self.remarks.append(("number_with_exponent", f"{spec.name}={value}"))
            return Decimal(value)
        if isinstance(value, int) and not isinstance(value, bool):
            return Decimal(value)
        kind = "number_as_string" if self.format == "json" else "field_type"
        self.remarks.append((kind, f"{spec.name}={value!r}"))
        return _number_in(str(value))


class _UnreadableError(ValueError):
    """Carries the code of the refusal."""


def _number_in(text: str) -> Decimal:
    try:
        number = Decimal(text)
    except InvalidOperation:
        raise _UnreadableError("sim-value") from None
    if not number.is_finite():
        raise _UnreadableError("sim-value")
    return number


def _parsed(text: str, form: str) -> date | None:
    if form == "%Y-%m-%d" and len(text) == 10:
        try:
            return date.fromisoformat(text)
        except ValueError:
            return None
    try:
        return datetime.strptime(text, form).date()
    except ValueError:
        return None


def shown(values: Mapping[str, Any], date_format: str) -> Iterator[tuple[str, Any]]:
    """Typed values as an answer carries them: dates as text; numbers stay numbers, with their digits."""
    for name, value in values.items():
        if isinstance(value, date):
            yield name, value.strftime(date_format)
        elif value is None:
            yield name, " " if name in SPACE_WHEN_BLANK else ""
        else:
            yield name, value
