"""How ShipBob writes moments, money and identifiers, and how it reads moments.

Times are ISO 8601 in UTC with a fraction of zero to seven digits; money is a plain JSON number.
Inside the simulator money is Decimal and a moment is an aware UTC datetime, so nothing is lost on the way.
"""

from __future__ import annotations

import base64
import json
import re
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

_MOMENT = re.compile(
    r"(\d{4}-\d{2}-\d{2})[Tt](\d{2}:\d{2}:\d{2})(?:\.(\d{1,9}))?([Zz]|[+-]\d{2}:\d{2})",
)
_CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


def read_moment(text: str) -> datetime:
    """An RFC 3339 date-time with an offset as UTC; ValueError for a bare date, a missing offset or any other text."""
    found = _MOMENT.fullmatch(text)
    if not found:
        raise ValueError(f"{text!r} is not an ISO 8601 date-time with an offset")
    day, hour, fraction, offset = found.groups()
    zone = "+00:00" if offset in "Zz" else offset
    return datetime.fromisoformat(f"{day}T{hour}.{(fraction or '0')[:6].ljust(6, '0')}{zone}").astimezone(UTC)


def stamp(moment: datetime, seed: int) -> str:
    """The moment as ShipBob prints it: `seed` chooses zero to seven digits of fraction, as the real data vary."""
    digits = seed % 8
    fraction = f"{moment.microsecond:06d}{seed % 10}"[:digits]
    text = moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S")
    return f"{text}.{fraction}+00:00" if fraction else f"{text}+00:00"


def stamp_or_none(moment: datetime | None, seed: int) -> str | None:
    """`stamp`, or None where nothing happened yet."""
    return None if moment is None else stamp(moment, seed)


def plain(value: Any) -> Any:
    """A tree with Decimals, dates and tuples as plain JSON values; the last place where money turns into a number."""
    if isinstance(value, Decimal):
        return float(value)
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, dict):
        return {str(key): plain(member) for key, member in value.items()}
    if isinstance(value, (list, tuple, set, frozenset)):
        return [plain(member) for member in value]
    return value


def read_json(body: bytes) -> Any:
    """A request body with exact decimals; ValueError when it is not JSON (NaN and Infinity are not)."""

    def refuse(constant: str) -> Any:
        raise ValueError(f"{constant} is not JSON")

    return json.loads(body.decode("utf-8"), parse_float=Decimal, parse_constant=refuse)


def cursor_text(document: dict[str, Any]) -> str:
    """A cursor as ShipBob makes them: base64 of JSON (`eyJ...`), padding included."""
    return base64.b64encode(json.dumps(document, sort_keys=True).encode()).decode()


def read_cursor(text: str) -> dict[str, Any]:
    """The document inside a cursor; ValueError when it is not one of ours."""
    document = json.loads(base64.b64decode(text, validate=True).decode("utf-8"))
    if not isinstance(document, dict):
        raise ValueError("not a cursor")
    return document


def ulid(moment: datetime, number: int) -> str:
    """A 26 character ULID: ten characters of milliseconds, sixteen that count."""
    milliseconds, tail = int(moment.timestamp() * 1000), ""
    for _ in range(16):
        tail, number = _CROCKFORD[number % 32] + tail, number // 32
    head = ""
    for _ in range(10):
        head, milliseconds = _CROCKFORD[milliseconds % 32] + head, milliseconds // 32
    return head + tail


def cents(amount: Decimal) -> Decimal:
    """The amount rounded to two places."""
    return amount.quantize(Decimal("0.01"))
