"""Typed, careful reading of one unwrapped record: what is absent stays None, what is wrong is said with its path."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from vendors.acumatica.codec import custom_values, unwrap
from vendors.acumatica.times import read_day, read_instant

T = TypeVar("T")


@dataclass(frozen=True, repr=False)
class Row:
    """One record, detail row or linked entity. `path` names it in errors, `zone` is the business time zone."""

    path: str
    fields: Mapping[str, Any]
    zone: ZoneInfo

    def text(self, name: str) -> str | None:
        """A text; None when it is absent or blank."""
        value = self.fields.get(name)
        if value is None or (isinstance(value, str) and not value):
            return None
        if not isinstance(value, str):
            raise self._wrong(name, "a text", value)
        return value

    def number(self, name: str) -> Decimal | None:
        """A number, exactly as it was written."""
        value = self.fields.get(name)
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, int | Decimal):
            raise self._wrong(name, "a number", value)
        return Decimal(value)

    def whole(self, name: str) -> int | None:
        """A whole number."""
        value = self.number(name)
        if value is None:
            return None
        if value != value.to_integral_value():
            raise self._wrong(name, "a whole number", value)
        return int(value)

    def flag(self, name: str) -> bool | None:
        """A boolean."""
        value = self.fields.get(name)
        if value is not None and not isinstance(value, bool):
            raise self._wrong(name, "true or false", value)
        return value

    def instant(self, name: str) -> datetime | None:
        """A date-time as an aware UTC instant."""
        text = self.text(name)
        return None if text is None else self._read(name, read_instant, text)

    def day(self, name: str) -> date | None:
        """A date-only field as the business's calendar day."""
        text = self.text(name)
        return None if text is None else self._read(name, read_day, text)

    def rows(self, name: str) -> tuple[Row, ...]:
        """A detail collection. One that was not expanded may be absent, empty or `{}`; all are the same here."""
        value = self.fields.get(name)
        if value is None:
            return ()
        if not isinstance(value, list):
            raise self._wrong(name, "a list of rows", value)
        return tuple(Row(f"{self.path}.{name}[{n}]", row, self.zone) for n, row in enumerate(value, start=1))

    def linked(self, name: str) -> Row | None:
        """A linked entity, None when it was not expanded."""
        value = self.fields.get(name)
        if value is None:
            return None
        if not isinstance(value, Mapping):
            raise self._wrong(name, "a linked entity", value)
        return Row(f"{self.path}.{name}", value, self.zone)

    def required_text(self, name: str) -> str:
        """A text that must be there. Raises ValueError."""
        return self._required(name, self.text(name))

    def required_number(self, name: str) -> Decimal:
        """A number that must be there. Raises ValueError."""
        return self._required(name, self.number(name))

    def required_whole(self, name: str) -> int:
        """A whole number that must be there. Raises ValueError."""
        return self._required(name, self.whole(name))

    def required_instant(self, name: str) -> datetime:
        """A date-time that must be there. Raises ValueError."""
        return self._required(name, self.instant(name))

    @property
    def id(self) -> str:
        """The record's or row's GUID. Raises ValueError when the answer carries none."""
        return self._required("id", self.text("id"))

    @property
    def custom(self) -> Mapping[str, Any]:
        """The custom fields that were asked for: `{"Document.AttributeX": value}`."""
        return custom_values(dict(self.fields))

    @property
    def upload_link(self) -> str | None:
        """The link for attaching files to this record or row, with `{filename}` in it."""
        link = (self.fields.get("_links") or {}).get("files:put")
        return link if isinstance(link, str) else None

    @property
    def file_names(self) -> tuple[str, ...]:
        r"""Names of the attached files ($expand=files); the ERP's `Shipments (SH1)\` prefix is cut off."""
        files = self.fields.get("files") or []
        return tuple(str(file.get("filename", "")).rpartition("\\")[2] for file in files)

    def _read(self, name: str, read: Callable[[str, ZoneInfo], T], text: str) -> T:
        try:
            return read(text, self.zone)
        except ValueError as error:
            raise ValueError(f"{self.path}: {name} is not a readable date") from error

    def _required(self, name: str, value: T | None) -> T:
        if value is None:
            raise ValueError(f"{self.path}: {name} is missing")
        return value

    def _wrong(self, name: str, wanted: str, value: object) -> ValueError:
        return ValueError(f"{self.path}: {name} should be {wanted} but is {type(value).__name__}")


def read_row(document: Any, path: str, zone: ZoneInfo) -> Row:
    """Unwraps a record of an answer. Raises ValueError (WrongDialect) when it is not contract 4."""
    return Row(path, unwrap(document, path), zone)
