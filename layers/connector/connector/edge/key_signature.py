"""RSA-SHA256 over `timestamp.body` by a published key, for senders that sign where they do (ShipStation, ShipEngine).

Secret: {"keys": [{"kid": "...", "n": "<base64url>", "e": "AQAB"}, ...]}, the key set as the poller last read it; other
schemes' lists may stand in the same secret. No library: one exponentiation checks a signature, and importing one for it
would double the cold start.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from connector.edge.sender import Delivery, Documents, Ruling, Verdict

CLOCK_WINDOW = 300  # seconds to both sides
SHORTEST, LONGEST = 2048, 8192  # bits of a modulus

_TIMESTAMP = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d{1,7})?Z", re.ASCII)
_KEY_ID = re.compile(r"[!-~]{1,200}", re.ASCII)
_BASE64 = re.compile(r"[A-Za-z0-9+/_\-]{1,2000}={0,2}", re.ASCII)
_PREFIX = bytes.fromhex("3031300d060960864801650304020105000420")
"""DigestInfo of SHA-256 (RFC 8017, section 9.2)."""

Verify = Callable[[Delivery, Documents, datetime], Verdict]


@dataclass(frozen=True)
class Headers:
    """What a sender calls the three headers, in lower case."""

    key_id: str
    signature: str
    timestamp: str

    @property
    def all(self) -> tuple[str, str, str]:
        """All three."""
        return self.key_id, self.signature, self.timestamp


def signed_or(headers: Headers, other: Verify) -> Verify:
    """The verifier: what `other` asks for always, and the signature besides where one of its headers is present."""

    def verify(delivery: Delivery, documents: Documents, now: datetime) -> Verdict:
        verdict = other(delivery, documents, now)
        shown = [name for name in headers.all if name in delivery.headers or name in delivery.doubled]
        if verdict.ruling is not Ruling.PROVEN or not shown:
            return verdict
        return _verify(headers, delivery, documents, now)

    return verify


def _verify(headers: Headers, delivery: Delivery, documents: Documents, now: datetime) -> Verdict:
    key_id, signature, timestamp = (delivery.headers.get(name, "").strip(" \t") for name in headers.all)
    given = _decoded(signature)
    at = _instant(timestamp)
    if not _KEY_ID.fullmatch(key_id) or given is None or at is None:
        return Verdict(Ruling.INVALID, "a signature header is missing, doubled or malformed")
    if abs((now - at).total_seconds()) > CLOCK_WINDOW:
        return Verdict(Ruling.INVALID, f"the timestamp is more than {CLOCK_WINDOW} s away from our clock")
    keys = [key for key in _keys(documents) if key.get("kid") == key_id]
    if not keys:
        # A key that the poller has not read yet may prove it: the delivery is kept.
        return Verdict(Ruling.UNPROVEN, "no known key has this id")
    signed = timestamp.encode() + b"." + delivery.body
    if any(_matches(key, given, signed) for key in keys):
        return Verdict(Ruling.PROVEN)
    return Verdict(Ruling.INVALID, "the signature is not that of the named key")


def _keys(documents: Documents) -> list[Mapping[str, Any]]:
    found: list[Mapping[str, Any]] = []
    for document in documents:
        keys = document.get("keys")
        found += [key for key in keys if isinstance(key, Mapping)] if isinstance(keys, list) else []
    return found


def _matches(key: Mapping[str, Any], signature: bytes, signed: bytes) -> bool:
    """RSASSA-PKCS1-v1_5: the whole padded message is compared, so that nothing in it is parsed."""
    modulus, exponent = usable_number(key.get("n")), usable_number(key.get("e"))
    if not usable_key(modulus, exponent):
        return False
    length = (modulus.bit_length() + 7) // 8
    value = int.from_bytes(signature, "big")
    if len(signature) != length or value >= modulus:
        return False
    tail = b"\x00" + _PREFIX + hashlib.sha256(signed).digest()
    wanted = b"\x00\x01" + b"\xff" * (length - len(tail) - 2) + tail
    return hmac.compare_digest(pow(value, exponent, modulus).to_bytes(length, "big"), wanted)


def usable_key(modulus: int, exponent: int) -> bool:
    """Whether an RSA key is one that may prove anything: no small modulus, an odd exponent of the usual size."""
    return SHORTEST <= modulus.bit_length() <= LONGEST and exponent % 2 == 1 and 65537 <= exponent < 2**32


def usable_number(text: object) -> int:
    """A number of a JSON Web Key; 0 when it is none."""
    raw = _decoded(text) if isinstance(text, str) else None
    return int.from_bytes(raw, "big") if raw is not None else 0


def _decoded(text: str) -> bytes | None:
    """Base64 in either alphabet: senders use both."""
    if not _BASE64.fullmatch(text):
        return None
    plain = text.rstrip("=").replace("-", "+").replace("_", "/")
    try:
        return base64.b64decode(plain + "=" * (-len(plain) % 4), validate=True)
    except ValueError:
        return None


def _instant(text: str) -> datetime | None:
    if not _TIMESTAMP.fullmatch(text):
        return None
    try:
        return datetime.strptime(text[:19], "%Y-%m-%dT%H:%M:%S").replace(tzinfo=UTC)
    except ValueError:
        return None
