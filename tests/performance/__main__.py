"""All benchmarks: ratios, not clocks.

    make bench                         or  python -m tests.performance [--only calls]

Prints one JSON line for each, {"name", "value", "bound", "ratio", "ok"}. When all were run, they are written to
`docs/benchmarks.jsonl`, and as a table for people to `docs/benchmarks.md`. Ends with 1 when a bound is passed.
Everything but the lines about the edge is counted in virtual time and comes out the same on every machine.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

from tests.performance import (
    bench_aws,
    bench_calls,
    bench_dynamics_gp,
    bench_edge,
    bench_growth,
    bench_netsuite,
    bench_shipstation,
    bench_ups,
)
from tests.performance.result import Result

DOCS = Path(__file__).resolve().parents[2] / "docs"
INTRODUCTION = """# Benchmarks

Written by `make bench`; do not edit. `value` was counted (or, at the edge, measured), `bound` is what it is held to,
`ratio` is how much of the bound is used: at most 1.0 is good. Counting happens in virtual time, at the simulators and
at the in-memory stores. Prices and other assumptions stand in `tests/performance/`.

| What | Value | Bound | Ratio | |
|---|---|---|---|---|
"""


def _edge() -> Iterable[Result]:
    return [Result(**line) for line in (*bench_edge.imports(), bench_edge.verifications())]


BENCHES: Mapping[str, Callable[[], Iterable[Result]]] = {
    "edge": _edge,
    "calls": bench_calls.results,
    "aws": bench_aws.results,
    "growth": bench_growth.results,
    "gp": bench_dynamics_gp.results,
    "shipstation": bench_shipstation.results,
    "ups": bench_ups.results,
    "netsuite": bench_netsuite.results,
}


def _write(found: list[Result]) -> None:
    rows = (
        f"| {entry.name} | {entry.value:g} | {entry.bound:g} | {entry.ratio:g} | {'' if entry.ok else 'missed'} |\n"
        for entry in found
    )
    (DOCS / "benchmarks.jsonl").write_text("".join(f"{entry.text()}\n" for entry in found), encoding="utf-8")
    (DOCS / "benchmarks.md").write_text(INTRODUCTION + "".join(rows), encoding="utf-8")


def main(arguments: list[str]) -> int:
    """Runs them; 1 when a bound is passed."""
    parser = argparse.ArgumentParser(prog="python -m tests.performance", description="Benchmarks of ml-connector.")
    parser.add_argument("--only", choices=sorted(BENCHES), help="one group; nothing is written then")
    only = parser.parse_args(arguments).only
    found: list[Result] = []
    for name in [only] if only else BENCHES:
        for entry in BENCHES[name]():
            print(entry.text(), flush=True)
            found.append(entry)
    if only is None:
        _write(found)
    return 0 if all(entry.ok for entry in found) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
