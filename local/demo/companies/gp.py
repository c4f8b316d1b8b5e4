"""A company whose ERP stands in its own cellar: Dynamics GP behind https and Windows sign-in, ShipBob ships."""

from __future__ import annotations

import contextlib
import ssl
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

from local.demo.company import Trade
from local.demo.internet import post_due
from local.demo.people import Operator
from local.demo.place import CALLS_PER_MINUTE, Place, clock
from local.embedded import CloudFailed
from local.sample.connection import sample_gp_connection
from local.simulators.dynamics_gp import DynamicsGpSimulator
from local.simulators.dynamics_gp.certificates import TestAuthority
from local.simulators.dynamics_gp.network import SOAP_PATH, gp_server
from local.simulators.dynamics_gp.ntlm import Directory
from local.simulators.server import SimulatorServer
from local.simulators.shipbob.simulator import DEFAULT_PAT, ShipBobSimulator

ACCOUNT, PASSWORD = "FABRIKAM\\svc-connector", "Summer-2026"
PRODUCTS = {"CORD-12-WHITE": "ACCS-CRD-12WH", "PHONE-BLUE": "PHON-ATT-53BL", "HEADSET-1": "ACCS-HDS-1EAR"}
"""SKU at ShipBob, item in GP."""

UNITS, CENTRE, CHANNEL = 100, 8, 433100
PEOPLE = (("Jane Example", "Springfield", "IL", "62701"), ("Wayne Enterprises", "Gotham City", "NJ", "07093"),
          ("Rosa Marks", "Austin", "TX", "73301"), ("Harbor Supply", "Portland", "OR", "97201"))  # fmt: skip


@dataclass
class GpCompany:
    """Both vendors, the domain that the GP host belongs to, and the line between them and us."""

    gp: DynamicsGpSimulator
    shipbob: ShipBobSimulator
    directory: Directory
    authority: TestAuthority
    gp_url: str
    shipbob_url: str
    webhooks: dict[int, int] = field(default_factory=dict)
    _orders: int = 0

    @property
    def addresses(self) -> Mapping[str, str]:
        """Where everything of it answers."""
        return {"dynamics_gp": self.gp_url, "shipbob_gp": self.shipbob_url}

    @property
    def systems(self) -> Mapping[str, str]:
        """Base addresses by the name of the system in a connection file."""
        return {"dynamics_gp": self.gp_url, "shipbob": self.shipbob_url}

    @property
    def trust(self) -> ssl.SSLContext:
        """What a caller on this machine needs in order to believe the GP host."""
        return ssl.create_default_context(cafile=str(self.authority.bundle))

    def document(self) -> dict[str, Any]:
        """Its sample connection file."""
        return sample_gp_connection(self.gp_url, self.shipbob_url, clock() - timedelta(minutes=30))

    def connect(self, operator: Operator, place: Place, document: Mapping[str, Any]) -> None:
        """Everything an operator does. GP calls nobody: the webhooks are ShipBob's alone."""
        name = str(document["connection"])
        stored = [
            operator.store_secret(name, "dynamics_gp", self.credentials(PASSWORD)),
            operator.store_secret(name, "shipbob", {"token": DEFAULT_PAT}),
        ]
        for future in stored:
            future.result()
        operator.apply(document).result()
        operator.command(("webhooks", "register", name))

    def credentials(self, password: str) -> dict[str, str]:
        """What `secrets set CONNECTION dynamics_gp` takes: the account, and the company's own authority."""
        return {"username": ACCOUNT, "password": password, "ca_bundle": self.authority.bundle.read_text("ascii")}

    def open_shop(self) -> None:
        """Three customers order."""
        for skus in (("CORD-12-WHITE", "PHONE-BLUE"), ("HEADSET-1",), ("CORD-12-WHITE",)):
            self.order(*((sku, 1) for sku in skus))

    def order(self, *lines: tuple[str, int]) -> int:
        """A customer of the web store orders; ShipBob's id."""
        name, city, state, code = PEOPLE[self._orders % len(PEOPLE)]
        self._orders += 1
        prices = {item.number: float(item.price) for item in self.gp.world.items.values()}
        products = [
            {"reference_id": sku, "sku": sku, "name": sku, "quantity": units, "unit_price": prices[PRODUCTS[sku]]}
            for sku, units in lines
        ]
        street = f"{self._orders} Main St"
        address = {"address1": street, "city": city, "state": state, "zip_code": code, "country": "US"}
        order = {
            "reference_id": f"web-{self._orders}", "order_number": f"#20{self._orders:02d}", "type": "DTC",
            "shipping_method": "Standard", "recipient": {"name": name, "address": address}, "products": products,
        }  # fmt: skip
        made = self.shipbob.command("import_order", {"order": order, "channel_id": CHANNEL})
        return int(made["order_id"])

    def deliver(self) -> None:
        """Every webhook that ShipBob wants to send now."""
        post_due(self.shipbob, self.webhooks)

    def hints(self) -> Sequence[str]:
        """What can be done at this company now."""
        return [
            "Let the warehouse ship an order, and a GP user transfer it to an invoice:",
            f'  curl -d \'{{"name": "fulfil", "arguments": {{"order_id": 337200001}}}}\' '
            f"{self.shipbob_url}/_control/command",
            f"  curl --cacert {self.authority.bundle} "
            f'-d \'{{"name": "transfer", "arguments": {{"number": "SB337200001"}}}}\' '
            f"{self.gp_url.removesuffix(SOAP_PATH)}/_control/command",
        ]


def _seed(gp: DynamicsGpSimulator, shipbob: ShipBobSimulator) -> None:
    """A GP company that sells three articles, and a warehouse that holds as many of them as GP thinks."""
    gp.command("seed_fabrikam", {})
    gp.command("add_customer", {"id": "WEBSTORE", "name": "Web store", "site": "WAREHOUSE"})
    for operation in ("CreateSalesOrder", "UpdateSalesOrder", "CreateSalesReturn"):
        choice = {"operation": operation, "behavior": "Calculate Unit Price Behavior", "option": 0}
        gp.command("set_policy", choice)
    for sku in PRODUCTS:
        shipbob.command("seed_product", {"sku": sku, "name": sku})
        shipbob.command("seed_stock", {"sku": sku, "location_id": CENTRE, "quantity": UNITS})


@contextlib.contextmanager
def start(gp_port: int = 0, shipbob_port: int = 0) -> Iterator[GpCompany]:
    """GP on https with a certificate of its own authority, ShipBob beside it. Raises CloudFailed for a taken port."""
    gp = DynamicsGpSimulator(clock, advance=time.sleep)
    shipbob = ShipBobSimulator(clock, advance=time.sleep, calls_per_minute=CALLS_PER_MINUTE)
    _seed(gp, shipbob)
    directory = Directory({ACCOUNT: PASSWORD}, challenge_every_request=True)
    with tempfile.TemporaryDirectory(prefix="gp-host-") as folder:
        authority = TestAuthority(Path(folder), clock())
        try:
            cellar = gp_server(gp, directory, authority.issue("localhost"), gp_port)
            warehouse = SimulatorServer(shipbob, shipbob_port)
        except OSError as error:
            text = f"Port {gp_port} or {shipbob_port} cannot be used ({error.strerror}). Stop the other run first."
            raise CloudFailed(text) from error
        with cellar, warehouse:
            yield GpCompany(gp, shipbob, directory, authority, cellar.url + SOAP_PATH, warehouse.url)


TRADE = Trade("dynamicsgp_shipbob", (47571, 47572), start)
