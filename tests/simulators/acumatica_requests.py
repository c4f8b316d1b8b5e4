"""Hand-made requests to the Acumatica simulator: every URL and body is written out, no client is used."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote, urlencode

from local.simulators.acumatica import AcumaticaSimulator
from local.simulators.acumatica.seed import seed_company
from local.simulators.base import Reply, Request

START = datetime(2026, 3, 2, 9, 0, 0, 250000, tzinfo=UTC)
ENDPOINT = "/Acme/entity/Default/25.200.001"


def v(value: Any) -> dict[str, Any]:
    """A wrapped value."""
    return {"value": value}


class Caller:
    """A person with a terminal: a virtual clock, a seeded simulator, and a bearer for `call`."""

    def __init__(self, scope: str = "api offline_access", *, seeded: bool = True, **options: Any) -> None:
        self.now = START
        self.simulator = AcumaticaSimulator(lambda: self.now, **options)
        if seeded:
            seed_company(self.simulator)
        self.headers = {"Authorization": f"Bearer {self.sign_in(scope)['access_token']}", "Accept": "application/json"}

    def wait(self, seconds: float) -> None:
        """Lets virtual time pass."""
        self.now += timedelta(seconds=seconds)

    def token(self, **form: str) -> Reply:
        """A token request; the application's credentials are filled in unless given."""
        sent = {"client_id": self.simulator.client_id, "client_secret": self.simulator.client_secret, **form}
        return self.raw(
            "POST",
            "/Acme/identity/connect/token",
            urlencode(sent).encode(),
            {"Content-Type": "application/x-www-form-urlencoded"},
        )

    def sign_in(self, scope: str = "api offline_access") -> dict[str, Any]:
        """A password grant that must succeed."""
        reply = self.token(
            grant_type="password", username=self.simulator.username, password=self.simulator.password, scope=scope
        )
        assert reply.status == 200, reply.body
        return dict(body(reply))

    def raw(self, method: str, target: str, content: bytes = b"", headers: dict[str, str] | None = None) -> Reply:
        """One request exactly as given; only Content-Length is added."""
        path, _, query = target.partition("?")
        length = {"Content-Length": str(len(content))} if method in ("POST", "PUT", "PATCH") else {}
        return self.simulator.handle(Request(method, path, query, {**length, **(headers or {})}, content))

    def call(self, method: str, target: str, document: Any = None, **headers: str) -> Reply:
        """One request with the bearer. `target` is relative to the endpoint unless it starts with `/`."""
        path = target if target.startswith("/") else f"{ENDPOINT}/{target}"
        content = b"" if document is None else json.dumps(document).encode()
        sent = {**self.headers, "Content-Type": "application/json"}
        sent |= {name.replace("_", "-"): value for name, value in headers.items()}
        return self.raw(method, path, content, sent)

    def get(self, target: str, **headers: str) -> Any:
        """A GET that must succeed."""
        reply = self.call("GET", target, **headers)
        assert reply.status == 200, reply.body
        return body(reply)

    def put(self, target: str, document: Any, **headers: str) -> Any:
        """A PUT that must succeed."""
        reply = self.call("PUT", target, document, **headers)
        assert reply.status == 200, reply.body
        return body(reply)

    def run(self, target: str, document: Any) -> Reply:
        """A long action, followed to its end; answers the last status reply."""
        reply = self.call("POST", target, document)
        while reply.status == 202:
            reply = self.call("GET", reply.headers["Location"])
        return reply

    def order(self, number: str, **fields: Any) -> str:
        """A seeded order of two notebooks, unless told otherwise."""
        usual = {"OrderNbr": number, "CustomerID": "QUILL", "Details": [{"InventoryID": "0041", "OrderQty": 2}]}
        self.simulator.command("sales_order", {**usual, **fields})
        return number

    def shipment(self, number: str) -> str:
        """A shipment of a seeded order, made inside the ERP."""
        made = self.simulator.command("create_shipment", {"order_nbr": number, "warehouse": "3PL-WEST"})
        return str(made["key"])

    def held(self, entity: str, key: str) -> Any:
        """A record as the vendor holds it."""
        return self.simulator.holdings()[entity][key]


def body(reply: Reply) -> Any:
    """The JSON of a reply."""
    return json.loads(reply.body)


def where(text: str) -> str:
    """A filter as a query string, encoded by hand as a careful client would."""
    return "$filter=" + quote(text, safe="'()")


def error_text(reply: Reply) -> str:
    """The deepest exception message of an error envelope."""
    found = body(reply)
    while "innerException" in found:
        found = found["innerException"]
    return str(found.get("exceptionMessage", found))
