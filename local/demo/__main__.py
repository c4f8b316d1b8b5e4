"""`make demo`: the whole thing, from the build to the closing table. Exit code 0 when both sides agree, 1 when not."""

from __future__ import annotations

import argparse
import contextlib
import shutil
import sys
import time
from collections.abc import Iterator, Sequence
from datetime import timedelta

from rich.console import Console

from local.cloud import raise_on_sigterm
from local.demo import closing, tally
from local.demo.internet import Internet, Ticker
from local.demo.labels import LabelAct
from local.demo.opening import open_connection, open_ups_connection
from local.demo.people import CommandFailed, Operator
from local.demo.picture import Picture, picture_for
from local.demo.place import Carrier, Place, Vendors, carrier, clock, deployed, vendors
from local.demo.report import Result, show
from local.demo.run import Run, StoryStuck, compared
from local.demo.story import Story
from local.embedded import ROOT, CloudFailed
from local.sample.connection import sample_connection, sample_ups_connection

TITLES = {
    "build": "sam build",
    "deploy": "sam deploy onto an AWS on this machine",
    "connect": "an operator connects the two accounts",
    "story": "orders out; shipments, stock and charges back",
    "connect ups": "a second company: an operator connects Acumatica and UPS",
    "labels": "one label per package, bought once; parcels followed to the door",
}
KEPT_LOG = ROOT / ".local" / "demo-failed.log"


class Demo:
    """One demo: its phases, and what it has to say at the end."""

    def __init__(self, picture: Picture, *, plant_difference: bool = False) -> None:
        self.picture = picture
        self.plant = plant_difference
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
            both, desk = stack.enter_context(vendors()), stack.enter_context(carrier())
            place = stack.enter_context(deployed(self._phase))
            self.result.place = {
                "folder": str(place.cloud.folder), "aws": place.cloud.endpoint,
                "acumatica": both.acumatica_url, "shipbob": both.shipbob_url,
                "acumatica_ups": desk.acumatica_url, "ups": desk.ups_url,
            }  # fmt: skip
            try:
                self._play(place, both)
                self._play_labels(place, desk)
            except Exception:
                shutil.copyfile(place.log, KEPT_LOG)
                raise
            finally:
                began = time.monotonic()
                stack.close()
                self.seconds["stop"] = round(time.monotonic() - began, 1)

    def _play(self, place: Place, both: Vendors) -> None:
        operator, internet = Operator(place.run_file), Internet(both)
        ticker = Ticker(place, ["acumatica_shipbob"])
        document = sample_connection(both.acumatica_url, both.shipbob_url, clock() - timedelta(minutes=30))
        story = Story(both, operator, internet, document, self._tell)
        try:
            ticker.warm_up()
            story.begin()
            with self._phase("connect"):
                open_connection(operator, place, both, document)
            with self._phase("story"):
                run = Run(self.picture, place, both, story, internet, ticker)
                view = run.play()
            self.result.records = {f"{stream} {status}": n for (stream, status), n in sorted(view.counts.items())}
            if self.plant:
                self._plant_a_difference(both)
        finally:
            operator.close()
            ticker.close()
            self._compare(both, story, internet)

    def _play_labels(self, place: Place, desk: Carrier) -> None:
        """The second act, on the same deployment, with a company and an Acumatica of its own."""
        operator, ticker = Operator(place.run_file), Ticker(place, ["acumatica_ups"])
        act = LabelAct(self.picture, place, desk, ticker, self._tell)
        document = sample_ups_connection(desk.acumatica_url, desk.ups_url, clock() - timedelta(minutes=30))
        try:
            ticker.warm_up()
            with self._phase("connect ups"):
                open_ups_connection(operator, place, desk, document)
            with self._phase("labels"):
                view = act.play()
            if self.plant:
                act.plant_a_difference()
            counts = {f"{stream} {status}": n for (stream, status), n in sorted(view.counts.items())}
            self.result.records = {**self.result.records, **counts}
        finally:
            operator.close()
            ticker.close()
            self.result.labels = act.result()
            found = tally.differences(self.result.labels.lines)
            self.result.differences = [*self.result.differences, *found]

    def _compare(self, both: Vendors, story: Story, internet: Internet) -> None:
        lines = compared(both, story)
        self.result.lines, self.result.differences = lines, closing.differences(lines)
        self.result.webhooks = {
            "shipbob": dict(sorted(internet.traffic.shipbob.items())),
            "acumatica": dict(sorted(internet.traffic.acumatica.items())),
            **story.answers,
        }
        self.result.calls = {"shipbob": len(both.shipbob.calls), "acumatica": len(both.acumatica.calls)}

    def _plant_a_difference(self, both: Vendors) -> None:
        """The warehouse gives a parcel another tracking number, behind everybody's back."""
        number = next(number for number, it in both.shipbob.holdings()["shipments"].items() if it["tracking"])
        both.shipbob.command("relabel", {"shipment_id": int(number)})
        self._tell(f"A difference is planted: ShipBob shipment {number} gets another tracking number.")

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


def main(arguments: Sequence[str]) -> int:
    """Runs the demo; the exit code says whether both sides agree."""
    parser = argparse.ArgumentParser(prog="python -m local.demo", description="Everything on this machine.")
    parser.add_argument("--json", action="store_true", help="print one JSON document; progress goes to standard error")
    parser.add_argument("--plant-difference", action="store_true", help="change one side at the end: it must be found")
    options = parser.parse_args(arguments)
    raise_on_sigterm()
    console = Console(stderr=options.json)
    with picture_for(console) as picture:
        demo = Demo(picture, plant_difference=options.plant_difference)
        result = demo.run()
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
