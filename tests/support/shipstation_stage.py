"""The pair Acumatica - ShipStation on a stage: kernel in memory, both simulators in process, all in virtual time.

    stage = ShipStationStage()
    stage.put(line("0041", 2))
    stage.run(minutes=5)
    assert [order["orderKey"] for order in stage.orders()] == ["ACU-SO-SO000001"]

Running, killing and looking are those of `tests.support.stage.Stage`.
"""

from __future__ import annotations

import base64
import json
from dataclasses import replace
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from acumatica_shipstation.flows import PAIR
from acumatica_shipstation.senders import SENDERS
from acumatica_shipstation.settings import AcumaticaShipStation
from connector.connection import apply_document, parse_document
from connector.edge.receiver import receiver
from connector.entry import poller, worker
from connector.records import RecordStore
from connector.review import resume
from connector.services import Services
from local.simulators import base
from local.simulators.acumatica import seed
from local.simulators.acumatica.seed import order
from local.simulators.acumatica.simulator import AcumaticaSimulator
from local.simulators.shipstation import DEFAULT_KEY, DEFAULT_SECRET, DEFAULT_V2_KEY, OUR_STORE, ShipStationSimulator
from tests.support.clock import START
from tests.support.edge import gateway_event
from tests.support.stage import NAME, PUSH_SECRET, SimulatorWire, Stage
from tests.support.world import World

ACUMATICA_URL, SHIPSTATION_URL = "http://127.0.0.1:7001/Acme", "http://127.0.0.1:7005"
TOKEN = "kP3w9Zr_0aQmVx7LdT2yHc5u"  # the last part of the webhooks' address
EVENTS = ("ORDER_NOTIFY", "SHIP_NOTIFY", "FULFILLMENT_SHIPPED")
WAREHOUSE = "3PL-WEST"


