"""A ShipStation simulator on a bench: hand-made requests, a clock that is moved by hand."""

from __future__ import annotations

import base64
import copy
import json
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from local.simulators.base import Reply, Request
from local.simulators.shipstation import (
    DEFAULT_KEY,
    DEFAULT_SECRET,
    DEFAULT_V2_KEY,
    OUR_STORE,
    ShipStationSimulator,
    Switches,
)

START = datetime(2026, 3, 16, 18, 40, 5, 770000, tzinfo=UTC)  # 11:40:05.77 in Los Angeles
LIMIT, LEFT, RESET = "X-Rate-Limit-Limit", "X-Rate-Limit-Remaining", "X-Rate-Limit-Reset"
ONE, MANY = "/orders/createorder", "/orders/createorders"


def basic(key: str = DEFAULT_KEY, secret: str = DEFAULT_SECRET) -> str:
    """The Authorization header."""
    return "Basic " + base64.b64encode(f"{key}:{secret}".encode()).decode()


def an_order(number: str = "SO007015", **changes: Any) -> dict[str, Any]:
    """A complete and valid order with two lines; `key=...` and other members are set over it."""
    body: dict[str, Any] = {
        "orderNumber": number,
        "orderKey": number,
        "orderDate": "2026-03-13T00:00:00.0000000",
        "orderStatus": "awaiting_shipment",
        "customerUsername": "ABARTENDE",
        "customerEmail": "buyer@example.com",
        "billTo": {"name": "USA Bartending School", "country": "US"},
        "shipTo": {
            "name": "Jane Roe",
            "company": None,
            "street1": "201 Lower Notch Rd",
            "street2": None,
            "city": "Little Falls",
            "state": "NJ",
            "postalCode": "07424",
            "country": "US",
            "phone": "+1 908-555-0115",
            "residential": True,
        },
        "items": [
            {
                "lineItemKey": "1",
                "sku": "AALEGO500",
                "name": "LEGO 500 piece set",
                "quantity": 2,
                "unitPrice": 26.0,
                "weight": {"value": 26, "units": "ounces"},
                "warehouseLocation": "R1S1",
                "upc": None,
                "options": [],
            },
            {"lineItemKey": "2", "sku": "0041", "name": "Insert card", "quantity": 1, "unitPrice": 0.5},
        ],
        "amountPaid": 0,
        "taxAmount": 4.16,
        "shippingAmount": 9.0,
        "requestedShippingService": "UPS Ground",
        "internalNotes": "Acumatica SO SO007015",
        "advancedOptions": {"storeId": OUR_STORE, "customField1": "SO", "source": "Acumatica"},
    }
    body.update(changes)
    return copy.deepcopy(body)


def changed(body: Any, path: str, value: Any) -> Any:
    """A copy of the body with the member at `a.b.0.c` set, or taken away when the value is `...`."""
    made = copy.deepcopy(body)
    target: Any = made
    *parents, last = path.split(".")
    for name in parents:
        target = target[int(name)] if isinstance(target, list) else target.setdefault(name, {})
    if isinstance(target, list):
        target[int(last)] = value
    elif value is ...:
        del target[last]
    else:
        target[last] = value
    return made


def document(reply: Reply) -> Any:
    """The JSON of an answer."""
    return json.loads(reply.body)


class Bench:
    """One simulator and a person who sends requests by hand."""

    def __init__(self, start: datetime = START, **options: Any) -> None:
        switches = {name: options.pop(name) for name in list(options) if name in Switches.__dataclass_fields__}
        self.now = start
        self.simulator = ShipStationSimulator(
            lambda: self.now,
            switches=Switches(**switches),
            advance=lambda seconds: self.wait(seconds),
            **options,
        )

    def wait(self, seconds: float) -> None:
        """Moves the clock."""
        self.now += timedelta(seconds=seconds)

    def command(self, name: str, /, **arguments: Any) -> Any:
        """An act without an API."""
        return self.simulator.command(name, arguments)

    def call(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        query: str | dict[str, Any] = "",
        headers: dict[str, str | None] | None = None,
        raw: bytes | None = None,
    ) -> Reply:
        """One request, written by hand: body as JSON unless `raw` is given; a header of None is left out."""
        sent: dict[str, str | None] = {"Authorization": basic(), "Accept": "application/json"}
        if path.startswith("/v2/"):
            sent = {"API-Key": DEFAULT_V2_KEY}
        content = raw if raw is not None else b"" if body is None else json.dumps(body).encode()
        if content:
            sent["Content-Type"] = "application/json"
        merged = {name: value for name, value in {**sent, **(headers or {})}.items() if value is not None}
        text = query if isinstance(query, str) else urlencode(query)
        return self.simulator.handle(Request(method, path, text, merged, content))

    def get(self, path: str, **query: Any) -> Any:
        """The JSON of a read that must succeed."""
        reply = self.call("GET", path, query=query)
        assert reply.status == 200, (reply.status, reply.body)
        return document(reply)

    def post(self, path: str, body: Any) -> Any:
        """The JSON of a write that must succeed."""
        reply = self.call("POST", path, body)
        assert reply.status == 200, (reply.status, reply.body)
        return document(reply)

    def create(self, number: str = "SO007015", **changes: Any) -> int:
        """Creates an order and answers its orderId."""
        return int(self.post(ONE, an_order(number, **changes))["orderId"])

    def order(self, number: int) -> Any:
        """One order by its id."""
        return self.get(f"/orders/{number}")

    def holdings(self) -> dict[str, Any]:
        """Everything that is held."""
        return self.simulator.holdings()

    def deliveries(self) -> list[Any]:
        """The bodies of the webhooks that are due, all reported as accepted."""
        found = self.simulator.take_deliveries()
        for each in found:
            self.simulator.report_delivery(each, True)
        return [json.loads(each.body) for each in found]

    def subscribe(self, event: str = "SHIP_NOTIFY", **members: Any) -> int:
        """Subscribes and answers the id."""
        body = {"target_url": "https://example.com/hooks/secret", "event": event, **members}
        return int(self.post("/webhooks/subscribe", body)["id"])
