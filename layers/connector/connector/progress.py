"""How far something is, as a lattice, and the block of a note that shows it.

Late, repeated or reordered news add facts and never take one back. A pair names its stages in their order.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

Progress = Mapping[str, Any]
"""Facts of one parcel: `stage`, `beside` (what is wrong beside the way), `stamp` (instant text), and the pair's own."""


def merge(
    old: Progress | None, new: Progress, stages: Sequence[str], final: Collection[str] = ()
) -> dict[str, Any]:
    """Both together: the furthest stage, every fact that is known, and the newer of two that differ.

    Reaching the last stage ends what was beside the way. `final`: what stays beside it whatever is heard later.
    """
    if old is None:
        return dict(new)
    newer, older = (new, old) if new["stamp"] >= old["stamp"] else (old, new)
    merged = {key: newer.get(key) or older.get(key) for key in dict.fromkeys([*newer, *older])}
    merged["stage"] = max(old["stage"], new["stage"], key=stages.index)
    merged["beside"] = "" if merged["stage"] == stages[-1] else newer["beside"]
    for facts in (old, new):
        if facts["beside"] in final:
            merged["beside"] = facts["beside"]
    merged["stamp"] = newer["stamp"]
    return merged


def with_block(note: str | None, text: str, begin: str, end: str) -> str:
    """The note with our block replaced (added at its end, or taken out when it is empty); what people wrote stays.

    `text` begins with the line `begin` and ends with the line `end`, or is empty.
    """
    present = note or ""
    start, stop = present.find(begin), present.find(end)
    if start >= 0 and stop > start:
        return present[:start] + text + present[stop + len(end) :]
    return f"{present.rstrip()}\n\n{text}" if present.strip() and text else text or present
