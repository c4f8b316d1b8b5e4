"""How lines of a request meet the lines of a record: merged by key, appended, or replaced as a whole."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from local.simulators.netsuite.contract import Sublist
from local.simulators.netsuite.problems import missing_values
from local.simulators.netsuite.records import Line, Record, as_quantity

_WORDS = {"item": "Item", "adjustQtyBy": "Adjust Qty. By", "amount": "Amount"}


def next_number(lines: list[Line]) -> int:
    """The id of a new line: after the highest that is there."""
    return max((int(line["line"]) for line in lines), default=0) + 1


def check_required(sublist: Sublist, line: Line) -> None:
    """A new line must have what its sublist demands."""
    lacking = [_WORDS.get(name, name) for name in sublist.required if line.get(name) is None]
    if lacking:
        raise missing_values(", ".join(lacking))


def merge(record: Record, name: str, rows: list[Line], *, replace: bool) -> None:
    """Lines of a request into a saved record: `line` names the one that is changed, everything else is added.

    With `replace` the request is the complete list and what it does not name goes away.
    """
    sublist = record.form.lists[name]
    present = record.lists.get(name, [])
    kept: list[Line] = [] if replace else list(present)
    for row in rows:
        key: Any = row.get(sublist.key) if sublist.key else None
        old = next((line for line in present if key is not None and line["line"] == key), None)
        if old is not None:
            changed = {**old, **row}
            kept = [changed if line["line"] == key else line for line in kept]
            if replace:
                kept.append(changed)
            continue
        check_required(sublist, row)
        kept.append({**row, "line": next_number([*present, *kept])})
    record.lists[name] = kept


def expand_kits(record: Record, members: dict[int, tuple[tuple[int, Decimal], ...]]) -> None:
    """Keeps the member lines of kits beside their kit: they show in queries, they are not processed by themselves."""
    kept = [line for line in record.lines() if "kitMemberOf" not in line]
    old = {(line["kitMemberOf"], line["item"]): line for line in record.lines() if "kitMemberOf" in line}
    made = list(kept)
    for line in kept:
        for item, count in members.get(int(line["item"]), ()):
            known = old.get((line["line"], str(item)), {"line": next_number([*record.lines(), *made])})
            quantity = as_quantity(line.get("quantity")) * count
            made.append({**known, "item": str(item), "quantity": quantity, "kitMemberOf": line["line"]})
            if line.get("location") is not None:
                made[-1]["location"] = line["location"]
    record.lists["item"] = made
