"""The pair Acumatica - ShipStation on a stage: the kernel in memory, both simulators in process, in virtual time.

    stage = ShipStationStage()
    number = stage.sales_order(line("0041", 2))
    stage.run(minutes=3)
    assert stage.order(number)["orderStatus"] == "awaiting_shipment"

Running, killing and looking are those of `tests.support.stage.Stage`.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from acumatica_shipstation.flows import PAIR
from acumatica_shipstation.senders import SENDERS
from local.simulators import base
from local.simulators.acumatica import seed
from local.simulators.acumatica.seed import order
from local.simulators.acumatica.simulator import AcumaticaSimulator
from local.simulators.shipstation import ShipStationSimulator
from local.simulators.shipstation.masters import OUR_STORE
from local.simulators.shipstation.simulator import DEFAULT_KEY, DEFAULT_SECRET, DEFAULT_V2_KEY
from tests.support.clock import START
from tests.support.stage import ERP, NAME, Stage
from tests.support.world import World

ACUMATICA_URL, SHIPSTATION_URL = "http://127.0.0.1:7001/Acme", "http://127.0.0.1:7005"
TOKEN = "stage-token-0123456789abcdefgh"
HOOK = f"https://hooks.example/acumatica_shipstation/{NAME}/shipstation"
WAREHOUSE = "3PL-WEST"


def document(**changes: Any) -> dict[str, Any]:
    """A connection file for the stage; `shipstation`, `tables`, and members of `settings` by name replace parts."""
    shipstation = {
        "base_url": SHIPSTATION_URL, "labels_url": SHIPSTATION_URL, "keys_url": f"{SHIPSTATION_URL}/jwks",
        "store_id": OUR_STORE, "labels": True, **changes.pop("shipstation", {}),
    }  # fmt: skip
    settings = {name: changes.pop(name, {}) for name in ("orders", "items", "voids", "labels")}
    settings["shipments"] = {"box": "DEFAULT", **changes.pop("shipments", {})}
    tables = {
        "warehouses": {WAREHOUSE: {"warehouse_id": 17977}, "3PL-EAST": {}},
        "services": {"EXPRESS": {"requested": "Two days", "carrier_code": "ups", "service_code": "ups_2nd_day_air"}},
        "carriers": {"ups": {"ship_via": "GROUND"}, "fedex": {"ship_via": "EXPRESS"}, "stamps_com": {"ship_via":
                     "GROUND"}, "UPS": {"ship_via": "GROUND"}},
        **changes.pop("tables", {}),
    }  # fmt: skip
    return {
        "connection": NAME,
        "pair": "acumatica_shipstation",
        "start": "2026-03-01T00:00:00Z",
        "systems": {
            "acumatica": {
                "base_url": ACUMATICA_URL, "tenant": "Company", "auth": "password", "time_zone": "America/New_York",
            },
            "shipstation": shipstation,
        },
        "settings": settings,
        "tables": tables,
        **changes,
    }  # fmt: skip


class ShipStationStage(Stage):
    """The pair Acumatica - ShipStation with everything around it."""

    pair, senders = PAIR, SENDERS

    def __init__(self, *, start: datetime = START, **changes: Any) -> None:
        self.world = World(start=start, pair=PAIR.name)
        self.clock = self.world.clock
        self.acumatica = AcumaticaSimulator(self.clock, advance=self._advance)
        self.shipstation = ShipStationSimulator(self.clock, advance=self._advance)
        seed.seed_company(self.acumatica)
        self._begin({ERP: self.acumatica, 7005: self.shipstation}, document(**changes))

    def _secrets(self) -> None:
        self._acumatica_secrets()
        self._secret("shipstation", {"api_key": DEFAULT_KEY, "api_secret": DEFAULT_SECRET})
        self._secret("shipstation_v2", {"api_key": DEFAULT_V2_KEY})
        self._secret("shipstation_webhook", {"tokens": [TOKEN]})

    # ---- webhooks ----------------------------------------------------------------------------------------------

    def hook(self, event: str = "SHIP_NOTIFY") -> None:
        """Subscribes at ShipStation by hand."""
        import base64

        key = base64.b64encode(f"{DEFAULT_KEY}:{DEFAULT_SECRET}".encode()).decode()
        body = {"target_url": f"{HOOK}/{TOKEN}", "event": event, "store_id": None, "friendly_name": "ml-connector"}
        headers = {"Authorization": f"Basic {key}", "Content-Type": "application/json"}
        asked = base.Request("POST", "/webhooks/subscribe", "", headers, json.dumps(body).encode())
        reply = self.shipstation.handle(asked)
        assert reply.status in (200, 201), reply.body

    def push_webhooks(self) -> list[int]:
        return self._push("shipstation", self.shipstation, token=lambda delivery: delivery.url.rpartition("/")[2])

    # ---- acting and looking ------------------------------------------------------------------------------------

    def sales_order(self, *lines: dict[str, Any], customer: str = "QUILL", **fields: Any) -> str:
        """A new, released sales order; its number."""
        return str(self.acumatica.command("sales_order", order(customer, *lines, **fields))["key"])

    def edit(self, number: str, **fields: Any) -> None:
        """A person edits a sales order."""
        self.acumatica.command("edit", {"entity": "SalesOrder", "key": number, "fields": fields})

    def act(self, name: str, /, **arguments: Any) -> Any:
        """Somebody does something in ShipStation's screens."""
        return self.shipstation.command(name, arguments)

    def orders(self) -> list[dict[str, Any]]:
        """Every order that ShipStation holds."""
        return list(self.shipstation.holdings()["orders"])

    def order(self, number: str) -> dict[str, Any]:
        """ShipStation's only order of a sales order."""
        (found,) = [each for each in self.orders() if each["orderNumber"] == number]
        return found

    def calls(self, fragment: str = "") -> list[str]:
        """Calls to ShipStation whose `METHOD path` holds the fragment, fault or not."""
        lines = [f"{call.method} {call.path}" for call in self.shipstation.calls]
        return [line for line in lines if fragment in line]

    def erp_shipments(self) -> dict[str, Mapping[str, Any]]:
        """Acumatica's shipments by number."""
        return self.erp("Shipment")

    def packages(self) -> list[tuple[str, str]]:
        """Every package's shipment and tracking number."""
        return [
            (number, str(row.get("TrackingNbr") or ""))
            for number, shipment in sorted(self.erp_shipments().items())
            for row in shipment.get("Packages", ())
        ]

    def note(self, number: str) -> str:
        """The sales order's note."""
        return str(self.erp("SalesOrder")[number].get("note") or "")

    def record(self, stream: str, key: str) -> Any:
        """One record, which must exist."""
        return self.records(stream)[key]

    def violations(self) -> list[str]:
        return [*self.shipstation.strict_violations]
