"""What the matrix prints and writes down."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tests.crash.expected import HELD_ROWS
from tests.crash.matrix import Tally

if TYPE_CHECKING:
    from tests.crash.deployed import Killed

DOCS = Path(__file__).resolve().parents[2] / "docs"
JSON, PAGE = DOCS / "crash-matrix.json", DOCS / "crash-matrix.md"
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
    totals = document(tally, kind)
    if path:
        Path(path).write_text(_text(totals), "utf-8")
    if docs:
        _publish(totals)


def write_kills(ended: Killed) -> None:
    """Writes what the real SIGKILLs ended with beside the matrix' totals."""
    kinds = Counter(text.partition(" (pid")[0] for text in ended.kills)
    facts = {"kills": len(ended.kills), "at": dict(sorted(kinds.items())), "differences": ended.differences,
             "touched": ended.touched, "counts": ended.counts}  # fmt: skip
    _publish({"sigkills": facts})


def _text(facts: Mapping[str, Any]) -> str:
    return json.dumps(facts, indent=2, ensure_ascii=False) + "\n"


def _publish(news: Mapping[str, Any]) -> None:
    """docs/crash-matrix.json and .md, with what is known of the other part."""
    facts = {**(json.loads(JSON.read_text("utf-8")) if JSON.exists() else {}), **news}
    JSON.write_text(_text(facts), "utf-8")
    PAGE.write_text(page(facts), "utf-8")


def page(facts: Mapping[str, Any]) -> str:
    """The page that the README quotes."""
    lines = [
        "# The crash matrix", "",
        "Written by `python -m tests.crash --write`. Every flow is told once for every boundary (before and after",
        "every call to a vendor and every step of a store) and every fault that can happen there, in virtual time",
        "against the strict simulators; then both simulators' stores are counted. How each cell must end is declared",
        "beforehand in `tests/crash/expected.py`.", "",
    ]
    if "totals" in facts:
        lines += _totals(facts)
    if "sigkills" in facts:
        lines += _sigkills(facts["sigkills"])
    return "\n".join(lines).rstrip() + "\n"


def _totals(facts: Mapping[str, Any]) -> list[str]:
    total = facts["totals"]
    counts = ", ".join(f"{total[name]:,} {name}" for name in ("lost", "duplicated", "wrong"))
    headline = f"{total['runs']:,} runs: {counts}, {total['held']:,} held for a person."
    lines = [f"**The {facts['matrix']} matrix, {headline}**", ""]
    for title, place in (("Flow", "flows"), ("Fault", "faults")):
        lines += [f"| {title} | " + " | ".join(COLUMNS) + " |", "|---|" + "---:|" * len(COLUMNS)]
        lines += [f"| {name} | " + " | ".join(f"{row[column]:,}" for column in COLUMNS) + " |"
                  for name, row in facts[place].items()]  # fmt: skip
        lines.append("")
    called = Counter(text.partition("/")[0] + text.partition(": ")[1] + text.partition(": ")[2]
                     for text in facts["touched"])  # fmt: skip
    lines += ["Touched by a person: " + ("" if called else "nothing."), ""]
    lines += [f"- {count} x {text}" for text, count in sorted(called.items())]
    reasons = dict.fromkeys(row.why for row in HELD_ROWS)
    return [*lines, *([""] if called else []), *(f"Declared beforehand: {why}" for why in reasons), ""]


def _sigkills(facts: Mapping[str, Any]) -> list[str]:
    counts = ", ".join(f"{count} {name}" for name, count in facts["counts"].items())
    return [
        "## Real kills", "",
        f"`python -m tests.crash --deployed`: **{facts['kills']} SIGKILLs of deployed workers amid a write, "
        f"{len(facts['differences'])} differences afterwards, {len(facts['touched'])} touched by a person.**",
        f"At the end there were {counts}.", "",
        "| Killed while it sent | times |", "|---|---:|",
        *(f"| {name} | {count} |" for name, count in facts["at"].items()), "",
    ]  # fmt: skip
