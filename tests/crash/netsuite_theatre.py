"""The theatre of the pair NetSuite - ShipBob: the same disorder around another stage."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from connector.edge.receiver import receiver
from connector.entry import take_message
from connector.log import LEVELS, Log
from connector.poll import run_job
from netsuite_shipbob.flows import PAIR
from netsuite_shipbob.senders import SENDERS
from tests.crash.moments import Watch
from tests.crash.theatre import OFTEN, OPEN, SELDOM, Theatre
from tests.support.edge import gateway_event
from tests.support.netsuite_stage import OTHER_CENTRE, NetSuiteStage, document
from tests.support.stage import NAME

STREAMS = tuple(flow.name for flow in PAIR.flows)


def schedule_of(flows: Sequence[str]) -> dict[str, Any]:
    """Every five minutes, or once a week."""
    return {name: {"every_seconds": OFTEN if name in flows else SELDOM} for name in STREAMS}


ALGORITHM = "ES256"


class NetSuiteTheatre(Theatre, NetSuiteStage):
    """One connection of the pair. Only `flows` are polled (every five minutes)."""

    def __init__(self, *flows: str, verbose: bool = False, **changes: Any) -> None:
        self.flows = flows
        # With an elliptic key: a run that dies reads its key anew, and an RSA key takes longer than all the rest.
        self._changes = {**changes, "netsuite": {"algorithm": ALGORITHM, **changes.get("netsuite", {})}}
        self.errors = []
        self.doubled = self.undeleted = self.reversed = False
        self.after_kill = None
        self.late = []
        NetSuiteStage.__init__(self, algorithm=ALGORITHM, schedule=schedule_of(flows), **changes)
        self.shipbob.command("seed_location", {"id": OTHER_CENTRE, "name": "West", "is_receiving_enabled": True})
        self.hush(verbose)
        self.watch = Watch(self)

    def only(self, *flows: str) -> None:
        """From now on only these are polled: the others have done their part, and would only add steps."""
        self.flows = flows
        self.apply(document(schedule=schedule_of(flows), **copy.deepcopy(self._changes)))

    def hush(self, verbose: bool) -> None:
        log = Log({"pair": PAIR.name}, self.clock, LEVELS["DEBUG" if verbose else "ERROR"], self.world._stream)
        self.world.services = replace(self.world.services, log=log)
        self.restart()

    def second_worker(self) -> None:
        self.watch.aside, before = True, self.watch.aside
        try:
            services = replace(self.world.services, memory={("wire",): self.wire})
            for record in [each for each in self.records().values() if each.status in OPEN]:
                fields = {"kind": "record", "record": record.id, "cause": "sweep", "correlation": "second",
                          "lane": record.lane}
                self._alone(lambda fields=fields: take_message(PAIR, services, fields))  # type: ignore[misc]
            for stream in self.flows:
                job = {"kind": "poll", "connection": NAME, "stream": stream, "correlation": "second"}
                self._alone(lambda job=job: run_job(PAIR, services, job, lambda: 300.0))  # type: ignore[misc]
        finally:
            self.watch.aside = before

    def push_webhooks(self) -> list[int]:
        """ShipBob's webhooks, to an edge that may die. Unanswered ones come again."""
        deliveries = self.shipbob.take_deliveries()
        if self.reversed:
            deliveries.reverse()
        statuses = []
        for delivery in deliveries:
            status = self._post("shipbob", delivery.headers, delivery.body)
            self.shipbob.report_delivery(delivery, 200 <= status < 300)
            statuses.append(status)
        return statuses

    def _post(self, sender: str, headers: Any, body: bytes) -> int:
        event = gateway_event(sender, headers, body, connection=NAME, pair=PAIR.name)
        answers = [
            self._invoke(lambda: receiver(SENDERS, self.process, pair=PAIR.name)(event, None))
            for _ in range(2 if self.doubled else 1)
        ]
        return int(answers[0]["statusCode"]) if answers[0] is not None else 0

    def listen(self) -> None:
        """Nothing to set up: NetSuite pushes nothing."""

    def happen(self) -> None:
        """Nothing happens at NetSuite by itself."""

    def said(self) -> list[str]:
        # A warning of the simulator is what NetSuite would have dropped without a word.
        return [*self.violations(), *(f"NetSuite: {text}" for text in self.netsuite.holdings()["warnings"])]
