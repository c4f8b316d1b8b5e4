"""The command: see the package's docstring."""

from __future__ import annotations

import argparse
import sys

from tests.crash.cells import parse_cell, tell
from tests.crash.matrix import Matrix
from tests.crash.report import show, write, write_kills
from tests.crash.stories import STORIES


def main() -> int:
    """Runs what the command line asks for; 1 when a cell broke."""
    parser = argparse.ArgumentParser(prog="python -m tests.crash", description="Run the crash matrix.")
    parser.add_argument("--short", action="store_true", help="every boundary, one fault of each kind")
    parser.add_argument("--flow", action="append", default=[], choices=[story.name for story in STORIES])
    parser.add_argument("--sample", type=int, help="at most so many cells of each flow")
    parser.add_argument("--jobs", type=int, default=1, help="cells at the same time")
    parser.add_argument("--json", help="write the totals to this file")
    parser.add_argument("--write", action="store_true", help="write docs/crash-matrix.json and .md")
    parser.add_argument("--replay", metavar="CELL", help="run one cell again and print its log")
    parser.add_argument("--deployed", action="store_true", help="SIGKILL real workers of the deployed bundle")
    parser.add_argument("--kills", type=int, default=24, help="how many, with --deployed")
    options = parser.parse_args()
    if options.deployed:
        from local.cloud import raise_on_sigterm
        from tests.crash import deployed

        raise_on_sigterm()
        ended = deployed.run(options.kills)
        deployed.show(ended)
        if options.write:
            write_kills(ended)
        return 0 if ended.good else 1
    if options.replay:
        return replay(options.replay)
    tally = Matrix(options.short, tuple(options.flow), options.sample, options.jobs, tell=True).run()
    show(tally)
    write(tally, options.json, options.write, "short" if options.short else "full")
    return 1 if tally.broken else 0


def replay(text: str) -> int:
    """One cell with every log line."""
    cell = parse_cell(text)
    story = next(story for story in STORIES if story.name == cell.story)
    theatre = story.make(True)
    mark = theatre.world._stream.tell()
    ended = tell(story, theatre, cell)
    print(theatre.world._stream.getvalue()[mark:])
    for name in ("outcome", "moments", "findings", "touched", "errors"):
        print(f"{name}: {getattr(ended, name)}")
    return 0 if ended.outcome != "broken" else 1


if __name__ == "__main__":
    sys.exit(main())
