"""A NetSuite simulator on a bench: hand-made requests, a certificate of its own, a clock that is moved by hand."""

from __future__ import annotations

import base64
import functools
import hashlib
import json
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from local.simulators.base import Reply, Request
from local.simulators.netsuite import DEFAULT_CLIENT, NetSuiteSimulator, Switches

START = datetime(2026, 7, 13, 20, 58, 30, tzinfo=UTC)  # a Monday, 13:58:30 in Los Angeles
HOST = "1234567-sb1.suitetalk.api.netsuite.com"
BASE = "/services/rest"
TOKEN_PATH = f"{BASE}/auth/oauth2/v1/token"
TOKEN_URL = f"https://{HOST}{TOKEN_PATH}"
RECORD = f"{BASE}/record/v1"
CICERO, MAIN, ABROAD = "6", "7", "8"
VENDOR, CUSTOMER, SUBSIDIARY = "1722", "1001", "1"
ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
Key = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey


@functools.cache
def a_key(kind: str = "ES256") -> Key:
    """A private key; made once, RSA takes a while."""
    if kind.startswith("RSA"):
        return rsa.generate_private_key(65537, int(kind[3:]))
    return ec.generate_private_key({"ES256": ec.SECP256R1(), "ES384": ec.SECP384R1()}[kind])


def a_certificate(key: Key, start: datetime = START - timedelta(days=30), days: int = 700) -> str:
    """A self-signed certificate as PEM."""
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "bench")])
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(7)
        .not_valid_before(start)
        .not_valid_after(start + timedelta(days=days))
        .sign(key, hashes.SHA256())
    )
    return made.public_bytes(Encoding.PEM).decode()


def kid_of(pem: str) -> str:
    """The certificate id, worked out by hand."""
    der = x509.load_pem_x509_certificate(pem.encode()).public_bytes(Encoding.DER)
    return base64.urlsafe_b64encode(hashlib.sha256(der).digest()).decode().rstrip("=")


def _part(document: Any) -> str:
    return base64.urlsafe_b64encode(json.dumps(document).encode()).decode().rstrip("=")


def sign(key: Key, header: dict[str, Any], claims: dict[str, Any]) -> str:
    """A signed assertion; the signature goes with the key, whatever the header says."""
    text = f"{_part(header)}.{_part(claims)}"
    if isinstance(key, rsa.RSAPrivateKey):
        salted = padding.PSS(mgf=padding.MGF1(hashes.SHA256()), salt_length=32)
        signature = key.sign(text.encode(), salted, hashes.SHA256())
    else:
        first, second = decode_dss_signature(key.sign(text.encode(), ec.ECDSA(hashes.SHA256())))
        width = 32 if isinstance(key.curve, ec.SECP256R1) else 48
        signature = first.to_bytes(width, "big") + second.to_bytes(width, "big")
    return f"{text}.{base64.urlsafe_b64encode(signature).decode().rstrip('=')}"


def document(reply: Reply) -> Any:
    """The JSON of an answer."""
    return json.loads(reply.body)


def detail(reply: Reply) -> dict[str, Any]:
    """The first detail of an error."""
    found = document(reply)["o:errorDetails"][0]
    assert isinstance(found, dict)
    return found


def filled(text: str, **values: Any) -> str:
    """A query whose `:name` places hold the values."""
    for name, value in values.items():
        text = text.replace(f":{name}", str(value))
    return text


def ref(number: Any) -> dict[str, str]:
    """A reference."""
    return {"id": str(number)}


