"""The theatre of the pair Acumatica - UPS: the same disorder around another stage."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from acumatica_ups.flows import PAIR
from acumatica_ups.senders import SENDERS
from connector.edge.receiver import receiver
from connector.entry import take_message
from connector.log import LEVELS, Log
from connector.poll import run_job
from tests.crash.theatre import OPEN, Theatre
from tests.support.edge import gateway_event
from tests.support.stage import NAME
from tests.support.ups_stage import UpsStage


class UpsTheatre(Theatre, UpsStage):
    """One connection of the pair. Its chores run as well: the subscriptions are one of them."""

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
            for stream in (*self.flows, "chore:subscribe"):
                job = {"kind": "poll", "connection": NAME, "stream": stream, "correlation": "second"}
                self._alone(lambda job=job: run_job(PAIR, services, job, lambda: 300.0))  # type: ignore[misc]
        finally:
            self.watch.aside = before

    def subscribe(self, secret: str = "") -> None:
        """Nothing to do beforehand: numbers are subscribed when their labels are bought."""

    def push_webhooks(self) -> list[int]:
        """UPS's scans and Acumatica's notifications, to an edge that may die."""
        deliveries = self.ups.take_deliveries()
        if self.reversed:
            deliveries.reverse()
        statuses = []
        for delivery in deliveries:
            status = self._post("ups", delivery.headers, delivery.body)
            self.ups.report_delivery(delivery, 200 <= status < 300)
            statuses.append(status)
        if self.acumatica.pushes:
            self.acumatica.deliver_pushes(lambda url, headers, body: self._post("acumatica", headers, body))
        return statuses

    def _post(self, sender: str, headers: Any, body: bytes) -> int:
        event = gateway_event(sender, headers, body, connection=NAME, pair=PAIR.name)
        answers = [
            self._invoke(lambda: receiver(SENDERS, self.process, pair=PAIR.name)(event, None))
            for _ in range(2 if self.doubled else 1)
        ]
        return int(answers[0]["statusCode"]) if answers[0] is not None else 0