def document(**changes: Any) -> dict[str, Any]:
    """A connection file for the stage; `shipstation`, `tables`, and members of `settings` by name replace parts."""
    shipstation = {
        "base_url": SHIPSTATION_URL, "labels_url": SHIPSTATION_URL, "keys_url": f"{SHIPSTATION_URL}/jwks",
        "store_id": OUR_STORE, "labels": True, **changes.pop("shipstation", {}),
    }  # fmt: skip
    settings = {
        "shipments": {"box": "DEFAULT", **changes.pop("shipments", {})},
        **{name: changes.pop(name, {}) for name in ("orders", "items", "voids", "labels")},
    }
    tables = {
        "warehouses": {WAREHOUSE: {}},
        "carriers": {"*": {"ship_via": "GROUND"}},
        **changes.pop("tables", {}),
    }
    return {
        "connection": NAME,
        "pair": PAIR.name,
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

    def __init__(self, *, start: datetime = START, **changes: Any) -> None:
        self.world = World(start=start, pair=PAIR.name)
        self.clock = self.world.clock
        self.acumatica = AcumaticaSimulator(self.clock, advance=self._advance)
        self.shipstation = ShipStationSimulator(self.clock, advance=self._advance)
        self.wire = SimulatorWire({7001: self.acumatica, 7005: self.shipstation})
        self.process: Services = self.world.services
        seed.seed_company(self.acumatica)
        self._secrets()
        self.apply(document(**changes))
        self._ticked: datetime | None = None

    def _secrets(self) -> None:
        application = next(iter(self.acumatica.identity.applications.values()))
        secrets: dict[str, dict[str, Any]] = {
            "acumatica": {
                "client_id": application.client_id, "client_secret": application.secret,
                "username": "mlc-api", "password": "simulated-password",
            },
            "shipstation": {"api_key": DEFAULT_KEY, "api_secret": DEFAULT_SECRET},
            "shipstation_v2": {"api_key": DEFAULT_V2_KEY},
            "acumatica_webhook": {"header_name": "X-MLC-Token", "secrets": [PUSH_SECRET]},
            "shipstation_webhook": {"tokens": [TOKEN]},
        }  # fmt: skip
        for name, value in secrets.items():
            self.world.secrets.write(f"{NAME}/{name}", json.dumps(value))

    def apply(self, raw: dict[str, Any]) -> None:
        """Applies a connection file as the command does."""
        parsed = parse_document(raw, AcumaticaShipStation)
        applied = apply_document(self.world.tables, parsed, self.clock(), "test")
        self.restart()
        store = RecordStore(self.process)
        for missing in applied.appeared:
            resume(self.process, store, NAME, missing, "apply")

    def restart(self) -> None:
        """A new process: nothing remembered, the same stores."""
        self.process = replace(self.world.services, memory={("wire",): self.wire})
        self._work = worker(PAIR, self.process)
        self._poll = poller(PAIR, self.process)

    # ---- webhooks ----------------------------------------------------------------------------------------------

    def subscribe(self, secret: str = TOKEN) -> None:
        """Subscribes at ShipStation by hand; `secret` is the token in the address."""
        url = f"https://hooks.example/{PAIR.name}/{NAME}/shipstation/{secret}"
        for event in EVENTS:
            self.ask("POST", "/webhooks/subscribe", {"target_url": url, "event": event, "store_id": OUR_STORE})

    def ask(self, method: str, path: str, body: Any = None, query: str = "") -> Any:
        """A request of somebody who has the key, by hand; the JSON of a 200."""
        pair = base64.b64encode(f"{DEFAULT_KEY}:{DEFAULT_SECRET}".encode()).decode()
        headers = {"Authorization": f"Basic {pair}", "Content-Type": "application/json"}
        content = b"" if body is None else json.dumps(body).encode()
        reply = self.shipstation.handle(base.Request(method, path, query, headers, content))
        assert reply.status == 200, reply.body
        return json.loads(reply.body)

    def push_webhooks(self) -> list[int]:
        """Posts what ShipStation and Acumatica want to deliver to the edge; answers ShipStation's statuses."""
        statuses = []
        for delivery in self.shipstation.take_deliveries():
            status = self.post("shipstation", delivery.headers, delivery.body, delivery.url)
            self.shipstation.report_delivery(delivery, 200 <= status < 300)
            statuses.append(status)
        if self.acumatica.pushes:
            self.acumatica.deliver_pushes(lambda url, headers, body: self.post("acumatica", headers, body, url))
        return statuses

    def post(self, sender: str, headers: Any, body: bytes, url: str) -> int:
        """The status of one request to the edge."""
        event = arrived(sender, headers, body, url)
        return int(receiver(SENDERS, self.process, pair=PAIR.name)(event, None)["statusCode"])

    def listen(self) -> None:
        """Acumatica pushes its changes to the edge."""
        url = f"https://hooks.example/{PAIR.name}/{NAME}/acumatica"
        header = {"header_name": "X-MLC-Token", "header_value": PUSH_SECRET}
        self.acumatica.command("configure_push", {"url": url, **header})

    # ---- acting and looking ------------------------------------------------------------------------------------

    def put(self, *lines: dict[str, Any], customer: str = "QUILL", **fields: Any) -> str:
        """A new sales order; its number."""
        return str(self.acumatica.command("sales_order", order(customer, *lines, **fields))["key"])

    def people(self, name: str, /, **arguments: Any) -> Any:
        """What people do in ShipStation's screens."""
        return self.shipstation.command(name, arguments)

    def orders(self) -> list[dict[str, Any]]:
        """Every order that ShipStation holds."""
        return list(self.shipstation.holdings()["orders"])

    def order(self, number: str) -> dict[str, Any]:
        """The order with this key or number (the newest)."""
        return [each for each in self.orders() if number in (each["orderKey"], each["orderNumber"])][-1]

    def packages(self, number: str) -> list[str]:
        """The tracking numbers on an Acumatica shipment's packages."""
        return [str(row.get("TrackingNbr") or "") for row in self.erp("Shipment")[number].get("Packages", ())]

    def tracking(self) -> list[str]:
        """Every tracking number on any Acumatica shipment."""
        return [number for key in self.erp("Shipment") for number in self.packages(key) if number]

    def files(self, number: str) -> list[str]:
        """Names of the files on a shipment's packages and on itself."""
        shipment = self.erp("Shipment")[number]
        owners = [*shipment.get("Packages", ()), shipment]
        return [file["name"] for owner in owners for file in owner.get("files", ())]

    def calls(self, fragment: str = "/") -> list[str]:
        """Calls to ShipStation whose `METHOD path` holds the fragment."""
        made = [f"{call.method} {call.path}" for call in self.shipstation.calls]
        return [each for each in made if fragment in each]

    def violations(self) -> list[str]:
        """What ShipStation passed over in silence."""
        return list(self.shipstation.strict_violations)


def arrived(sender: str, headers: Any, body: bytes, url: str) -> dict[str, Any]:
    """The event that API Gateway makes of a request to this address."""
    token = urlsplit(url).path.partition(f"/{sender}/")[2] or None
    return gateway_event(sender, headers, body, connection=NAME, token=token, pair=PAIR.name)
