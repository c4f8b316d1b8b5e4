"""A UPS simulator on a bench: hand-made requests, a clock that is moved by hand."""

from __future__ import annotations

import base64
import copy
import json
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from local.simulators.base import Reply, Request
from local.simulators.ups import DEFAULT_ACCOUNT, DEFAULT_CLIENT, Client, Switches, UpsSimulator

START = datetime(2026, 7, 13, 20, 58, 30, tzinfo=UTC)  # a Monday, 16:58:30 in New York
TOKEN_PATH = "/security/v1/oauth/token"
SHIP = "/api/shipments/v2409/ship"
SHIPPER: dict[str, Any] = {
    "Name": "Acme Parts Inc",
    "AttentionName": "Shipping Desk",
    "Phone": {"Number": "4105550100"},
    "ShipperNumber": DEFAULT_ACCOUNT,
    "Address": {
        "AddressLine": ["100 Industrial Way"],
        "City": "Timonium",
        "StateProvinceCode": "MD",
        "PostalCode": "21093",
        "CountryCode": "US",
    },
}
JANE: dict[str, Any] = {
    "Name": "Jane Smith",
    "Address": {
        "AddressLine": ["123 Maple Ct", "Apt 4B"],
        "City": "Westbury",
        "StateProvinceCode": "NY",
        "PostalCode": "11590",
        "CountryCode": "US",
        "ResidentialAddressIndicator": "",
    },
}
TORONTO: dict[str, Any] = {
    "Name": "Northern Tools Ltd",
    "AttentionName": "Marc Roy",
    "Phone": {"Number": "416-555-0123"},
    "Address": {
        "AddressLine": ["55 Front St W"],
        "City": "Toronto",
        "StateProvinceCode": "ON",
        "PostalCode": "M5J1E6",
        "CountryCode": "CA",
    },
}
BERLIN: dict[str, Any] = {
    "Name": "Werkzeug GmbH",
    "AttentionName": "Frau Vogel",
    "Phone": {"Number": "493055501"},
    "Address": {"AddressLine": ["Torstr. 1"], "City": "Berlin", "PostalCode": "10119", "CountryCode": "DE"},
}


def a_package(reference: str | None = "000123", weight: str = "7.5", **changes: Any) -> dict[str, Any]:
    """One carton, with two reference numbers unless `reference` is None."""
    package: dict[str, Any] = {
        "Packaging": {"Code": "02"},
        "Dimensions": {"UnitOfMeasurement": {"Code": "IN"}, "Length": "12", "Width": "10", "Height": "8"},
        "PackageWeight": {"UnitOfMeasurement": {"Code": "LBS"}, "Weight": weight},
    }
    if reference is not None:
        package["ReferenceNumber"] = [{"Code": "TN", "Value": reference}, {"Code": "PO", "Value": "SO004567"}]
    return {**package, **changes}


def a_shipment(reference: str = "000123", packages: int = 1) -> dict[str, Any]:
    """A complete and valid domestic Ship request."""
    shipment = {
        "Description": "Industrial parts",
        "Shipper": SHIPPER,
        "ShipTo": JANE,
        "PaymentInformation": {"ShipmentCharge": [{"Type": "01", "BillShipper": {"AccountNumber": DEFAULT_ACCOUNT}}]},
        "ShipmentRatingOptions": {"NegotiatedRatesIndicator": ""},
        "Service": {"Code": "03", "Description": "Ground"},
        "Package": [a_package(reference) for _ in range(packages)],
    }
    return copy.deepcopy(
        {
            "ShipmentRequest": {
                "Request": {
                    "RequestOption": "validate",
                    "SubVersion": "2205",
                    "TransactionReference": {"CustomerContext": f"job-{reference}"},
                },
                "Shipment": shipment,
                "LabelSpecification": {
                    "LabelImageFormat": {"Code": "ZPL"},
                    "LabelStockSize": {"Height": "6", "Width": "4"},
                },
            }
        }
    )


def abroad(destination: dict[str, Any] = TORONTO, reference: str = "000123") -> dict[str, Any]:
    """The same to another country: references on the shipment, another service, the invoice total for Canada."""
    body = a_shipment(reference)
    shipment = body["ShipmentRequest"]["Shipment"]
    shipment["ShipTo"] = copy.deepcopy(destination)
    country = destination["Address"]["CountryCode"]
    shipment["Service"] = {"Code": "11" if country == "CA" else "65"}
    shipment["ReferenceNumber"] = shipment["Package"][0].pop("ReferenceNumber")
    if country == "CA":
        shipment["InvoiceLineTotal"] = {"CurrencyCode": "USD", "MonetaryValue": "250"}
    return body


def changed(body: dict[str, Any], path: str, value: Any) -> dict[str, Any]:
    """A copy of the body with the member at `a.b.0.c` set, or taken away when the value is `...`."""
    made = copy.deepcopy(body)
    target: Any = made
    *parents, last = path.split(".")
    for name in parents:
        target = target[int(name)] if isinstance(target, list) else target.setdefault(name, {})
    key: Any = int(last) if isinstance(target, list) else last
    if value is ...:
        del target[key]
    else:
        target[key] = value
    return made


