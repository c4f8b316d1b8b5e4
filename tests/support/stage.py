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
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from typing import Any
from urllib.parse import urlsplit

from acumatica_shipbob.flows import PAIR
from acumatica_shipbob.settings import AcumaticaShipBob
from connector.connection import apply_document, parse_document
from connector.edge.receiver import receiver
from connector.entry import poller, worker
from connector.record import Record, record_from_item
from connector.records import RecordStore
from connector.review import resume
from connector.services import Services
from connector.transport import AnswerLost, Reply, Request
from local.simulators import base
from local.simulators.acumatica import seed
from local.simulators.acumatica.simulator import AcumaticaSimulator
from local.simulators.shipbob.simulator import DEFAULT_PAT, ShipBobSimulator
from tests.support.world import World

NAME = "demo"
ACUMATICA_URL, SHIPBOB_URL = "http://127.0.0.1:7001/Acme", "http://127.0.0.1:7002"
PUSH_SECRET = "0f" * 32
TICK = timedelta(minutes=1)


class Killed(BaseException):
    """The process dies: no handler sees it, its memory is gone."""


class SimulatorWire:
    """The wire to the simulators: same bytes, no sockets."""

    def __init__(self, simulators: Mapping[int, base.Simulator]) -> None:
        self.simulators = simulators
        self.before: Callable[[Request], None] = lambda request: None
        self.after: Callable[[Request], None] = lambda request: None

    def exchange(self, request: Request) -> Reply:
        """Hands the request to the simulator that listens on its port."""
        parts = urlsplit(request.url)
        self.before(request)
        asked = base.Request(request.method, parts.path, parts.query, dict(request.headers), request.body)
        try:
            reply = self.simulators[parts.port or 0].handle(asked)
        except (base.ConnectionDropped, base.AnswerTimedOut) as error:
            raise AnswerLost(type(error).__name__) from error
        self.after(request)
        return Reply(reply.status, {name.lower(): value for name, value in reply.headers.items()}, reply.body)


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

    def __init__(self, *, seeded: bool = True, **changes: Any) -> None:
        self.world = World()
        self.clock = self.world.clock
        self.acumatica = AcumaticaSimulator(self.clock, advance=self._advance)
        self.shipbob = ShipBobSimulator(self.clock, advance=self._advance)
        self.wire = SimulatorWire({7001: self.acumatica, 7002: self.shipbob})
        self.process: Services = self.world.services
        if seeded:
            seed.seed_company(self.acumatica)
            self.seed_shipbob()
        self._secrets()
        self.apply(document(**changes))
        self._ticked: datetime | None = None

    def _advance(self, seconds: float) -> None:
        self.clock.advance(seconds)

    def seed_shipbob(self) -> None:
        """Products and stock that the warehouse already has."""
        for sku, units in (("0041", 500), ("Insert Card - A", 1000), ("KIT-DESK", 25)):
            self.shipbob.command("seed_product", {"sku": sku, "name": sku})
            self.shipbob.command("seed_stock", {"sku": sku, "location_id": 8, "quantity": units})

    def _secrets(self) -> None:
        application = next(iter(self.acumatica.identity.applications.values()))
        write = self.world.secrets.write
        write(
            f"{NAME}/acumatica",
            json.dumps(
                {
                    "client_id": application.client_id,
                    "client_secret": application.secret,
                    "username": "mlc-api",
                    "password": "simulated-password",
                }
            ),
        )
        write(f"{NAME}/shipbob", json.dumps({"token": DEFAULT_PAT}))
        write(f"{NAME}/acumatica_webhook", json.dumps({"header_name": "X-MLC-Token", "secrets": [PUSH_SECRET]}))

    def apply(self, raw: dict[str, Any]) -> None:
        """Applies a connection file as the command does; what appeared resumes what was held for it."""
        parsed = parse_document(raw, AcumaticaShipBob)
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
        moments = [until, (self._ticked or self.clock()) + TICK]
        moments += [stored.visible_at for queue, _ in self._handlers() for stored in self.world.queues.messages(queue)]
        later = [moment for moment in moments if moment > self.clock()]
        self.clock.set(min(later) if later else until)

    # ---- webhooks ----------------------------------------------------------------------------------------------

    def subscribe(self, secret: str = "whsec_bWwtY29ubmVjdG9yLXRlc3Qta2V5LTAx") -> None:
        """Subscribes at ShipBob by hand and stores the secret."""
        self.world.secrets.write(f"{NAME}/shipbob_webhook", json.dumps({"secrets": [secret]}))
        topics = [
            "order.shipped",
            "order.shipment.delivered",
            "order.shipment.exception",
            "order.shipment.on_hold",
            "order.shipment.cancelled",
        ]
        body = {"url": f"https://hooks.example/acumatica_shipbob/{NAME}/shipbob", "topics": topics, "secret": secret}
        headers = {"Authorization": f"Bearer {DEFAULT_PAT}", "Content-Type": "application/json"}
        reply = self.shipbob.handle(base.Request("POST", "/2026-01/webhook", "", headers, json.dumps(body).encode()))
        assert reply.status in (200, 201), reply.body

    def push_webhooks(self) -> list[int]:
        """Posts what ShipBob wants to deliver to the edge; answers the statuses."""
        from acumatica_shipbob.senders import SENDERS

        edge = receiver(SENDERS, self.process, pair="acumatica_shipbob")
        statuses = []
        for delivery in self.shipbob.take_deliveries():
            answer = edge(edge_event("shipbob", delivery.headers, delivery.body), None)
            statuses.append(answer["statusCode"])
            self.shipbob.report_delivery(delivery, answer["statusCode"] < 300)
        return statuses

    # ---- looking -----------------------------------------------------------------------------------------------

    def records(self, stream: str | None = None) -> dict[str, Record]:
        """Every record by source key."""
        items = [item for item in self.world.tables.items("records") if item["sk"] == "record"]
        records = [record_from_item(item) for item in items]
        return {record.source_key: record for record in records if stream in (None, record.stream)}

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
    """The event that API Gateway hands to the webhook function."""
    import base64

    return {
        "httpMethod": "POST",
        "pathParameters": {"pair": "acumatica_shipbob", "connection": NAME, "sender": sender},
        "headers": dict(headers),
        "multiValueHeaders": {name: [value] for name, value in headers.items()},
        "body": base64.b64encode(body).decode(),
        "isBase64Encoded": True,
        "requestContext": {"identity": {"sourceIp": "127.0.0.1"}},
    }
