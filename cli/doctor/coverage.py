"""How much of what one side has the other side knows, in percent."""

from __future__ import annotations

from collections.abc import Collection

from cli.doctor.finding import Examination

SKUS = "SKU coverage"
NAMED = 10
"""So many of the missing ones are named."""


def check_coverage(
    examined: Examination, wanted: Collection[str], known: Collection[str], what: str, fix: str, check: str = SKUS
) -> None:
    """`what` goes on after "97 percent: 97 of 100": "active stock items are at ShipBob"."""
    missing = sorted(set(wanted) - set(known))
    total = len(set(wanted))
    percent = 100 * (total - len(missing)) // total if total else 100
    text = f"{percent} percent: {total - len(missing)} of {total} {what}"
    if missing:
        more = f" and {len(missing) - NAMED} more" if len(missing) > NAMED else ""
        examined.warn(check, f"{text}; not {', '.join(missing[:NAMED])}{more}", fix)
    else:
        examined.good(check, text)
