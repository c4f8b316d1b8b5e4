"""The pair NetSuite - ShipBob on a stage: the kernel in memory, both simulators in process, everything in virtual time.

    stage = NetSuiteStage()
    order = stage.purchase_order(("TEE", 120))
    stage.run(minutes=3)
    assert stage.receiving_orders() == [...]

Running, killing and looking are those of `tests.support.stage.Stage`.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime
from functools import cache
from typing import Any

from local.simulators import base
from local.simulators.netsuite import DEFAULT_CLIENT, NetSuiteSimulator
from local.simulators.shipbob.simulator import DEFAULT_PAT, ShipBobSimulator
from netsuite_shipbob.flows import PAIR
from netsuite_shipbob.senders import SENDERS
from tests.support.clock import START
from tests.support.stage import NAME, Stage
from tests.support.world import World
from vendors.netsuite.certificates import KeyAndCertificate, make_certificate
from vendors.netsuite.settings import TOKEN_PATH

NETSUITE_URL, SHIPBOB_URL = "http://127.0.0.1:7006", "http://127.0.0.1:7002"
PLACE, OTHER_PLACE, ELSEWHERE, DAMAGED = "6", "7", "5", "9"
CENTRE, OTHER_CENTRE = 8, 10
VENDOR, FULFILLER, CUSTOMER = "1722", "1800", "1001"
ADJUSTMENTS, SHIPPING, WAREHOUSING, ROUNDING = "213", "311", "312", "319"
SECRET = "whsec_bWwtY29ubmVjdG9yLXRlc3Qta2V5LTAx"


def key(algorithm: str = "PS256") -> KeyAndCertificate:
    """One key for all stages: making an RSA key takes longer than most tests."""
    return _made(algorithm)


@cache
def _made(algorithm: str) -> KeyAndCertificate:
    return make_certificate("stage", algorithm, START)


def document(**changes: Any) -> dict[str, Any]:
    """A connection file for the stage; `netsuite`, `tables`, and members of `settings` by name replace parts."""
    netsuite = {
        "account_id": "1234567_SB1", "time_zone": "America/New_York", "base_url": NETSUITE_URL,
        **changes.pop("netsuite", {}),
    }  # fmt: skip
    charges = {"vendor": FULFILLER, "subsidiary": "1", "rounding_account": ROUNDING, **changes.pop("charges", {})}
    shipments = {"order_name": "order_number", **changes.pop("shipments", {})}
    settings: dict[str, Any] = {"charges": charges, "shipments": shipments}
    settings |= {
        name: changes.pop(name)
        for name in ("purchase_orders", "receipts", "adjustments", "counts", "returns", "orders")
        if name in changes
    }
    tables = {
        "locations": {PLACE: {"location_id": CENTRE}, OTHER_PLACE: {"location_id": OTHER_CENTRE}},
        "fees": {"Shipping": {"account": SHIPPING}, "Warehousing Fee": {"account": WAREHOUSING}},
        **changes.pop("tables", {}),
    }
    schedule = {"purchase_orders": {"every_seconds": 60}, **changes.pop("schedule", {})}
    return {
        "connection": NAME,
        "pair": "netsuite_shipbob",
        "start": "2026-03-01T00:00:00Z",
        "systems": {"netsuite": netsuite, "shipbob": {"base_url": SHIPBOB_URL, "auth_url": SHIPBOB_URL}},
        "settings": settings,
        "tables": tables,
        "schedule": schedule,
        **changes,
    }


class NetSuiteStage(Stage):
    """The pair NetSuite - ShipBob with everything around it."""

    pair, senders = PAIR, SENDERS

    def __init__(self, *, start: datetime = START, algorithm: str = "PS256", **changes: Any) -> None:
        self.world = World(start=start, pair=PAIR.name)
        self.clock = self.world.clock
        self.netsuite = NetSuiteSimulator(self.clock, advance=self._advance)
        self.netsuite.oauth.audiences.add(f"{NETSUITE_URL}{TOKEN_PATH}")
        self.shipbob = ShipBobSimulator(self.clock, advance=self._advance)
        seed_company(self.netsuite.command, self.shipbob.command)
        self._key = key(algorithm)
        netsuite = {"algorithm": algorithm, **changes.pop("netsuite", {})}
        self._begin({7006: self.netsuite, 7002: self.shipbob}, document(netsuite=netsuite, **changes))

    def _secrets(self) -> None:
        made = self._key
        self.netsuite.command("upload_certificate", {"client_id": DEFAULT_CLIENT, "pem": made.certificate})
        erp = {"client_id": DEFAULT_CLIENT, "private_key": made.private_key, "certificate": made.certificate}
        self._secret("netsuite", erp)
        self._secret("shipbob", {"token": DEFAULT_PAT})

    # ---- webhooks ----------------------------------------------------------------------------------------------

    def subscribe(self, secret: str = SECRET) -> None:
        """Subscribes at ShipBob by hand and stores the secret."""
        self._secret("shipbob_webhook", {"secrets": [secret]})
        url = f"https://hooks.example/netsuite_shipbob/{NAME}/shipbob"
        topics = [
            "order.shipped", "order.shipment.delivered", "order.shipment.tracking.updated", "return.completed",
            "return.updated", "wro.updated", "wro.completed", "wro.box.stowed",
        ]  # fmt: skip
        for topic in topics:
            body = {"url": url, "topics": [topic], "secret": secret}
            headers = {"Authorization": f"Bearer {DEFAULT_PAT}", "Content-Type": "application/json"}
            self.shipbob.handle(base.Request("POST", "/2026-07/webhook", "", headers, json.dumps(body).encode()))

    # ---- acting ------------------------------------------------------------------------------------------------

    def purchase_order(self, *lines: tuple[str, int], **fields: Any) -> dict[str, str]:
        """A buyer enters a purchase order; its id and number. `location` counts for every line."""
        rows = [{"sku": sku, "quantity": quantity, "rate": 2} for sku, quantity in lines]
        given = {"vendor": VENDOR, "location": PLACE, "subsidiary": "1", "lines": rows, **fields}
        made: dict[str, str] = self.netsuite.command("enter_purchase_order", given)
        return made

    def sales_order(self, *lines: tuple[str, int], **fields: Any) -> dict[str, str]:
        """A clerk enters a sales order; its id and number."""
        rows = [{"sku": sku, "quantity": quantity, "rate": 10} for sku, quantity in lines]
        given = {"customer": CUSTOMER, "location": PLACE, "subsidiary": "1", "lines": rows, **fields}
        made: dict[str, str] = self.netsuite.command("enter_sales_order", given)
        return made

    def order_at_shipbob(
        self, number: str, *lines: tuple[str, int], location: int = CENTRE, again: str = ""
    ) -> int:
        """Another application sends the order to ShipBob; its id there. `again` ends the reference of a second one."""
        products = [{"reference_id": sku, "sku": sku, "name": sku, "quantity": quantity} for sku, quantity in lines]
        address = {"address1": "1 Main St", "city": "Albany", "state": "NY", "country": "US", "zip_code": "12207"}
        order = {
            "reference_id": f"shop-{number}{again}", "order_number": number, "type": "DTC",
            "shipping_method": "Standard",
            "recipient": {"name": "Dana Reed", "address": address}, "products": products, "location_id": location,
        }  # fmt: skip
        return int(self.shipbob.command("import_order", {"order": order})["order_id"])

    def stow(self, number: str, **quantities: int) -> None:
        """Goods arrive and are stowed; without quantities everything."""
        wanted = {name.replace("_", "-"): units for name, units in quantities.items()} or None
        arguments = {"purchase_order_number": number, "step": "stow"}
        self.shipbob.command("receive", {**arguments, **({"quantities": wanted} if wanted else {})})

    def complete(self, number: str) -> None:
        """ShipBob is through with a receiving order."""
        self.shipbob.command("receive", {"purchase_order_number": number, "step": "complete"})

    # ---- looking -----------------------------------------------------------------------------------------------

    def held_transactions(self, kind: str) -> list[dict[str, Any]]:
        """Transactions of a record type that NetSuite holds."""
        return list(self.netsuite.holdings()["transactions"][kind])

    def ours(self, kind: str) -> list[dict[str, Any]]:
        """Those that the connector made."""
        return [each for each in self.held_transactions(kind) if str(each.get("externalId", "")).startswith("SB-")]

    def receiving_orders(self) -> list[dict[str, Any]]:
        """Receiving orders that ShipBob holds."""
        return list(self.shipbob.holdings()["receiving"].values())

    def on_hand(self, sku: str, location: str = PLACE) -> Any:
        """What NetSuite's books say of the shelf."""
        return self.netsuite.holdings()["on_hand"].get(sku, {}).get(location, 0)

    def queries(self) -> int:
        """SuiteQL calls so far."""
        return sum(1 for call in self.netsuite.calls if call.path.endswith("/suiteql"))

    def writes(self) -> list[str]:
        """Every write to NetSuite, as `POST .../path`."""
        return [
            f"{call.method} {call.path.split('/record/v1/')[-1]}"
            for call in self.netsuite.calls
            if call.method in ("POST", "PATCH", "PUT") and "/record/v1/" in call.path
        ]

    def violations(self) -> list[str]:
        return [*self.netsuite.strict_violations, *self.shipbob.strict_violations]


