"""The theatre of the pair Acumatica - ShipStation: the same disorder around another stage."""

from __future__ import annotations

from acumatica_shipstation.flows import PAIR
from connector.poll import run_job
from tests.crash.theatre import Theatre
from tests.support.shipstation_stage import ShipStationStage
from tests.support.stage import NAME


class ShipStationTheatre(Theatre, ShipStationStage):
    """One connection of the pair. A second worker also looks into the outbox of writes that are sent together."""

    names = tuple(flow.name for flow in PAIR.flows)
    outboxes = ("orders",)
    edited: frozenset[str] = frozenset()  # orders that the warehouse has edited meanwhile

    def look(self, stream: str) -> None:
        """Polls a flow once, whatever its schedule says."""
        job = {"kind": "poll", "connection": NAME, "stream": stream, "correlation": "look"}
        run_job(PAIR, self.process, job, lambda: 300.0)

    def subscribe(self, secret: str = "") -> None:
        """Subscribes at ShipStation by hand."""
        for event in ("ORDER_NOTIFY", "SHIP_NOTIFY"):
            self.hook(event)
