"""A company that packs its own parcels and sends them with UPS."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from typing import Any

from local.demo.company import Trade
from local.demo.internet import post_and_count, post_due
from local.demo.opening import open_ups_connection
from local.demo.people import Operator
from local.demo.place import Carrier, Place, carrier, clock
from local.sample.connection import sample_ups_connection
from local.simulators.acumatica.seed import line, order

WAREHOUSE = "MAIN"
MORNING: tuple[tuple[str, str, Sequence[float]], ...] = (
    ("QUILL", "GROUND", (4.5,)),
    ("QUILL", "EXPRESS", (2, 7.5)),
    ("LEVESQUE", "GROUND", (3,)),
)
"""Shipments of the morning: customer, Ship Via, weight of each package in pounds. One goes to Canada."""


@dataclass(frozen=True)
class UpsCompany:
    """Acumatica and UPS, and the line between them and us."""

    carrier: Carrier
    pushes: dict[str, dict[int, int]] = field(default_factory=lambda: {"ups": {}, "acumatica": {}})
    """How often each sender was answered what."""

    @property
    def addresses(self) -> Mapping[str, str]:
        """Where everything of it answers."""
        return {"acumatica_ups": self.carrier.acumatica_url, "ups": self.carrier.ups_url}

    @property
    def systems(self) -> Mapping[str, str]:
        """Base addresses by the name of the system in a connection file."""
        return {"acumatica": self.carrier.acumatica_url, "ups": self.carrier.ups_url}

    def document(self) -> dict[str, Any]:
        """Its sample connection file."""
        return sample_ups_connection(
            self.carrier.acumatica_url, self.carrier.ups_url, clock() - timedelta(minutes=30)
        )

    def connect(self, operator: Operator, place: Place, document: Mapping[str, Any]) -> None:
        """Everything an operator does."""
        open_ups_connection(operator, place, self.carrier, document)

    def open_shop(self) -> None:
        """The parcels of a morning are packed."""
        for each in MORNING:
            self.pack(*each)

    def pack(self, customer: str, ship_via: str, weights: Sequence[float]) -> str:
        """A new order, and its shipment with a package for each weight; the shipment's number."""
        run = self.carrier.acumatica.command
        made = run("sales_order", order(customer, line("0041", 2, WarehouseID=WAREHOUSE), ShipVia=ship_via))
        number = str(run("create_shipment", {"order_nbr": made["key"], "warehouse": WAREHOUSE})["key"])
        packages = [{"BoxID": "DEFAULT", "Weight": weight} for weight in weights]
        run("edit", {"entity": "Shipment", "key": number, "fields": {"Packages": packages}})
        return number

    def deliver(self) -> None:
        """Every push that Acumatica and UPS want to make now."""
        self.carrier.acumatica.deliver_pushes(partial(post_and_count, self.pushes["acumatica"]))
        post_due(self.carrier.ups, self.pushes["ups"])

    def hints(self) -> Sequence[str]:
        """What can be done at UPS now."""
        return [
            "Let UPS deliver a parcel (its number: the control door's holdings, labels):",
            '  curl -d \'{"name": "progress", "arguments": {"tracking_number": "1Z...", "to": "delivered"}}\' '
            f"{self.carrier.ups_url}/_control/command",
        ]


@contextlib.contextmanager
def start(erp_port: int = 0, carrier_port: int = 0) -> Iterator[UpsCompany]:
    """Acumatica and UPS with the sample company, on loopback. Raises CloudFailed for a taken port."""
    with carrier(erp_port, carrier_port) as desk:
        yield UpsCompany(desk)


TRADE = Trade("acumatica_ups", (47563, 47564), start)