def document(reply: Reply) -> Any:
    """The JSON of an answer."""
    return json.loads(reply.body)


def codes(reply: Reply) -> list[str]:
    """The error codes of an answer."""
    found = document(reply)
    return [each["code"] for each in found.get("response", found)["errors"]]


class Bench:
    """One simulator and a person who sends requests by hand, with a token that is renewed after 50 minutes."""

    def __init__(self, **options: Any) -> None:
        switches = {name: options.pop(name) for name in list(options) if name in Switches.__dataclass_fields__}
        self.now = START
        self.simulator = UpsSimulator(
            lambda: self.now,
            switches=Switches(**switches),
            advance=lambda seconds: self.wait(seconds),
            **options,
        )
        self.client = DEFAULT_CLIENT
        self._token = ""
        self._fetched = START - timedelta(days=1)

    def wait(self, seconds: float) -> None:
        """Moves the clock."""
        self.now += timedelta(seconds=seconds)

    def command(self, name: str, /, **arguments: Any) -> Any:
        """An act without an API."""
        return self.simulator.command(name, arguments)

    def token_call(
        self, client: Client = DEFAULT_CLIENT, secret: str | None = None, form: str = "grant_type=client_credentials"
    ) -> Reply:
        """A request to the token endpoint."""
        pair = f"{client.id}:{client.secret if secret is None else secret}".encode()
        headers = {
            "Authorization": f"Basic {base64.b64encode(pair).decode()}",
            "Content-Type": "application/x-www-form-urlencoded",
            "x-merchant-id": client.accounts[0],
        }
        return self.simulator.handle(Request("POST", TOKEN_PATH, "", headers, form.encode()))

    def token(self, client: Client = DEFAULT_CLIENT) -> str:
        """A new token."""
        reply = self.token_call(client)
        assert reply.status == 200, reply.body
        return str(document(reply)["access_token"])

    def use(self, client: Client) -> None:
        """Calls as another application from now on."""
        self.client, self._fetched = client, START - timedelta(days=1)

    def own_token(self) -> str:
        """The token of the present application, renewed in time."""
        if self.now - self._fetched > timedelta(minutes=50):
            self._token, self._fetched = self.token(self.client), self.now
        return self._token

    def call(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        query: str | dict[str, str] = "",
        token: str | None = None,
        headers: dict[str, str | None] | None = None,
        raw: bytes | None = None,
    ) -> Reply:
        """One request, written by hand: body as JSON unless `raw` is given; a header of None is left out."""
        sent: dict[str, str | None] = {
            "Authorization": f"Bearer {token or self.own_token()}",
            "transId": "0123456789abcdef0123456789abcdef",
            "transactionSrc": "bench",
        }
        content = raw if raw is not None else b"" if body is None else json.dumps(body).encode()
        if content:
            sent["Content-Type"] = "application/json"
        merged = {name: value for name, value in {**sent, **(headers or {})}.items() if value is not None}
        text = query if isinstance(query, str) else urlencode(query)
        return self.simulator.handle(Request(method, path, text, merged, content))

    def ship(self, body: dict[str, Any] | None = None, **options: Any) -> dict[str, Any]:
        """Buys labels and answers the ShipmentResponse."""
        reply = self.call("POST", SHIP, body or a_shipment(), **options)
        assert reply.status == 200, (reply.status, reply.body)
        found: dict[str, Any] = document(reply)["ShipmentResponse"]
        return found

    def bought(self, body: dict[str, Any] | None = None) -> str:
        """Buys labels and answers the shipment identification number."""
        return str(self.ship(body)["ShipmentResults"]["ShipmentIdentificationNumber"])

    def void(self, number: str, packages: str | None = None) -> Reply:
        """Voids a shipment, or packages of it."""
        query = {} if packages is None else {"trackingnumber": packages}
        return self.call("DELETE", f"/api/shipments/v2409/void/cancel/{number}", query=query)

    def track(self, number: str, **query: str) -> dict[str, Any]:
        """The first `shipment` of Track by number."""
        reply = self.call("GET", f"/api/track/v1/details/{number}", query=query)
        assert reply.status == 200, reply.body
        found: dict[str, Any] = document(reply)["trackResponse"]["shipment"][0]
        return found

    def by_reference(self, value: str, **query: str) -> list[dict[str, Any]]:
        """The `shipment` list of Track by reference."""
        reply = self.call("GET", f"/api/track/v1/reference/details/{value}", query=query)
        assert reply.status == 200, reply.body
        found: list[dict[str, Any]] = document(reply)["trackResponse"]["shipment"]
        return found

    def labels(self) -> list[dict[str, Any]]:
        """Every label ever bought."""
        found: list[dict[str, Any]] = self.simulator.holdings()["labels"]
        return found
