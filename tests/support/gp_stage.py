"""The pair Dynamics GP - ShipBob on a stage: the kernel in memory, both simulators in process, in virtual time.

    stage = GpStage()
    order_id = stage.order(line("TSHIRT-BLU-M", 2))
    stage.run(minutes=3)
    assert stage.gp_orders()["SB..."]["customer"] == "AARONFIT0001"

Running, killing and looking are those of `tests.support.stage.Stage`. NTLM and TLS belong to the network form of the
simulator; in process a request is taken as signed in.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from connector.record import Record
from connector.records import RecordStore
from connector.review import replay
from dynamicsgp_shipbob.flows import PAIR
from dynamicsgp_shipbob.senders import SENDERS
from local.simulators.dynamics_gp.simulator import DynamicsGpSimulator
from local.simulators.shipbob.simulator import DEFAULT_PAT, ShipBobSimulator
from tests.support.clock import START
from tests.support.stage import NAME, Stage
from tests.support.world import World

GP_URL = "https://127.0.0.1:7007/DynamicsGPWebServices/DynamicsGPService.asmx"
SHIPBOB_URL = "http://127.0.0.1:7002"
CHANNEL = 433100
SHIRT, CORD, HEADSET = "TSHIRT-BLU-M", "CORD-12", "HDS-1"
CUSTOMER = "AARONFIT0001"
ITEMS: dict[str, Any] = {
    SHIRT: {"item": "PHON-ATT-53BL", "unit": "Each"},
    CORD: {"item": "ACCS-CRD-12WH", "unit": "Each"},
    HEADSET: {"item": "ACCS-HDS-1EAR", "unit": "Each"},
}
RECIPIENT: dict[str, Any] = {
    "name": "Jane Example", "email": "jane@example.com", "phone_number": "555-555-5555",
    "address": {
        "address1": "100 Nowhere Blvd", "address2": "Suite 100", "company_name": "Wayne Enterprises",
        "city": "Gotham City", "state": "NJ", "zip_code": "07093", "country": "US",
    },
}  # fmt: skip


def document(**changes: Any) -> dict[str, Any]:
    """A connection file for the stage; `gp`, `tables` and members of `settings` by name replace parts."""
    system = {"url": GP_URL, "company_id": -1, "time_zone": "America/Chicago", **changes.pop("gp", {})}
    settings = {
        "orders": {"default_site": "WAREHOUSE", **changes.pop("orders", {})},
        "shipments": changes.pop("shipments", {}),
        "stock": {"second_look_minutes": 10, **changes.pop("stock", {})},
        "returns": changes.pop("returns", {}),
    }
    tables = {
        "channels": {str(CHANNEL): {"customer": CUSTOMER}, "433700": {"customer": CUSTOMER}},
        "sites": {"8": "WAREHOUSE", "10": "NORTH"},
        "items": ITEMS,
        "methods": {"Standard": "GROUND", "": "GROUND"},
        **changes.pop("tables", {}),
    }
    return {
        "connection": NAME,
        "pair": "dynamicsgp_shipbob",
        "start": "2026-03-01T00:00:00Z",
        "systems": {
            "dynamics_gp": system,
            "shipbob": {"base_url": SHIPBOB_URL, "auth_url": SHIPBOB_URL},
        },
        "settings": settings,
        "tables": tables,
        **changes,
    }


def line(sku: str, quantity: int, price: float | None = None) -> dict[str, Any]:
    """One line of a ShipBob order."""
    made: dict[str, Any] = {"reference_id": sku, "sku": sku, "name": sku, "quantity": quantity}
    return made if price is None else {**made, "unit_price": price}


class GpStage(Stage):
    """The pair Dynamics GP - ShipBob with everything around it. GP keeps prices as they are sent unless told not to."""

    pair, senders = PAIR, SENDERS
    topics = ("order.shipped", "order.shipment.delivered", "order.shipment.cancelled", "return.completed")

    def __init__(self, *, start: datetime = START, calculate_prices: bool = False, **changes: Any) -> None:
        self.world = World(start=start, pair=PAIR.name)
        self.clock = self.world.clock
        self.gp = DynamicsGpSimulator(self.clock, advance=self._advance)
        self.shipbob = ShipBobSimulator(self.clock, advance=self._advance)
        self.gp.command("seed_fabrikam", {})
        if not calculate_prices:
            for operation in ("CreateSalesOrder", "UpdateSalesOrder", "CreateSalesReturn"):
                self.set_policy(operation, "Calculate Unit Price Behavior", 0)
        for sku in (SHIRT, CORD, HEADSET):
            self.shipbob.command("seed_product", {"sku": sku, "name": sku})
            self.shipbob.command("seed_stock", {"sku": sku, "location_id": 8, "quantity": 100})
        self._orders = 0
        self._begin({7002: self.shipbob, 7007: self.gp}, document(**changes))

    def _secrets(self) -> None:
        self._secret("dynamics_gp", {"username": "FABRIKAM\\svc-mlc", "password": "simulated-password"})
        self._secret("shipbob", {"token": DEFAULT_PAT})

    # ---- acting ------------------------------------------------------------------------------------------------

    def order(self, *lines: dict[str, Any], channel: int = CHANNEL, **fields: Any) -> int:
        """A store's order at ShipBob; its id."""
        self._orders += 1
        body = {
            "reference_id": f"store-{self._orders}", "order_number": f"#10{self._orders}", "type": "DTC",
            "shipping_method": "Standard", "recipient": RECIPIENT, "products": list(lines), **fields,
        }  # fmt: skip
        return int(self.shipbob.command("import_order", {"order": body, "channel_id": channel})["order_id"])

    def ship(self, order_id: int, **arguments: Any) -> Any:
        """The warehouse ships an order."""
        return self.shipbob.command("fulfil", {"order_id": order_id, **arguments})

    def cancel(self, order_id: int) -> None:
        """The whole order is cancelled at ShipBob."""
        for shipment_id in self.shipbob.holdings()["orders"][str(order_id)]["shipment_ids"]:
            self.shipbob.command("cancel_shipment", {"shipment_id": shipment_id})
        self.shipbob.command("set_order_status", {"order_id": order_id, "status": "Cancelled"})

    def set_policy(self, operation: str, behavior: str, option: int) -> None:
        """The GP administrator chooses."""
        self.gp.command("set_policy", {"operation": operation, "behavior": behavior, "option": option})

    def user(self, act: str, **arguments: Any) -> Any:
        """A GP user's act."""
        return self.gp.command(act, arguments)

    def replay(self, stream: str, key: str) -> None:
        """A person replays a record."""
        replay(self.process, RecordStore(self.process), self.records(stream)[key], "replay", "tester")

    # ---- looking -----------------------------------------------------------------------------------------------

    def sales(self, kind: str = "Order") -> dict[str, dict[str, Any]]:
        """What GP holds, by number."""
        return {row["number"]: row for row in self.gp.holdings()["sales"] if row["type"] == kind}

    def lines(self, number: str, kind: str = "Order") -> list[dict[str, Any]]:
        """The lines of a sales document."""
        return list(self.sales(kind)[number]["fields"]["Lines"])

    def operations(self, prefix: str = "") -> list[str]:
        """The calls to GP by operation."""
        names = [call.path.rpartition("#")[2] for call in self.gp.calls]
        return [name for name in names if name.startswith(prefix)]

    def record(self, stream: str, key: Any) -> Record:
        """One record."""
        return self.records(stream)[str(key)]

    def state(self, stream: str, key: Any) -> tuple[str, str]:
        """Status and reason of a record."""
        record = self.record(stream, key)
        return record.status.value, record.why

    def violations(self) -> list[str]:
        return [*self.shipbob.strict_violations, *self.gp.strict_violations]