def seed_company(netsuite: Callable[[str, Any], Any], shipbob: Callable[[str, Any], Any]) -> None:
    """The company in NetSuite and what ShipBob has of it."""
    masters = [
        ("subsidiary", "1", "Acme Inc"), ("vendor", VENDOR, "Northern Mills"), ("vendor", FULFILLER, "ShipBob"),
        ("customer", CUSTOMER, "Dana Reed"), ("account", ADJUSTMENTS, "Inventory adjustments"),
        ("account", SHIPPING, "Fulfilment: shipping"), ("account", WAREHOUSING, "Fulfilment: warehousing"),
        ("account", ROUNDING, "Rounding"),
    ]  # fmt: skip
    for table, identifier, name in masters:
        netsuite("seed_master", {"table": table, "id": identifier, "name": name})
    for identifier, name in ((PLACE, "ShipBob Cicero"), (OTHER_PLACE, "ShipBob West"), (ELSEWHERE, "Own warehouse"),
                             (DAMAGED, "Damaged")):  # fmt: skip
        netsuite("seed_master", {"table": "location", "id": identifier, "name": name, "subsidiary": "1"})
    shipbob("seed_location", {"id": OTHER_CENTRE, "name": "Moreno Valley (CA)"})
    for sku in ("TEE", "CAP", "MUG"):
        netsuite("seed_item", {"sku": sku, "name": sku, "cost": 2})
        shipbob("seed_product", {"sku": sku, "name": sku})
    netsuite("seed_item", {"sku": "SETUP", "name": "Setup service", "record": "serviceSaleItem"})
