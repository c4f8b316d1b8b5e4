"""The theatre of the pair Acumatica - ShipStation: the same disorder around another stage."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from acumatica_shipstation.flows import PAIR
from acumatica_shipstation.senders import SENDERS
from connector.edge.receiver import receiver
from connector.entry import take_message
from connector.log import LEVELS, Log
from connector.outbox import KIND
from connector.poll import run_job
from connector.record import Record, record_from_item
from tests.crash.theatre import OPEN, Theatre
from tests.support.edge import gateway_event
from tests.support.shipstation_stage import ShipStationStage
from tests.support.stage import NAME


class ShipStationTheatre(Theatre, ShipStationStage):
    """One connection of the pair. A second worker also looks into the outbox of writes that are sent together."""

    names = tuple(flow.name for flow in PAIR.flows)
    edited: frozenset[str] = frozenset()  # orders that the warehouse has edited meanwhile

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
            look = {"kind": KIND, "connection": NAME, "stream": "orders", "lane": "live", "correlation": "second"}
            self._alone(lambda: take_message(PAIR, services, look))
            for stream in self.flows:
                job = {"kind": "poll", "connection": NAME, "stream": stream, "correlation": "second"}
                self._alone(lambda job=job: run_job(PAIR, services, job, lambda: 300.0))  # type: ignore[misc]
        finally:
            self.watch.aside = before

    def records(self, stream: str | None = None) -> dict[str, Record]:
        """As the stage does; of all streams by id, because a label and its file have the same source key."""
        found = [record_from_item(it) for it in self.world.tables.items("records") if it["sk"] == "record"]
        if stream is None:
            return {record.id: record for record in found}
        return {record.source_key: record for record in found if record.stream == stream}

    def look(self, stream: str) -> None:
        """Polls a flow once, whatever its schedule says."""
        job = {"kind": "poll", "connection": NAME, "stream": stream, "correlation": "look"}
        run_job(PAIR, self.process, job, lambda: 300.0)

    def subscribe(self, secret: str = "") -> None:
        """Subscribes at ShipStation by hand."""
        for event in ("ORDER_NOTIFY", "SHIP_NOTIFY"):
            self.hook(event)

    def push_webhooks(self) -> list[int]:
        """ShipStation's notifications, to an edge that may die. Unanswered ones come again."""
        deliveries = self.shipstation.take_deliveries()
        if self.reversed:
            deliveries.reverse()
        statuses = []
        for delivery in deliveries:
            token = delivery.url.rpartition("/")[2]
            event = gateway_event(
                "shipstation", delivery.headers, delivery.body, connection=NAME, token=token, pair=PAIR.name
            )
            status = self._told(event)
            self.shipstation.report_delivery(delivery, 200 <= status < 300)
            statuses.append(status)
        return statuses

    def _told(self, event: dict[str, Any]) -> int:
        answers = [
            self._invoke(lambda: receiver(SENDERS, self.process, pair=PAIR.name)(event, None))
            for _ in range(2 if self.doubled else 1)
        ]
        return int(answers[0]["statusCode"]) if answers[0] is not None else 0
