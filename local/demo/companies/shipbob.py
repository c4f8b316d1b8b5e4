"""A company that sells through Acumatica and lets ShipBob ship."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from local.demo.company import Trade
from local.demo.internet import Internet
from local.demo.opening import open_connection
from local.demo.people import Operator
from local.demo.place import Place, Vendors, clock, vendors
from local.sample.connection import sample_connection
from local.sample.orders import ORDERS


@dataclass(frozen=True)
class ShipBobCompany:
    """Both vendors, and the line between them and us."""

    vendors: Vendors
    internet: Internet

    @property
    def addresses(self) -> Mapping[str, str]:
        """Where everything of it answers."""
        return {"acumatica": self.vendors.acumatica_url, "shipbob": self.vendors.shipbob_url}

    @property
    def systems(self) -> Mapping[str, str]:
        """Base addresses by the name of the system in a connection file."""
        return self.addresses

    def document(self) -> dict[str, Any]:
        """Its sample connection file."""
        return sample_connection(
            self.vendors.acumatica_url, self.vendors.shipbob_url, clock() - timedelta(minutes=30)
        )

    def connect(self, operator: Operator, place: Place, document: Mapping[str, Any]) -> None:
        """Everything an operator does."""
        open_connection(operator, place, self.vendors, document)

    def open_shop(self) -> None:
        """Forty orders are typed in."""
        for sample in ORDERS:
            self.vendors.acumatica.command("sales_order", sample.fields)

    def deliver(self) -> None:
        """One round of webhooks and push notifications."""
        self.internet.run()

    def hints(self) -> Sequence[str]:
        """What can be done at ShipBob now."""
        return [
            "Let the warehouse ship an order:",
            f'  curl -d \'{{"name": "fulfil", "arguments": {{"reference_id": "ACU-SO-SO000001"}}}}\' '
            f"{self.vendors.shipbob_url}/_control/command",
        ]


@contextlib.contextmanager
def start(erp_port: int = 0, warehouse_port: int = 0) -> Iterator[ShipBobCompany]:
    """Both vendors with the sample company, on loopback. Raises CloudFailed for a taken port."""
    with vendors(erp_port, warehouse_port) as both:
        yield ShipBobCompany(both, Internet(both))


TRADE = Trade("acumatica_shipbob", (47561, 47562), start)
