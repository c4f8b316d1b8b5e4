"""What the tests of the UPS client share: a connection, a draft, a wire that answers prepared bodies, the schemas."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from pathlib import Path
from typing import Any

from connector.transport import Reply, Request
from vendors.ups.drafts import Address, Built, Lacking, Parcel, Party, Reference, ShipDraft
from vendors.ups.settings import UpsSystem

SHIPPER: dict[str, Any] = {
    "name": "Acme Parts Inc",
    "attention": "Shipping Desk",
    "phone": "(410) 555-0100",
    "email": "ship@example.com",
    "address": ["100 Industrial Way"],
    "city": "Timonium",
    "state": "MD",
    "postal_code": "21093",
    "country": "US",
}


def system(**changes: Any) -> UpsSystem:
    """A connection's UPS part."""
    return UpsSystem.model_validate({"account_number": "A1B2C3", "shipper": SHIPPER, **changes})


CANADA = Party(
    "Northern Tools Ltd",
    Address(("88 Queen St W",), "Toronto", "ON", "m5h 2n2", "CA"),
    attention="Dana Roy",
    phone="+1 416 555 0142",
)
GERMANY = Party(
    "Müller Werkzeuge GmbH",
    Address(("Hauptstraße 5",), "München", "", "80331", "DE"),
    attention="Jürgen Groß",
    phone="+49 89 555 0199",
)
NEW_YORK = Party(
    "Jane Smith",
    Address(("123 Maple Ct", "Apt 4B"), "Westbury", "NY", "11590", "US", residential=True),
    phone="212-555-0199",
    email="jane@example.com",
)


def draft(**changes: Any) -> ShipDraft:
    """Two packages within the US."""
    plain = ShipDraft(
        job="acu-shp-000123",
        ship_to=NEW_YORK,
        service="03",
        parcels=(
            Parcel(Decimal("7.5"), sides=(Decimal(10), Decimal(12), Decimal(8))),
            Parcel(Decimal(18), sides=(Decimal(16), Decimal(12), Decimal(10))),
        ),
        references=(Reference("000123", "TN"), Reference("SO004567", "PO")),
        description="Industrial parts",
    )
    return replace(plain, **changes)


def built(found: Built | Lacking) -> dict[str, Any]:
    """The body; the test fails with the problems otherwise."""
    assert isinstance(found, Built), found
    return found.body


def lacking(found: Built | Lacking) -> str:
    """All problems in one line."""
    assert isinstance(found, Lacking), found
    return found.text


def schema_errors(shared: Path, file: str, name: str, body: Any) -> list[str]:
    """What the strict specification says against a body; empty when it accepts it."""
    from jsonschema import Draft202012Validator  # type: ignore[import-untyped]

    document = json.loads((shared / "specs" / "ups" / "openapi-strict" / file).read_text())
    schema = {"$ref": f"#/components/schemas/{name}", "components": document["components"]}
    found = Draft202012Validator(schema).iter_errors(json.loads(json.dumps(body, default=float)))
    return [f"{'/'.join(str(step) for step in error.absolute_path)}: {error.message}" for error in found]


def example(shared: Path, name: str) -> Any:
    """One of the stored examples."""
    return json.loads((shared / "specs" / "ups" / "examples" / name).read_text())


def errors(*codes: str, message: str = "Something is wrong") -> dict[str, Any]:
    """An error body of UPS."""
    return {"response": {"errors": [{"code": code, "message": message} for code in codes]}}


@dataclass
class Wire:
    """Answers prepared (status, body, headers) in order, the last one for ever; keeps what was sent."""

    answers: list[Any] = field(default_factory=list)
    sent: list[Request] = field(default_factory=list)

    def exchange(self, request: Request) -> Reply:
        self.sent.append(request)
        answer = self.answers[min(len(self.sent), len(self.answers)) - 1]
        if isinstance(answer, Exception):
            raise answer
        status, body, headers = answer if isinstance(answer, tuple) else (200, answer, {})
        return reply(body, status, headers)

    @property
    def last(self) -> Request:
        return self.sent[-1]

    def body(self, number: int = -1) -> Any:
        return json.loads(self.sent[number].body)


def reply(body: Any, status: int = 200, headers: Mapping[str, str] | None = None) -> Reply:
    """A reply with this body, bytes as they are."""
    return Reply(status, dict(headers or {}), body if isinstance(body, bytes) else json.dumps(body).encode())


ZPL = "XlhBXkZPNTAsNTBeQTBOLDQwLDQwXkZEU0FNUExFXkZTXlha"
GIF = "R0lGODlhAQABAAAAACw="


def money(amount: str) -> dict[str, str]:
    """UPS's form of an amount."""
    return {"CurrencyCode": "USD", "MonetaryValue": amount}


def bought(*numbers: str, **results: Any) -> dict[str, Any]:
    """A good answer to a purchase of packages with these numbers."""
    packages = [
        {"TrackingNumber": number, "ShippingLabel": {"ImageFormat": {"Code": "ZPL"}, "GraphicImage": ZPL}}
        for number in numbers
    ]
    found: dict[str, Any] = {
        "ShipmentCharges": {"TotalCharges": money("31.20")},
        "ShipmentIdentificationNumber": numbers[0],
        "PackageResults": packages,
        **results,
    }
    status = {"ResponseStatus": {"Code": "1", "Description": "Success"}, "TransactionReference": ""}
    return {"ShipmentResponse": {"Response": status, "ShipmentResults": found}}


ONE = "1ZA1B2C30300000012"
TWO = "1ZA1B2C30300000021"
