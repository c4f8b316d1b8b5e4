"""`make demo`: the whole thing, from the build to the closing tables. Exit code 0 when all sides agree, 1 when not."""

from __future__ import annotations

import argparse
import contextlib
import shutil
import sys
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from rich.console import Console

from local.cloud import raise_on_sigterm
from local.demo.act import Act, Playbill, StoryStuck
from local.demo.companies import TRADES
from local.demo.company import Company
from local.demo.internet import Ticker
from local.demo.people import CommandFailed, Operator
from local.demo.picture import Picture, picture_for
from local.demo.place import Place, deployed
from local.demo.programme import act_of
from local.demo.report import Closing, Result, show
from local.demo.table import differences
from local.embedded import ROOT, CloudFailed

TITLES = {
    "build": "sam build",
    "deploy": "sam deploy onto an AWS on this machine",
    "connect": "operators connect the accounts of the first company",
    "story": "the other companies are connected as well; records move, both ways, all at once",
}
KEPT_LOG = ROOT / ".local" / "demo-failed.log"


class Demo:
    """One demo: its phases, and what it has to say at the end."""

    def __init__(self, picture: Picture, *, plant_difference: bool = False, pairs: Sequence[str] = ()) -> None:
        self.picture = picture
        self.plant = plant_difference
        self.trades = [trade for trade in TRADES if trade.pair in pairs or not pairs]
        self.seconds: dict[str, float] = {}
        self.said: list[str] = []
        self.result = Result(self.seconds, story=self.said)

    def run(self) -> Result:
        """Builds, deploys, plays, compares. Whatever happens, nothing is left running."""
        try:
            self._deploy_and_play()
        except (StoryStuck, CommandFailed, CloudFailed) as failure:
            self.result.failure = str(failure)
        return self.result

    def _deploy_and_play(self) -> None:
        with contextlib.ExitStack() as stack:
            companies = [stack.enter_context(trade.start(0, 0)) for trade in self.trades]
            place = stack.enter_context(deployed(self._phase))
            addresses = {name: url for company in companies for name, url in company.addresses.items()}
            self.result.place = {"folder": str(place.cloud.folder), "aws": place.cloud.endpoint, **addresses}
            try:
                self._play(place, companies)
            except Exception:
                shutil.copyfile(place.log, KEPT_LOG)
                raise
            finally:
                began = time.monotonic()
                stack.close()
                self.seconds["stop"] = round(time.monotonic() - began, 1)

    def _play(self, place: Place, companies: Sequence[Company]) -> None:
        operator, ticker = Operator(place.run_file), Ticker(place, [trade.pair for trade in self.trades])
        documents = [company.document() for company in companies]
        acts = [
            act_of(company, document, operator, ticker, self._tell)
            for company, document in zip(companies, documents, strict=True)
        ]
        desks = ThreadPoolExecutor(max_workers=2, thread_name_prefix="desk")
        opened = [
            desks.submit(company.connect, operator, place, document)
            for company, document in zip(companies, documents, strict=True)
        ]
        playbill = Playbill(self.picture, place, list(zip(acts, opened, strict=True)), ticker)
        try:
            ticker.warm_up()
            with self._phase("connect"):
                opened[0].result()
            with self._phase("story"):
                playbill.play()
        finally:
            self.result.records = playbill.records()
            desks.shutdown(wait=True, cancel_futures=True)
            operator.close()
            ticker.close()
            self.result.acts = {act.name: closing_of(act) for act in acts}
        if self.plant:
            self.result.planted = {act.name: planted_in(act) for act in acts}

    def _tell(self, text: str) -> None:
        self.said.append(text)
        self.picture.tell(text)

    @contextlib.contextmanager
    def _phase(self, name: str) -> Iterator[None]:
        self.picture.phase(TITLES[name])
        began = time.monotonic()
        try:
            yield
        finally:
            self.seconds[name] = round(time.monotonic() - began, 1)


def closing_of(act: Act) -> Closing:
    """What an act ended with."""
    lines = act.compared()
    return Closing(act.title, act.sides, lines, differences(act.sides, lines), act.notes(), act.facts())


def planted_in(act: Act) -> list[str]:
    """What the act's comparison finds after somebody changed one side."""
    act.plant_a_difference()
    return differences(act.sides, act.compared())


def main(arguments: Sequence[str]) -> int:
    """Runs the demo; the exit code says whether all sides agree."""
    parser = argparse.ArgumentParser(prog="python -m local.demo", description="Everything on this machine.")
    parser.add_argument("--json", action="store_true", help="print one JSON document; progress goes to standard error")
    parser.add_argument("--plant-difference", action="store_true",
                        help="change one side of each act after the closing: that must be found")  # fmt: skip
    parser.add_argument("--document", type=Path, help="write the JSON document to this file as well")
    parser.add_argument("--pair", action="append", default=[], choices=[trade.pair for trade in TRADES],
                        help="play only this pair's act (may be repeated)")  # fmt: skip
    options = parser.parse_args(arguments)
    raise_on_sigterm()
    console = Console(stderr=options.json)
    with picture_for(console) as picture:
        result = Demo(picture, plant_difference=options.plant_difference, pairs=options.pair).run()
    if options.document:
        options.document.parent.mkdir(parents=True, exist_ok=True)
        options.document.write_text(result.document(), "utf-8")
    if options.json:
        print(result.document())
    else:
        show(console, result)
    if result.failure and KEPT_LOG.exists():
        console.print(f"What the functions said is kept in {KEPT_LOG}", markup=False, highlight=False, soft_wrap=True)
    return result.code


if __name__ == "__main__":
    try:
        raise SystemExit(main(sys.argv[1:]))
    except KeyboardInterrupt:
        raise SystemExit(130) from None
