"""A company that buys through NetSuite and keeps its goods at ShipBob."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

from local.demo.company import Trade
from local.demo.internet import post_due
from local.demo.people import Operator
from local.demo.place import CALLS_PER_MINUTE, Place, clock, server
from local.sample.connection import sample_netsuite_connection
from local.simulators.netsuite import DEFAULT_CLIENT, NetSuiteSimulator
from local.simulators.shipbob.simulator import DEFAULT_PAT, ShipBobSimulator

CICERO, BRAMPTON, OWN = "6", "7", "5"
"""NetSuite's locations: two of them are ShipBob's, one is the company's own."""

CENTRES = {CICERO: 8, BRAMPTON: 133}
MILL, SHIPBOB, SHOPPER = "1722", "1800", "1001"
ROUNDING = "319"
GOODS = ("TEE-BLK-M", "TEE-BLK-L", "TOTE-01")
_MASTERS: tuple[Mapping[str, Any], ...] = (
    {"table": "subsidiary", "id": 1, "name": "Acme Inc"},
    {"table": "location", "id": CICERO, "name": "ShipBob Cicero", "subsidiary": 1},
    {"table": "location", "id": BRAMPTON, "name": "ShipBob Brampton", "subsidiary": 1},
    {"table": "location", "id": OWN, "name": "Own warehouse", "subsidiary": 1},
    {"table": "vendor", "id": MILL, "name": "Northern Mills"},
    {"table": "vendor", "id": SHIPBOB, "name": "ShipBob"},
    {"table": "customer", "id": SHOPPER, "name": "Dana Reed"},
    {"table": "account", "id": 311, "name": "Fulfilment: shipping"},
    {"table": "account", "id": 312, "name": "Fulfilment: warehousing"},
    {"table": "account", "id": 313, "name": "Fulfilment: returns"},
    {"table": "account", "id": ROUNDING, "name": "Rounding"},
)
_ADDRESS = {"address1": "1 Main St", "city": "Albany", "state": "NY", "country": "US", "zip_code": "12207"}


@dataclass(frozen=True)
class NetSuiteCompany:
    """NetSuite and ShipBob, and the line between them and us."""

    netsuite: NetSuiteSimulator
    shipbob: ShipBobSimulator
    netsuite_url: str
    shipbob_url: str
    answers: dict[int, int] = field(default_factory=dict)
    """How often ShipBob's webhooks were answered what."""

    @property
    def addresses(self) -> Mapping[str, str]:
        """Where everything of it answers."""
        return {"netsuite": self.netsuite_url, "netsuite_shipbob": self.shipbob_url}

    @property
    def systems(self) -> Mapping[str, str]:
        """Base addresses by the name of the system in a connection file."""
        return {"netsuite": self.netsuite_url, "shipbob": self.shipbob_url}

    def document(self) -> dict[str, Any]:
        """Its sample connection file."""
        return sample_netsuite_connection(self.netsuite_url, self.shipbob_url, clock() - timedelta(minutes=30))

    def connect(self, operator: Operator, place: Place, document: Mapping[str, Any]) -> None:
        """Everything an operator does, and what the administrator of NetSuite does with the certificate."""
        name, file = str(document["connection"]), place.cloud.folder / f"{document['connection']}.pem"
        token = operator.store_secret(name, "shipbob", {"token": DEFAULT_PAT})
        algorithm = str(document["systems"]["netsuite"]["algorithm"])
        certificate = ("netsuite", "certificate", name, "--file", str(file), "--algorithm", algorithm)
        made = operator.command(certificate)
        self.map_certificate(Path(made["certificate_file"]))
        token.result()
        operator.apply(document).result()
        operator.command(("netsuite", "activate", name, "--client-id", DEFAULT_CLIENT))
        operator.command(("webhooks", "register", name))

    def map_certificate(self, file: Path) -> None:
        """The administrator uploads the certificate, in NetSuite's own page."""
        self.netsuite.command("upload_certificate", {"client_id": DEFAULT_CLIENT, "pem": file.read_text("utf-8")})

    def open_shop(self) -> None:
        """Two purchase orders are entered."""
        self.buy(("TEE-BLK-M", 120), ("TEE-BLK-L", 60))
        self.buy(("TOTE-01", 40), location=BRAMPTON)

    def buy(self, *lines: tuple[str, int], location: str = CICERO) -> str:
        """A buyer enters a purchase order; its number."""
        rows = [{"sku": sku, "quantity": quantity, "rate": 4.15} for sku, quantity in lines]
        order = {"vendor": MILL, "location": location, "subsidiary": 1, "lines": rows}
        return str(self.netsuite.command("enter_purchase_order", order)["tran_id"])

    def sell(self, *lines: tuple[str, int]) -> str:
        """A clerk enters a sales order, and the shop sends it to ShipBob; its number."""
        rows = [{"sku": sku, "quantity": quantity, "rate": 19.5} for sku, quantity in lines]
        order = {"customer": SHOPPER, "location": CICERO, "subsidiary": 1, "lines": rows}
        number = str(self.netsuite.command("enter_sales_order", order)["tran_id"])
        products = [{"reference_id": sku, "sku": sku, "name": sku, "quantity": quantity} for sku, quantity in lines]
        sold = {
            "reference_id": f"shop-{number}", "order_number": number, "type": "DTC", "shipping_method": "Standard",
            "recipient": {"name": "Dana Reed", "address": _ADDRESS}, "products": products,
            "location_id": CENTRES[CICERO],
        }  # fmt: skip
        self.shipbob.command("import_order", {"order": sold})
        return number

    def deliver(self) -> None:
        """Every webhook that ShipBob wants to make now."""
        post_due(self.shipbob, self.answers)

    def hints(self) -> Sequence[str]:
        """What can be done at ShipBob now."""
        return [
            "Let the docks stow what a purchase order brought:",
            '  curl -d \'{"name": "receive", "arguments": {"purchase_order_number": "PO10001", "step": "stow"}}\' '
            f"{self.shipbob_url}/_control/command",
        ]


def lay_out(netsuite: NetSuiteSimulator, shipbob: ShipBobSimulator) -> None:
    """The company's books, and what ShipBob has of it. Both sides begin with empty shelves."""
    for master in _MASTERS:
        netsuite.command("seed_master", dict(master))
    shipbob.command("seed_location", {"id": CENTRES[BRAMPTON], "name": "Brampton (ON)"})
    for sku in GOODS:
        netsuite.command("seed_item", {"sku": sku, "name": sku, "cost": 4.15})
        shipbob.command("seed_product", {"sku": sku, "name": sku, "weight": 7})


@contextlib.contextmanager
def start(erp_port: int = 0, warehouse_port: int = 0) -> Iterator[NetSuiteCompany]:
    """NetSuite and ShipBob with the sample company, on loopback. Raises CloudFailed for a taken port."""
    netsuite = NetSuiteSimulator(clock, advance=time.sleep)
    shipbob = ShipBobSimulator(clock, advance=time.sleep, calls_per_minute=CALLS_PER_MINUTE)
    lay_out(netsuite, shipbob)
    with server(netsuite, erp_port) as erp, server(shipbob, warehouse_port) as warehouse:
        yield NetSuiteCompany(netsuite, shipbob, erp.url, warehouse.url)


TRADE = Trade("netsuite_shipbob", (47567, 47568), start)
