"""A ShipBob simulator on a bench: hand-made requests, a clock that is moved by hand."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from local.simulators.base import Reply, Request
from local.simulators.shipbob import DEFAULT_PAT, PAT_CHANNEL, Client, ShipBobSimulator, Switches

START = datetime(2026, 3, 2, 15, 4, 10, 881234, tzinfo=UTC)
REDIRECT = "https://connector.example.com/callback"
CLIENT = Client(
    "ExternalApplication_123", "app-secret", (REDIRECT,), frozenset({"orders_read", "orders_write", "products_read"})
)
ADDRESS = {
    "address1": "100 Nowhere Blvd",
    "address2": "Suite 100",
    "company_name": "Wayne Enterprises",
    "city": "Gotham City",
    "state": "NJ",
    "zip_code": "07093",
    "country": "US",
}


def an_order(reference: str = "ACU-SO-001234", **changes: Any) -> dict[str, Any]:
    """A complete and valid order for two blue shirts."""
    order: dict[str, Any] = {
        "reference_id": reference,
        "order_number": "SO-001234",
        "type": "DTC",
        "shipping_method": "Standard",
        "purchase_date": "2026-03-02T14:58:00Z",
        "recipient": {
            "name": "Jane Example",
            "email": "jane@example.com",
            "phone_number": "555-555-5555",
            "address": dict(ADDRESS),
        },
        "products": [
            {
                "reference_id": "TSHIRT-BLU-M",
                "sku": "TSHIRT-BLU-M",
                "name": "Medium Blue T-Shirt",
                "quantity": 2,
                "unit_price": 19.99,
                "external_line_id": 1,
            }
        ],
        "financials": {"total_price": 39.98},
        "tags": [{"name": "erp_order", "value": "SO/001234"}],
    }
    return {**order, **changes}


def a_product(sku: str = "MUG-RED", **variant: Any) -> dict[str, Any]:
    """A complete and valid product with one variant."""
    members = {"sku": sku, "name": "Mug", "weight": 12.5, "dimension": {"length": 4, "width": 4, "height": 5.5}}
    return {"name": "Red Mug", "type_id": 1, "variants": [{**members, **variant}]}


class Bench:
    """One simulator with two locations and two products in stock, and a person who sends requests by hand."""

    def __init__(self, **options: Any) -> None:
        switches = {name: options.pop(name) for name in list(options) if name in Switches.__dataclass_fields__}
        self.now = START
        self.simulator = ShipBobSimulator(
            lambda: self.now,
            clients=[CLIENT],
            switches=Switches(**switches),
            advance=lambda seconds: self.wait(seconds),
            **options,
        )
        self.command("seed_location", id=10, name="Moreno Valley (CA)", timezone="Pacific Standard Time")
        self.shirt = self.command("seed_product", sku="TSHIRT-BLU-M", name="Medium Blue T-Shirt", weight=9)
        self.command("seed_product", sku="TSHIRT-BLU-L", name="Large Blue T-Shirt", weight=10)
        self.stock("TSHIRT-BLU-M", 100)
        self.stock("TSHIRT-BLU-L", 100)

    def wait(self, seconds: float) -> None:
        """Moves the clock."""
        self.now += timedelta(seconds=seconds)

    def command(self, name: str, /, **arguments: Any) -> Any:
        """A warehouse act."""
        return self.simulator.command(name, arguments)

    def stock(self, sku: str, quantity: int, location: int = 8) -> None:
        """Sets the on-hand of a SKU."""
        self.command("seed_stock", sku=sku, location_id=location, quantity=quantity)

    def call(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        token: str | None = DEFAULT_PAT,
        channel: int | str | None = None,
        query: str | dict[str, Any] = "",
        version: str = "2026-01",
        headers: dict[str, str] | None = None,
        raw: bytes | None = None,
    ) -> Reply:
        """One request, written by hand: path without the version, body as JSON unless `raw` is given."""
        sent = {"Accept": "application/json"}
        if token is not None:
            sent["Authorization"] = f"Bearer {token}"
        if channel is not None:
            sent["shipbob_channel_id"] = str(channel)
        content = raw if raw is not None else b"" if body is None else json.dumps(body).encode()
        if content:
            sent["Content-Type"] = "application/json"
        text = query if isinstance(query, str) else urlencode(query, safe=",:")
        full = f"/{version}{path}" if version else path
        return self.simulator.handle(Request(method, full, text, {**sent, **(headers or {})}, content))

    def get(self, path: str, **options: Any) -> Any:
        """The JSON of a read that must succeed."""
        reply = self.call("GET", path, **options)
        assert reply.status == 200, (reply.status, reply.body)
        return json.loads(reply.body)

    def order(self, reference: str = "ACU-SO-001234", **changes: Any) -> dict[str, Any]:
        """Creates a valid order and answers it."""
        reply = self.call("POST", "/order", an_order(reference, **changes), channel=PAT_CHANNEL)
        assert reply.status == 201, (reply.status, reply.body)
        created: dict[str, Any] = json.loads(reply.body)
        return created

    def form(self, path: str, fields: dict[str, str], **headers: str) -> Reply:
        """A form post to the OAuth server."""
        kind = {"Content-Type": "application/x-www-form-urlencoded", **headers}
        return self.simulator.handle(Request("POST", path, "", kind, urlencode(fields).encode()))

    def consent(self, scope: str = "orders_read orders_write offline_access", **changes: str) -> dict[str, str]:
        """Walks through the consent and answers what came back in the query of the redirect."""
        asked = {"client_id": CLIENT.id, "redirect_uri": REDIRECT, "response_type": "code", "scope": scope}
        asked |= {"response_mode": "query", "state": "s-1", **changes}
        reply = self.simulator.handle(Request("GET", "/connect/authorize", urlencode(asked)))
        assert reply.status == 302, (reply.status, reply.body)
        pairs = reply.headers["Location"].split("?", 1)[1].split("&")
        return dict(pair.split("=", 1) for pair in pairs)

    def exchange(self, code: str, **changes: str) -> Reply:
        """Turns a code into tokens."""
        fields = {"client_id": CLIENT.id, "client_secret": CLIENT.secret, "redirect_uri": REDIRECT, "code": code}
        return self.form("/connect/token", {**fields, "grant_type": "authorization_code", **changes})

    def refresh(self, token: str) -> Reply:
        """Asks for new tokens."""
        fields = {"client_id": CLIENT.id, "client_secret": CLIENT.secret, "refresh_token": token}
        return self.form("/connect/token", {**fields, "grant_type": "refresh_token"})


def document(reply: Reply) -> Any:
    """The JSON of an answer."""
    return json.loads(reply.body)
