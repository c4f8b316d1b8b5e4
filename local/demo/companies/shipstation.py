"""A company whose warehouse packs with ShipStation."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from typing import Any

from local.demo import opening
from local.demo.company import Trade
from local.demo.internet import post_and_count, post_due
from local.demo.people import Operator
from local.demo.place import Place, clock, server
from local.sample.connection import sample_shipstation_connection
from local.simulators.acumatica import seed
from local.simulators.acumatica.seed import line, order
from local.simulators.acumatica.simulator import AcumaticaSimulator
from local.simulators.shipstation import (
    DEFAULT_KEY,
    DEFAULT_SECRET,
    DEFAULT_V2_KEY,
    ShipStationSimulator,
    Switches,
)

CALLS_PER_MINUTE = 900
"""What the simulated account allows, in proportion to a time-lapse; the sample connection says the same."""

MORNING: Sequence[Mapping[str, Any]] = (
    *(order("QUILL", line("0041", number), line("Insert Card - A", number, UnitPrice=0)) for number in (1, 2, 3)),
    order("QUILL", line("0041", 2, UOM="CASE")),
    order("LEVESQUE", line("KIT-DESK", 1), ShipVia="EXPRESS"),
    order("LEVESQUE", line("0041", 6)),
    order("YARD", line("KIT-DESK", 2), line("0041", 4)),
    order("QUILL", line("0041", 1), country="GB", note="Leave with the neighbour"),
    order("QUILL", line("0041", 3), line("PEN-BLK", 3)),  # the pens are in a warehouse that is not ShipStation's
    order("QUILL", line("0041", 1), WillCall=True),
    order("QUILL", line("0041", 1), Hold=True),
    order("QUILL", line("0041", 10), OrderType="QT"),
)
"""What is typed in before the shop opens: the last three are not for the warehouse."""


@dataclass(frozen=True)
class ShipStationCompany:
    """Acumatica and ShipStation, and the line between them and us."""

    acumatica: AcumaticaSimulator
    shipstation: ShipStationSimulator
    acumatica_url: str
    shipstation_url: str
    answers: dict[str, dict[int, int]] = field(default_factory=lambda: {"shipstation": {}, "acumatica": {}})
    """How often each sender was answered what."""

    @property
    def addresses(self) -> Mapping[str, str]:
        """Where everything of it answers."""
        return {"acumatica_shipstation": self.acumatica_url, "shipstation": self.shipstation_url}

    @property
    def systems(self) -> Mapping[str, str]:
        """Base addresses by the name of the system in a connection file."""
        return {"acumatica": self.acumatica_url, "shipstation": self.shipstation_url}

    def document(self) -> dict[str, Any]:
        """Its sample connection file."""
        return sample_shipstation_connection(
            self.acumatica_url, self.shipstation_url, clock() - timedelta(minutes=30)
        )

    def connect(self, operator: Operator, place: Place, document: Mapping[str, Any]) -> None:
        """Everything an operator does."""
        opening.store_accounts(
            operator,
            str(document["connection"]),
            self.acumatica,
            shipstation={"api_key": DEFAULT_KEY, "api_secret": DEFAULT_SECRET},
            shipstation_v2={"api_key": DEFAULT_V2_KEY},
        )
        opening.open_lines(operator, place, self.acumatica, document, opening.PUSH_QUERIES)

    def open_shop(self) -> None:
        """The orders of a morning are typed in."""
        for fields in MORNING:
            self.sell(fields)

    def sell(self, fields: Mapping[str, Any]) -> str:
        """A new sales order; its number."""
        return str(self.acumatica.command("sales_order", dict(fields))["key"])

    def deliver(self) -> None:
        """Every webhook and push notification that is due."""
        self.acumatica.deliver_pushes(partial(post_and_count, self.answers["acumatica"]))
        post_due(self.shipstation, self.answers["shipstation"])

    def hints(self) -> Sequence[str]:
        """What can be done at ShipStation now."""
        return [
            "Let a packer buy a label:",
            f'  curl -d \'{{"name": "buy_label", "arguments": {{"order": "SO000001"}}}}\' '
            f"{self.shipstation_url}/_control/command",
        ]


@contextlib.contextmanager
def start(erp_port: int = 0, warehouse_port: int = 0) -> Iterator[ShipStationCompany]:
    """Acumatica and ShipStation with the sample company, on loopback. Raises CloudFailed for a taken port."""
    acumatica = AcumaticaSimulator(clock, advance=time.sleep)
    switches = Switches(calls_per_minute=CALLS_PER_MINUTE, sign_webhooks=True)
    shipstation = ShipStationSimulator(clock, advance=time.sleep, switches=switches)
    # A confirmation takes one look at its status instead of two, as in the other acts.
    acumatica.command("switch", {"operation_polls": 1})
    seed.seed_company(acumatica)
    for sku in ("0041", "KIT-DESK"):
        shipstation.command("seed_product", {"sku": sku, "name": f"{sku} (old name)", "weightOz": 1})
    with server(acumatica, erp_port) as erp, server(shipstation, warehouse_port) as desk:
        yield ShipStationCompany(acumatica, shipstation, f"{erp.url}{acumatica.base_path}", desk.url)


TRADE = Trade("acumatica_shipstation", (47569, 47570), start)
