"""Values on the wire: wrapped in requests and answers, typed inside.

Inside, a value is str, bool, int, Decimal, date, Instant or None. Numbers leave as JSON numbers, business dates as
midnight with the tenant's offset, instants with 0 to 7 fraction digits (trailing zeros are cut, as .NET does).
"""

from __future__ import annotations

import re
import uuid
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any

from local.simulators.acumatica.contract import PADDED, Field

SECOND = 10_000_000  # ticks
_ORIGIN = datetime(1, 1, 1, tzinfo=UTC)
_MOMENT = re.compile(
    r"(?P<date>\d{4}-\d{2}-\d{2})(?:[T ](?P<hms>\d{2}:\d{2}(?::\d{2})?)(?:\.(?P<fraction>\d{1,7}))?"
    r"(?P<zone>Z|[+-]\d{2}:\d{2})?)?$"
)


@dataclass(frozen=True, order=True)
class Instant:
    """A moment in .NET ticks: 100 ns since 0001-01-01T00:00 UTC."""

    ticks: int

    @staticmethod
    def of(moment: datetime, extra_ticks: int = 0) -> Instant:
        """The instant of an aware datetime, moved by some ticks."""
        return Instant((moment - _ORIGIN) // timedelta(microseconds=1) * 10 + extra_ticks)

    def text(self, offset_minutes: int, *, zone: bool = True) -> str:
        """ISO 8601 at the given offset; without `zone` as push rows print it."""
        local = self.ticks + offset_minutes * 60 * SECOND
        whole = (_ORIGIN + timedelta(seconds=local // SECOND)).replace(tzinfo=None).isoformat()
        fraction = f"{local % SECOND:07d}".rstrip("0")
        return whole + (f".{fraction}" if fraction else "") + (offset_text(offset_minutes) if zone else "")


Value = str | bool | int | Decimal | date | Instant | None


class BadValue(ValueError):
    """A value that the field's type cannot take."""


def offset_text(minutes: int) -> str:
    """`+02:00` for 120."""
    hours, rest = divmod(abs(minutes), 60)
    return f"{'-' if minutes < 0 else '+'}{hours:02d}:{rest:02d}"


def _split(text: str) -> tuple[datetime, int, int | None]:
    """A moment's naive whole seconds, its fraction in ticks, its offset in minutes or None."""
    match = _MOMENT.match(text)
    if match is None:
        raise BadValue(f"{text!r} is not a date or time")
    try:
        naive = datetime.fromisoformat(match["date"] + "T" + (match["hms"] or "00:00"))
    except ValueError as error:
        raise BadValue(str(error)) from error
    zone = match["zone"]
    offset = None
    if zone is not None:
        sign = -1 if zone[0] == "-" else 1
        offset = 0 if zone == "Z" else sign * (int(zone[1:3]) * 60 + int(zone[4:6]))
    return naive, int((match["fraction"] or "0").ljust(7, "0")), offset


def parse_instant(text: str, tenant_offset: int) -> Instant:
    """An instant; a text without offset means the tenant's own. Raises BadValue."""
    naive, fraction, offset = _split(text)
    minutes = tenant_offset if offset is None else offset
    return Instant.of(naive.replace(tzinfo=UTC) - timedelta(minutes=minutes), fraction)


def parse_date(text: str, tenant_offset: int) -> date:
    """A business date. A text with an offset is first moved to the tenant's zone, which can change the day."""
    american = re.match(r"(\d{1,2})/(\d{1,2})/(\d{4})$", text)
    if american:
        try:
            return date(int(american[3]), int(american[1]), int(american[2]))
        except ValueError as error:
            raise BadValue(str(error)) from error
    naive, _, offset = _split(text)
    if offset is not None:
        naive += timedelta(minutes=tenant_offset - offset)
    return naive.date()


def midnight(day: date, tenant_offset: int) -> Instant:
    """The instant at which a business date starts."""
    return Instant.of(datetime(day.year, day.month, day.day, tzinfo=UTC) - timedelta(minutes=tenant_offset))


def _number(raw: Any) -> Decimal:
    if isinstance(raw, bool) or not isinstance(raw, int | float | str | Decimal):
        raise BadValue(f"{raw!r} is not a number")
    try:
        number = Decimal(str(raw).strip())
    except InvalidOperation as error:
        raise BadValue(f"{raw!r} is not a number") from error
    if not number.is_finite():
        raise BadValue(f"{raw!r} is not a number")
    return number


def coerce(field: Field, raw: Any, tenant_offset: int) -> Value:
    """What the field makes of a raw JSON value; null, and "" where no string belongs, are empty. Raises BadValue."""
    if raw is None or (raw == "" and field.kind != "string"):
        return None
    if isinstance(raw, dict | list):
        raise BadValue(f"a {field.kind} value cannot be an object or an array")
    if field.kind in ("string", "guid"):
        return _text(field, raw)
    if field.kind == "boolean":
        if str(raw).lower() not in ("true", "false"):
            raise BadValue(f"{raw!r} is not true or false")
        return str(raw).lower() == "true"
    if field.kind == "decimal":
        return _number(raw)
    if field.kind == "integer":
        number = _number(raw)
        if number != int(number):
            raise BadValue(f"{raw!r} is not a whole number")
        return int(number)
    if not isinstance(raw, str):
        raise BadValue(f"{raw!r} is not a date or time")
    return parse_date(raw, tenant_offset) if field.kind == "date" else parse_instant(raw, tenant_offset)


def _text(field: Field, raw: Any) -> str | None:
    if not isinstance(raw, str):
        raw = str(raw).lower() if isinstance(raw, bool) else str(raw)
    if field.kind == "guid":
        try:
            return str(uuid.UUID(raw))
        except ValueError as error:
            raise BadValue(f"{raw!r} is not a GUID") from error
    return raw.rstrip() or None


def plain(value: Value, tenant_offset: int = 0) -> Any:
    """A value as plain JSON, for holdings, push rows and the wire alike."""
    if isinstance(value, Decimal):
        return float(value)
    if isinstance(value, Instant):
        return value.text(tenant_offset)
    if isinstance(value, date):
        return f"{value.isoformat()}T00:00:00{offset_text(tenant_offset)}"
    return value


def wrap(field: Field, value: Value, tenant_offset: int, *, pad: bool) -> dict[str, Any]:
    """The wrapped field of an answer; an empty one is `{}` whatever its type."""
    if value is None or value == "":
        return {}
    if pad and field.name in PADDED and isinstance(value, str):
        return {"value": value + " " * PADDED[field.name]}
    return {"value": plain(value, tenant_offset)}
