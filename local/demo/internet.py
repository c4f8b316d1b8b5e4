"""The internet between the vendors and the deployed API, and a clock that ticks for impatient spectators.

EventBridge Scheduler fires every pair's poller once a minute, here as everywhere; between its ticks we invoke the
poller ourselves, so that nobody has to wait a minute to see a new order leave.
"""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from collections.abc import Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial

from local.demo.place import Place, Vendors
from local.simulators.deliveries import Posted, Sender

TICK_SECONDS = 2.0
TIMEOUT = 15.0  # a sender's patience


@dataclass
class Traffic:
    """What went over the line, by answer."""

    shipbob: dict[int, int] = field(default_factory=dict)
    acumatica: dict[int, int] = field(default_factory=dict)


def logical_name(pair: str) -> str:
    """The name of a pair in the template: `AcumaticaShipbob`."""
    return "".join(word.capitalize() for word in pair.split("_"))


def answers(found: Mapping[int, int]) -> str:
    """How often was answered what, in words."""
    return ", ".join(f"{number} answered {status}" for status, number in found.items()) or "none"


def post(url: str, headers: Mapping[str, str], body: bytes) -> int:
    """Posts as a sender does; answers the status, 0 when no answer came."""
    request = urllib.request.Request(url, data=body, headers=dict(headers), method="POST")
    try:
        with urllib.request.urlopen(request, timeout=TIMEOUT) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        return error.code
    except (urllib.error.URLError, TimeoutError, ConnectionError):
        return 0


def post_and_count(counts: dict[int, int], url: str, headers: Mapping[str, str], body: bytes) -> int:
    """Posts, and counts what was answered."""
    status = post(url, headers, body)
    counts[status] = counts.get(status, 0) + 1
    return status


def post_due(sender: Sender[Posted], counts: dict[int, int]) -> list[Posted]:
    """Posts everything that a vendor wants to send now, and tells it what came of it; answers what was accepted."""
    accepted = []
    for delivery in sender.take_deliveries():
        well = 200 <= post_and_count(counts, delivery.url, delivery.headers, delivery.body) < 300
        sender.report_delivery(delivery, well)
        accepted += [delivery] if well else []
    return accepted


class Ticker:
    """Ticks the pollers of some pairs, one tick at a time: they must not pile up on a slow machine."""

    def __init__(self, place: Place, pairs: Sequence[str]) -> None:
        self._lambda = place.cloud.client("lambda")
        self._names = place.stack.resources
        self._pairs = [logical_name(pair) for pair in pairs]
        self._hand = ThreadPoolExecutor(max_workers=1, thread_name_prefix="tick")
        self._ticked = 0.0
        self._tick: Future[None] | None = None

    def warm_up(self) -> None:
        """Lets the functions start while the operator still types: a cold start on a busy machine takes seconds."""
        for pair in self._pairs:
            for entry in ("Poll", "Work", "Webhook"):
                self._hand.submit(self._invoke, pair + entry, b'{"Records": []}')

    def run(self, now: float) -> None:
        """Ticks when the time has come and the last tick is over."""
        if now - self._ticked >= TICK_SECONDS and (self._tick is None or self._tick.done()):
            self._ticked = now
            self._tick = self._hand.submit(self._all)

    def leave(self, pair: str) -> None:
        """Ticks this pair no more: its act is over, and the others want the machine."""
        self._pairs = [each for each in self._pairs if each != logical_name(pair)]

    def close(self) -> None:
        """Waits for the tick that still runs."""
        self._hand.shutdown(wait=True, cancel_futures=True)

    def chore(self, pair: str, connection: str, name: str) -> None:
        """Does now what is due every few minutes, as the job that a tick would enqueue."""
        job = {"kind": "poll", "connection": connection, "stream": f"chore:{name}", "correlation": "time-lapse"}
        event = {"Records": [{"messageId": "time-lapse", "body": json.dumps(job)}]}
        self._hand.submit(self._invoke, f"{logical_name(pair)}Poll", json.dumps(event).encode())

    def _all(self) -> None:
        for pair in self._pairs:
            self._invoke(f"{pair}Poll", b'{"tick": true}')

    def _invoke(self, logical: str, event: bytes) -> None:
        self._lambda.invoke(FunctionName=self._names[logical], Payload=event)


class Internet:
    """Delivers what the vendors want to tell."""

    def __init__(self, vendors: Vendors) -> None:
        self._vendors = vendors
        self.traffic = Traffic()
        self.delivered: list[tuple[str, Mapping[str, str], bytes]] = []

    def run(self) -> None:
        """One round: every webhook and push notification that is due."""
        self._vendors.acumatica.deliver_pushes(partial(post_and_count, self.traffic.acumatica))
        accepted = post_due(self._vendors.shipbob, self.traffic.shipbob)
        self.delivered += [(delivery.url, delivery.headers, delivery.body) for delivery in accepted]
