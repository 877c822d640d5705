"""From columns to a draft: only what the service reads, in the types of the database (protocol §1.5-§1.8, §8)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from typing import Any

from importer.simulator.customservice import CustomService
from importer.simulator.erp.drafts import Draft
from importer.simulator.erp.kinds import KINDS, Field, Kind
from importer.simulator.exchange import Remarks
from importer.simulator.master import Master
from importer.simulator.settings import SimulatorSettings


@dataclass(frozen=True, slots=True)
class ColumnReader:
    """One record set of one service."""

    service: CustomService
    master: Master
    settings: SimulatorSettings
    application: str
    remarks: Remarks

    def draft(self, header: Mapping[str, str], lines: list[dict[str, str]], *, plant: str, user: str) -> Draft:
        service = self.service
        kind = self._kind(header)
        values = self._read(service.master, kind.header, service.header, header)
        values["doc_type_no"] = values.get("doc_type_no") or service.default_slip
        if not service.default_applicant:
            values["employee_no"] = ""
        typed = [self._read(service.detail, kind.lines, service.lines, line) for line in lines]
        if service.item_from_work_order:
            typed = [self._item_of_work_order(line) for line in typed]
        # Line numbers are positions, whatever the caller sent (protocol §1.5).
        numbered = tuple({**line, "seq": position} for position, line in enumerate(typed, 1))
        return Draft(kind=kind, plant=plant, user=user, header=values, lines=numbered)

    def _kind(self, header: Mapping[str, str]) -> Kind:
        """ina00 is '1' unless the service, or the application "CRM", lets the caller choose (protocol §1.6, §8)."""
        rule = self.service.kind_by_ina00
        chooses = rule == "always" or (rule == "crm" and self.application == "CRM")
        receipt = chooses and header.get("ina00") in ("3", "4")
        return KINDS["misc_receipt" if receipt else self.service.kind]

    def _read(self, table: str, fields: Mapping[str, Field], wanted: tuple[str, ...], sent: Mapping[str, str]) -> dict[str, Any]:
        """The columns that the service reads, by standard field name."""
        values = self._mapped(table, wanted, sent)
        other = dict(self.service.columns)
        columns = {other.get(name, spec.column): spec for name, spec in fields.items()}
        return {columns[column].name: self._typed(columns[column], text) for column, text in values.items() if column in columns}

    def _mapped(self, table: str, wanted: tuple[str, ...], sent: Mapping[str, str]) -> dict[str, str]:
        """wss_file renames what comes in, and its defaults survive even in columns that the service does not read (protocol §1.3)."""
        rows = [row for row in self.master.mappings_for(self.service.name, self.application) if row.table == table]
        renamed = {**sent, **{row.column: sent[row.incoming] for row in rows if row.incoming in sent}}
        values = {column: renamed.get(column, "") for column in wanted}
        return values | {row.column: row.default for row in rows if row.default and not values.get(row.column)}

    def _typed(self, spec: Field, text: str) -> Any:
        """A missing field and an empty one are both NULL, and so is what cannot be converted."""
        if not text.strip():
            return None
        if spec.type == "date":
            return self._date(text)
        if spec.type in ("decimal", "integer"):
            return self._number(spec, text)
        if len(text) > spec.length:
            self.remarks.append(("text_too_long", spec.name))
        return text[: spec.length]

    def _date(self, text: str) -> date | None:
        form = self.service.date_format or self.settings.custom_date_format
        try:
            return datetime.strptime(text.strip(), form).date()
        except ValueError:
            self.remarks.append(("date_form", text))
            return None

    def _number(self, spec: Field, text: str) -> Decimal | None:
        try:
            number = Decimal(text.strip())
            return number.quantize(Decimal(1).scaleb(-spec.scale), ROUND_HALF_UP) if number.is_finite() else None
        except InvalidOperation:
            self.remarks.append(("number_form", text))
            return None

    def _item_of_work_order(self, line: dict[str, Any]) -> dict[str, Any]:
        order = self.master.work_orders.get(line.get("wo_no") or "")
        return line if order is None else {**line, "item_no": order.item}
