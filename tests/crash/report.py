"""What the matrix prints and writes down."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

from tests.crash.matrix import Tally

DOCS = Path(__file__).resolve().parents[2] / "docs"
COLUMNS = ("runs", "done", "held", "lost", "duplicated", "wrong", "broken")


def by(tally: Tally, place: int) -> dict[str, Counter[str]]:
    """Totals by story (0) or by fault (1)."""
    found: dict[str, Counter[str]] = {}
    for key, row in tally.rows.items():
        found.setdefault(key[place], Counter()).update(row)
    return found


def show(tally: Tally) -> None:
    """Totals by flow and by fault, what a person had to touch, what broke."""
    for title, place in (("flow", 0), ("fault", 1)):
        print(f"\n{title:<36}" + "".join(f"{name:>12}" for name in COLUMNS))
        for name, row in by(tally, place).items():
            print(f"{name:<36}" + "".join(f"{row[column]:>12}" for column in COLUMNS))
    print(f"{'all':<36}" + "".join(f"{tally.total(column):>12}" for column in COLUMNS))
    print(f"\nTouched by a person: {len(tally.touched) or 'nothing'}")
    for text in tally.touched[:40]:
        print(f"  {text}")
    for cell, ended in tally.broken[:60]:
        print(f"\nBROKEN {cell}\n  at {', '.join(ended.moments)}")
        for line in [*(f"{kind}: {text}" for kind, text in ended.findings[:4]), *ended.touched[:2], *ended.errors[:2]]:
            print(f"  {line[:300]}")
    print(f"\n{tally.cells} runs in {tally.seconds:.0f} s: {counted(tally)}, {len(tally.broken)} broken")


def counted(tally: Tally) -> str:
    """The four numbers that matter."""
    lost, doubled, wrong, held = (f"{tally.total(name):,}" for name in ("lost", "duplicated", "wrong", "held"))
    return f"{lost} lost, {doubled} duplicated, {wrong} wrong, {held} held for a person"


def document(tally: Tally, kind: str) -> dict[str, Any]:
    """The totals as plain JSON."""
    return {
        "matrix": kind,
        "moments": tally.moments,
        "totals": {column: tally.total(column) for column in COLUMNS},
        "flows": {name: {column: row[column] for column in COLUMNS} for name, row in by(tally, 0).items()},
        "faults": {name: {column: row[column] for column in COLUMNS} for name, row in by(tally, 1).items()},
        "touched": tally.touched,
    }


def write(tally: Tally, path: str | None, docs: bool, kind: str) -> None:
    """Writes the totals where they were asked for."""
    text = json.dumps(document(tally, kind), indent=2, ensure_ascii=False) + "\n"
    if path:
        Path(path).write_text(text, "utf-8")
    if docs:
        (DOCS / "crash-matrix.json").write_text(text, "utf-8")
        (DOCS / "crash-matrix.md").write_text(page(tally, kind), "utf-8")


def page(tally: Tally, kind: str) -> str:
    """The page that the README quotes."""
    lines = [
        "# The crash matrix", "",
        "Written by `python -m tests.crash --write`. Every flow is told once for every boundary (before and after",
        "every call to a vendor and every step of a store) and every fault that can happen there, in virtual time",
        "against the strict simulators; then both simulators' stores are counted.", "",
        f"**{tally.total('runs'):,} runs: {counted(tally)}.**", "",
    ]
    for title, place in (("Flow", 0), ("Fault", 1)):
        lines += [f"| {title} | " + " | ".join(COLUMNS) + " |", "|---|" + "---:|" * len(COLUMNS)]
        lines += [f"| {name} | " + " | ".join(f"{row[column]:,}" for column in COLUMNS) + " |"
                  for name, row in by(tally, place).items()]
        lines.append("")
    lines += ["Touched by a person: " + ("nothing." if not tally.touched else ""), ""]
    lines += [f"- {text}" for text in tally.touched]
    return "\n".join(lines).rstrip() + "\n"
