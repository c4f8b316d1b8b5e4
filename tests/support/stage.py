"""One pair on a stage: the kernel in memory, the vendors' simulators in process, everything in virtual time.

    stage = Stage()
    stage.acumatica.command("sales_order", order("QUILL", line("0041", 2)))
    stage.run(minutes=5)
    assert stage.shipbob.holdings()["orders"] ...

`run` is Lambda, SQS and EventBridge Scheduler in one: it ticks every minute, delivers every message that is due and
moves the clock on. A killed worker (`Killed`) loses its memory; its messages come back after the visibility time-out.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from typing import Any, ClassVar

from acumatica_shipbob.flows import PAIR
from acumatica_shipbob.senders import SENDERS
from connector.connection import apply_document, parse_document
from connector.edge.receiver import receiver
from connector.edge.sender import Sender
from connector.entry import poller, worker
from connector.pair import Pair
from connector.record import Record, record_from_item
from connector.records import RecordStore
from connector.review import resume
from connector.services import Services
from local.simulators import base
from local.simulators.acumatica import seed
from local.simulators.acumatica.simulator import AcumaticaSimulator
from local.simulators.deliveries import Posted
from local.simulators.deliveries import Sender as Vendor
from local.simulators.shipbob.simulator import DEFAULT_PAT, ShipBobSimulator
from tests.support.edge import gateway_event
from tests.support.wire import SimulatorWire
from tests.support.world import World

NAME = "demo"
ACUMATICA_URL, SHIPBOB_URL = "http://127.0.0.1:7001/Acme", "http://127.0.0.1:7002"
PUSH_SECRET = "0f" * 32
TICK = timedelta(minutes=1)
ERP = 7001
"""The port of Acumatica, where a stage has one."""


class Killed(BaseException):
    """The process dies: no handler sees it, its memory is gone."""


def document(**changes: Any) -> dict[str, Any]:
    """A connection file for the stage; `changes` replace members of `settings` by name (`shipments={...}`)."""
    settings: dict[str, Any] = {
        "shipments": {"box": "DEFAULT", **changes.pop("shipments", {})},
        "charges": {"vendor": "FULFILLER", "rounding_account": "54200", **changes.pop("charges", {})},
        "stock": {"mode": "adjust", "second_look_minutes": 20, **changes.pop("stock", {})},
        "orders": changes.pop("orders", {}),
        "items": changes.pop("items", {}),
    }
    tables = {
        "warehouses": {"3PL-WEST": {"location_id": 8, "location_bin": "R1"}},
        "ship_methods": {"GROUND": "Standard", "EXPRESS": "Standard", "": "Standard"},
        "carriers": {"*": {"ship_via": "GROUND"}},
        "fees": {"Shipping": {"account": "54000"}, "Warehousing Fee": {"account": "54100"}},
        **changes.pop("tables", {}),
    }
    return {
        "connection": NAME,
        "pair": "acumatica_shipbob",
        "start": "2026-03-01T00:00:00Z",
        "systems": {
            "acumatica": {
                "base_url": ACUMATICA_URL, "tenant": "Company", "auth": "password", "time_zone": "America/New_York",
            },
            "shipbob": {"base_url": SHIPBOB_URL, "auth_url": SHIPBOB_URL},
        },
        "settings": settings,
        "tables": tables,
        **changes,
    }  # fmt: skip


class Stage:
    """The pair Acumatica - ShipBob with everything around it."""

    pair: ClassVar[Pair[Any]] = PAIR
    senders: ClassVar[Mapping[str, Sender]] = SENDERS
    topics: ClassVar[Sequence[str]] = (
        "order.shipped",
        "order.shipment.delivered",
        "order.shipment.exception",
        "order.shipment.on_hold",
        "order.shipment.cancelled",
    )
    """What `subscribe` asks ShipBob for."""

    def __init__(self, *, seeded: bool = True, **changes: Any) -> None:
        self.world = World()
        self.clock = self.world.clock
        self.acumatica = AcumaticaSimulator(self.clock, advance=self._advance)
        self.shipbob = ShipBobSimulator(self.clock, advance=self._advance)
        if seeded:
            seed.seed_company(self.acumatica)
            self.seed_shipbob()
        self._begin({ERP: self.acumatica, 7002: self.shipbob}, document(**changes))

    def _begin(self, simulators: Mapping[int, base.Simulator], raw: dict[str, Any]) -> None:
        """Wires the simulators by their ports, stores the credentials and applies the connection file."""
        self.wire = SimulatorWire(simulators)
        self.process: Services = self.world.services
        self._ticked: datetime | None = None
        self._secrets()
        self.apply(raw)

    def _advance(self, seconds: float) -> None:
        self.clock.advance(seconds)

    def seed_shipbob(self) -> None:
        """Products and stock that the warehouse already has."""
        for sku, units in (("0041", 500), ("Insert Card - A", 1000), ("KIT-DESK", 25)):
            self.shipbob.command("seed_product", {"sku": sku, "name": sku})
            self.shipbob.command("seed_stock", {"sku": sku, "location_id": 8, "quantity": units})

    def _secrets(self) -> None:
        self._acumatica_secrets()
        self._secret("shipbob", {"token": DEFAULT_PAT})

    def _secret(self, name: str, members: Mapping[str, Any]) -> None:
        self.world.secrets.write(f"{NAME}/{name}", json.dumps(members))

    def _acumatica_secrets(self) -> None:
        application = next(iter(self.acumatica.identity.applications.values()))
        self._secret("acumatica", {
            "client_id": application.client_id, "client_secret": application.secret,
            "username": "mlc-api", "password": "simulated-password",
        })  # fmt: skip
        self._secret("acumatica_webhook", {"header_name": "X-MLC-Token", "secrets": [PUSH_SECRET]})

    def apply(self, raw: dict[str, Any]) -> None:
        """Applies a connection file as the command does; what appeared resumes what was held for it."""
        parsed = parse_document(raw, self.pair.document)
        applied = apply_document(self.world.tables, parsed, self.clock(), "test")
        self.restart()
        store = RecordStore(self.process)
        for missing in applied.appeared:
            resume(self.process, store, NAME, missing, "apply")

    def restart(self) -> None:
        """A new process: nothing remembered, the same stores."""
        self.process = replace(self.world.services, memory={("wire",): self.wire})
        self._work = worker(self.pair, self.process)
        self._poll = poller(self.pair, self.process)

    # ---- running -----------------------------------------------------------------------------------------------

    def tick(self) -> None:
        """EventBridge Scheduler's tick."""
        self._invoke(lambda: self._poll({"tick": True}, None))

    def _invoke(self, call: Callable[[], Any]) -> Any:
        try:
            return call()
        except Killed:
            self.restart()
            return None

    def deliver(self) -> int:
        """Delivers every message that is visible now; answers how many."""
        carried = 0
        for queue, handler in self._handlers():
            call = partial(self.world.deliver, queue, handler, 1 if queue == "jobs" else 10)
            while (count := self._invoke(call) or 0) > 0:
                carried += count
        return carried

    def _handlers(self) -> list[tuple[str, Callable[[dict[str, Any], Any], Any]]]:
        work = lambda event, context: self._work(event, context)  # noqa: E731 - a restart replaces the handler
        poll = lambda event, context: self._poll(event, context)  # noqa: E731
        return [("jobs", poll), ("events", work), ("live", work), ("bulk", work), ("delay", work)]

    def settle(self) -> None:
        """Delivers until nothing is visible."""
        while self.deliver():
            pass

    def run(self, *, minutes: float = 5, webhooks: bool = False) -> None:
        """Lets time pass: a tick a minute, every message when it is due."""
        until = self.clock() + timedelta(minutes=minutes)
        while self.clock() < until:
            if self._ticked is None or self.clock() - self._ticked >= TICK:
                self._ticked = self.clock()
                self.tick()
            if webhooks:
                self.push_webhooks()
            self.settle()
            self._next(until)
        self.settle()

    def _next(self, until: datetime) -> None:
        """Moves the clock to whatever comes next: a message, the tick, the end."""
        self.world.wait(until, (self._ticked or self.clock()) + TICK)

    # ---- webhooks ----------------------------------------------------------------------------------------------

    def subscribe(self, secret: str = "whsec_bWwtY29ubmVjdG9yLXRlc3Qta2V5LTAx") -> None:
        """Subscribes at ShipBob by hand and stores the secret."""
        self._secret("shipbob_webhook", {"secrets": [secret]})
        url = f"https://hooks.example/{self.pair.name}/{NAME}/shipbob"
        body = {"url": url, "topics": list(self.topics), "secret": secret}
        headers = {"Authorization": f"Bearer {DEFAULT_PAT}", "Content-Type": "application/json"}
        reply = self.shipbob.handle(base.Request("POST", "/2026-01/webhook", "", headers, json.dumps(body).encode()))
        assert reply.status in (200, 201), reply.body

    def listen(self) -> None:
        """Acumatica pushes its changes to the edge."""
        url = f"https://hooks.example/{self.pair.name}/{NAME}/acumatica"
        header = {"header_name": "X-MLC-Token", "header_value": PUSH_SECRET}
        self.acumatica.command("configure_push", {"url": url, **header})

    def push_webhooks(self) -> list[int]:
        """Posts what the vendors want to deliver to the edge; answers the statuses of the webhooks."""
        return self._push("shipbob", self.shipbob)

    def _push(
        self, sender: str, vendor: Vendor[Posted], token: Callable[[Posted], str | None] = lambda delivery: None
    ) -> list[int]:
        """A vendor's webhooks, then Acumatica's notifications. `token`: the last part of a delivery's address."""
        statuses = []
        for delivery in self._taken(vendor):
            status = self.post(sender, delivery.headers, delivery.body, token(delivery))
            vendor.report_delivery(delivery, 200 <= status < 300)
            statuses.append(status)
        self._push_notifications()
        return statuses

    def _push_notifications(self) -> None:
        if ERP in self.wire.simulators and self.acumatica.pushes:
            self.acumatica.deliver_pushes(lambda url, headers, body: self.post("acumatica", headers, body))

    def _taken(self, vendor: Vendor[Posted]) -> list[Posted]:
        return vendor.take_deliveries()

    def post(self, sender: str, headers: Mapping[str, str], body: bytes, token: str | None = None) -> int:
        """The status of one request to the edge; `token` is the last part of the address."""
        return int(self.call(sender, headers, body, token)["statusCode"])

    def call(self, sender: str, headers: Mapping[str, str], body: bytes, token: str | None = None) -> dict[str, Any]:
        """The edge's answer."""
        event = gateway_event(sender, headers, body, connection=NAME, token=token, pair=self.pair.name)
        return receiver(self.senders, self.process, pair=self.pair.name)(event, None)

    # ---- looking -----------------------------------------------------------------------------------------------

    def all_records(self) -> list[Record]:
        """Every record. Two streams may have records with the same source key: a label and its file."""
        return [record_from_item(item) for item in self.world.tables.items("records") if item["sk"] == "record"]

    def records(self, stream: str) -> dict[str, Record]:
        """The records of a stream by source key."""
        return {record.source_key: record for record in self.all_records() if record.stream == stream}

    def states(self, stream: str) -> dict[str, str]:
        """Status by source key."""
        return {key: record.status.value for key, record in self.records(stream).items()}

    def violations(self) -> list[str]:
        """What the strict simulators beside Acumatica's refused or noted, in words."""
        return list(self.shipbob.strict_violations)

    def erp(self, kind: str) -> dict[str, Any]:
        """What Acumatica holds."""
        return dict(self.acumatica.holdings()[kind])


def edge_event(sender: str, headers: Mapping[str, str], body: bytes) -> dict[str, Any]:
    """The event that API Gateway hands to the webhook function of Acumatica - ShipBob."""
    return gateway_event(sender, headers, body, connection=NAME, pair=PAIR.name)
