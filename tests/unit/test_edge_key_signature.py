"""RSA signatures of webhooks without a library: the shared vectors, and whatever a forger may send."""

from __future__ import annotations

import base64
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from hypothesis import given
from hypothesis import strategies as st

from connector.edge import url_token
from connector.edge.key_signature import Headers, signed_or, usable_key, usable_number
from connector.edge.sender import Delivery, Ruling
from connector.instants import parse_instant

HEADERS = Headers("x-shipengine-rsa-sha256-key-id", "x-shipengine-rsa-sha256-signature", "x-shipengine-timestamp")
VERIFY = signed_or(HEADERS, url_token.verify)
TOKEN = "0123456789abcdefghijklmn"
NOW = datetime(2026, 3, 16, 18, 40, 10, tzinfo=UTC)
BODY = b'{"resource_type":"SHIP_NOTIFY"}'
KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)


def number(value: int) -> str:
    raw = value.to_bytes((value.bit_length() + 7) // 8, "big")
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def document(key: rsa.RSAPrivateKey = KEY, kid: str = "one") -> dict[str, Any]:
    public = key.public_key().public_numbers()
    return {"tokens": [TOKEN], "keys": [{"kid": kid, "n": number(public.n), "e": number(public.e)}]}


def signed(changed: dict[str, str] | None = None, *, signed_body: bytes = BODY, kid: str = "one") -> Delivery:
    at = "2026-03-16T18:40:06Z"
    content = at.encode() + b"." + signed_body
    signature = base64.b64encode(KEY.sign(content, padding.PKCS1v15(), hashes.SHA256())).decode()
    headers = {HEADERS.key_id: kid, HEADERS.signature: signature, HEADERS.timestamp: at} | (changed or {})
    return Delivery({name: value for name, value in headers.items() if value}, BODY, TOKEN)


def test_the_shared_vectors(shared: Path) -> None:
    vectors = json.loads((shared / "specs" / "shipstation" / "vectors" / "webhook-signature.json").read_text())
    secret = {"tokens": [TOKEN], "keys": vectors["jwks"]["keys"]}
    seen = set()
    for case in vectors["cases"]:
        headers = {name.lower(): value for name, value in case["headers"].items()}
        delivery = Delivery(headers, case["body_utf8"].encode(), TOKEN)
        verdict = VERIFY(delivery, [secret], parse_instant(case["now"]))
        assert (verdict.ruling is Ruling.PROVEN) == (case["expect"] == "accept"), case["name"]
        seen.add(case["expect"])
    assert seen == {"accept", "reject"}


def test_token_and_signature_are_both_needed() -> None:
    assert VERIFY(signed(), [document()], NOW).ruling is Ruling.PROVEN
    unsigned = Delivery({}, BODY, TOKEN)
    assert VERIFY(unsigned, [document()], NOW).ruling is Ruling.PROVEN
    wrong = Delivery(signed().headers, BODY, "another-token-0123456789")
    assert VERIFY(wrong, [document()], NOW).ruling is Ruling.UNPROVEN
    assert VERIFY(Delivery(signed().headers, BODY), [document()], NOW).ruling is Ruling.INVALID


@pytest.mark.parametrize(
    "delivery",
    [
        signed(signed_body=b"{}"),
        signed({HEADERS.signature: ""}),
        signed({HEADERS.timestamp: ""}),
        signed({HEADERS.key_id: ""}),
        signed({HEADERS.signature: "!!"}),
        signed({HEADERS.signature: base64.b64encode(b"\x00" * 256).decode()}),
        signed({HEADERS.signature: base64.b64encode(b"\xff" * 256).decode()}),
        signed({HEADERS.timestamp: "2026-03-16T18:40:07Z"}),
        signed({HEADERS.timestamp: "2026-03-16 18:40:06"}),
        signed({HEADERS.timestamp: "2026-99-16T18:40:06Z"}),
    ],
)
def test_what_no_key_could_prove_is_invalid(delivery: Delivery) -> None:
    assert VERIFY(delivery, [document()], NOW).ruling is Ruling.INVALID


@pytest.mark.parametrize(("seconds", "ruling"), [(299, Ruling.PROVEN), (-299, Ruling.PROVEN), (310, Ruling.INVALID),
                                                 (-310, Ruling.INVALID)])  # fmt: skip
def test_the_clock_window_has_two_sides(seconds: int, ruling: Ruling) -> None:
    at = datetime(2026, 3, 16, 18, 40, 6, tzinfo=UTC) + timedelta(seconds=seconds)
    assert VERIFY(signed(), [document()], at).ruling is ruling


def test_a_key_that_is_not_known_yet_lets_the_delivery_be_kept() -> None:
    assert VERIFY(signed(kid="two"), [document()], NOW).ruling is Ruling.UNPROVEN
    assert VERIFY(signed(), [{"tokens": [TOKEN]}], NOW).ruling is Ruling.UNPROVEN


def test_another_key_under_the_same_name_proves_nothing() -> None:
    other = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    assert VERIFY(signed(), [document(other)], NOW).ruling is Ruling.INVALID
    assert VERIFY(signed(), [{"tokens": [TOKEN]}, document()], NOW).ruling is Ruling.PROVEN, "the previous version"


def test_weak_keys_are_not_usable() -> None:
    public = KEY.public_key().public_numbers()
    assert usable_key(public.n, 65537)
    assert not usable_key(public.n, 3)
    assert not usable_key(public.n >> 1100, 65537)
    assert usable_number("****") == usable_number(None) == 0


@given(st.binary(max_size=300), st.text(max_size=60), st.text(max_size=60), st.text(max_size=60))
def test_garbage_of_any_kind_is_refused_without_an_error(body: bytes, kid: str, signature: str, at: str) -> None:
    headers = {HEADERS.key_id: kid, HEADERS.signature: signature, HEADERS.timestamp: at}
    garbage: list[dict[str, Any]] = [document(), {"keys": [kid, None, {"kid": kid, "n": at, "e": signature}]}]
    assert VERIFY(Delivery(headers, body, TOKEN), garbage, NOW).ruling is not Ruling.PROVEN
