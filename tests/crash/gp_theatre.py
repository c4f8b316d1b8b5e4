"""The theatre of the pair Dynamics GP - ShipBob: the same disorder around another stage."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

from connector.edge.receiver import receiver
from connector.entry import take_message
from connector.log import LEVELS, Log
from connector.poll import run_job
from dynamicsgp_shipbob.flows import PAIR
from dynamicsgp_shipbob.senders import SENDERS
from tests.crash.theatre import OFTEN, OPEN, Theatre
from tests.support.edge import gateway_event
from tests.support.gp_stage import GpStage
from tests.support.stage import NAME

FLOWS = tuple(flow.name for flow in PAIR.flows)


class GpTheatre(Theatre, GpStage):
    """One connection of the pair. Only `flows` are polled, so that a run holds no steps of others."""

    def __init__(self, *flows: str, verbose: bool = False, **changes: Any) -> None:
        self._often = {name: {"every_seconds": OFTEN, "enabled": name in flows} for name in FLOWS}
        super().__init__(*flows, verbose=verbose, **changes)
        for item, held in (("ACCS-CRD-12WH", 12), ("ACCS-HDS-1EAR", 40)):  # both sides begin with the same stock
            self.user("move_stock", item=item, site="NORTH", on_hand=-held)

    def apply(self, raw: dict[str, Any]) -> None:
        """The file of the stage, with this pair's flows in its schedule."""
        super().apply({**raw, "schedule": self._often})

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
        """ShipBob's webhooks, to an edge that may die. GP calls nobody."""
        deliveries = self.shipbob.take_deliveries()
        if self.reversed:
            deliveries.reverse()
        statuses = []
        for delivery in deliveries:
            event = gateway_event("shipbob", delivery.headers, delivery.body, connection=NAME, pair=PAIR.name)
            answers = [
                self._invoke(lambda event=event: receiver(SENDERS, self.process, pair=PAIR.name)(event, None))  # type: ignore[misc]
                for _ in range(2 if self.doubled else 1)
            ]
            status = int(answers[0]["statusCode"]) if answers[0] is not None else 0
            self.shipbob.report_delivery(delivery, 200 <= status < 300)
            statuses.append(status)
        return statuses

    def set_password_again(self) -> None:
        """What an operator does after a refused sign-in: looks at the account and sets the secret again."""
        secret = {"username": "FABRIKAM\\svc-mlc", "password": f"again-{self.clock():%H%M}"}
        self.world.secrets.write(f"{NAME}/dynamics_gp", json.dumps(secret))