class Bench:
    """One account with locations, partners, accounts and items, and one integration with an EC certificate."""

    def __init__(self, **switches: Any) -> None:
        self.now = START
        self.simulator = NetSuiteSimulator(
            lambda: self.now, switches=Switches(**switches), advance=lambda seconds: self.wait(seconds)
        )
        self.key: Key = a_key()
        self.pem = a_certificate(self.key)
        self.kid = self.command("upload_certificate", client_id=DEFAULT_CLIENT, pem=self.pem)
        self._token, self._fetched = "", START - timedelta(days=1)
        self._lay_out()

    def _lay_out(self) -> None:
        masters: list[tuple[str, str, str, dict[str, str]]] = [
            ("subsidiary", SUBSIDIARY, "Acme Inc.", {}),
            ("subsidiary", "2", "Acme Ltd.", {}),
            ("location", CICERO, "ShipBob Cicero", {"subsidiary": SUBSIDIARY}),
            ("location", MAIN, "Main Warehouse", {"subsidiary": SUBSIDIARY}),
            ("location", ABROAD, "London", {"subsidiary": "2"}),
            ("vendor", VENDOR, "BZ Vendor", {"external_id": "V-1"}),
            ("vendor", "1750", "ShipBob", {}),
            ("customer", CUSTOMER, "Dana Reed", {"email": "dana@example.com"}),
            ("account", "213", "Inventory Adjustments", {"acctNumber": "5900"}),
            ("account", "311", "Freight", {"acctNumber": "6100"}),
            ("account", "312", "Warehousing", {"acctNumber": "6200"}),
            ("shipitem", "41", "ShipBob", {}),
            ("shipitem", "42", "UPS Ground", {"integrated": "packageUps"}),
        ]
        for table, number, name, more in masters:
            self.command("seed_master", table=table, id=number, name=name, **more)
        self.command("seed_item", id=328, sku="TEE-BLK-M", name="Crew Tee Black M", upc="006547321109", cost=4.15)
        self.command("seed_item", id=329, sku="TEE-BLK-L", cost="4.15")
        self.command("seed_item", id=401, sku="TOTE-01", name="Canvas Tote", cost=2)
        self.command("seed_item", id=500, sku="GIFT", members={"TEE-BLK-M": 1, "TOTE-01": 2})
        self.command("seed_item", id=600, sku="ENGRAVING", record="serviceSaleItem")
        self.command("seed_item", id=700, sku="CREAM", record="lotNumberedInventoryItem")
        self.command("seed_item", id=701, sku="WATCH", record="serializedInventoryItem")
        for sku in ("TEE-BLK-M", "TEE-BLK-L", "TOTE-01"):
            self.command("seed_stock", sku=sku, location=CICERO, quantity=100)

    def wait(self, seconds: float) -> None:
        """Moves the clock."""
        self.now += timedelta(seconds=seconds)

    def command(self, command_name: str, /, **arguments: Any) -> Any:
        """An act without an API."""
        return self.simulator.command(command_name, arguments)

    def claims(self, **changes: Any) -> dict[str, Any]:
        """Good claims, changed; a change of ... takes the claim away."""
        issued = int(self.now.timestamp())
        good = {"iss": DEFAULT_CLIENT, "scope": ["rest_webservices"], "aud": TOKEN_URL, "jti": "bench"}
        merged = {**good, "iat": issued, "exp": issued + 300, **changes}
        return {name: value for name, value in merged.items() if value is not ...}

    def token_call(
        self, assertion: str | None = None, *, body: bytes | None = None, headers: dict[str, str] | None = None
    ) -> Reply:
        """A request to the token endpoint."""
        if assertion is None:
            assertion = sign(self.key, {"typ": "JWT", "alg": "ES256", "kid": self.kid}, self.claims())
        form = {
            "grant_type": "client_credentials",
            "client_assertion_type": ASSERTION_TYPE,
            "client_assertion": assertion,
        }
        sent = {
            "Content-Type": "application/x-www-form-urlencoded",
            **(headers or {}),
        }
        content = urlencode(form).encode() if body is None else body
        return self.simulator.handle(Request("POST", TOKEN_PATH, "", sent, content))

    def own_token(self) -> str:
        """A token, renewed in time."""
        if self.now - self._fetched > timedelta(minutes=50):
            reply = self.token_call()
            assert reply.status == 200, reply.body
            self._token, self._fetched = document(reply)["access_token"], self.now
        return self._token

    def call(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        query: str | dict[str, str] = "",
        headers: dict[str, str | None] | None = None,
        raw: bytes | None = None,
    ) -> Reply:
        """One request, written by hand; a header of None is left out."""
        sent: dict[str, str | None] = {"Authorization": f"Bearer {self.own_token()}"}
        content = raw if raw is not None else b"" if body is None else json.dumps(body, default=_number).encode()
        if content:
            sent["Content-Type"] = "application/json"
        if method in ("POST", "PATCH", "PUT"):
            sent["X-NetSuite-PropertyNameValidation"] = "Error"
        kept = {name: value for name, value in {**sent, **(headers or {})}.items() if value is not None}
        text = query if isinstance(query, str) else urlencode(query)
        path = path if path.startswith("/services") else f"{RECORD}/{path}"
        return self.simulator.handle(Request(method, path, text, kept, content))

    def query(self, text: str, limit: int = 1000, offset: int = 0, **options: Any) -> Reply:
        """A SuiteQL query."""
        headers = {"Prefer": "transient", "X-NetSuite-PropertyNameValidation": None, **options.pop("headers", {})}
        page = f"limit={limit}&offset={offset}"
        return self.call("POST", f"{BASE}/query/v1/suiteql", {"q": text}, query=page, headers=headers, **options)

    def rows(self, text: str, **options: Any) -> list[dict[str, str]]:
        """The rows of a query that must work, without their links."""
        reply = self.query(text, **options)
        assert reply.status == 200, reply.body
        return [{k: v for k, v in row.items() if k != "links"} for row in document(reply)["items"]]

    def get(self, path: str, **query: str) -> Any:
        """A record that must be there, with its lines."""
        reply = self.call("GET", path, query={"expandSubResources": "true", **query})
        assert reply.status == 200, reply.body
        return document(reply)

    def saved(self, reply: Reply) -> str:
        """The id that a write answered."""
        assert reply.status == 204, reply.body
        assert reply.body == b""
        return reply.headers["Location"].rsplit("/", 1)[-1]

    def purchase_order(self, *lines: tuple[str, float], **more: Any) -> str:
        """A purchase order entered by a person; line ids 1, 4, 7 ..."""
        wanted = lines or (("TEE-BLK-M", 120), ("TEE-BLK-L", 60))
        rows = [{"sku": sku, "quantity": quantity} for sku, quantity in wanted]
        return str(self.command("enter_purchase_order", vendor=VENDOR, location=CICERO, lines=rows, **more)["id"])

    def sales_order(self, *lines: tuple[str, float], **more: Any) -> str:
        """A sales order entered by a person."""
        wanted = lines or (("TEE-BLK-M", 2), ("TOTE-01", 1))
        rows = [{"sku": sku, "quantity": quantity, "rate": "19.5"} for sku, quantity in wanted]
        given = {"customer": CUSTOMER, "location": CICERO, "lines": rows, "subsidiary": SUBSIDIARY, **more}
        return str(self.command("enter_sales_order", **given)["id"])

    def transform(self, source: str, target: str, body: Any = None, **options: Any) -> Reply:
        """`purchaseOrder/48211` into `itemReceipt`."""
        return self.call("POST", f"{source}/!transform/{target}", body, **options)

    def held(self, kind: str) -> list[dict[str, Any]]:
        """Transactions of a record type as the simulator holds them."""
        found = self.simulator.holdings()["transactions"][kind]
        assert isinstance(found, list)
        return found

    def on_hand(self, sku: str, location: str = CICERO) -> Any:
        """On-hand of a SKU."""
        return self.simulator.holdings()["on_hand"].get(sku, {}).get(location, 0)


def _number(value: Any) -> Any:
    if isinstance(value, Decimal):
        return float(value)
    raise TypeError(type(value).__name__)
