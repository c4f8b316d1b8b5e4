"""The signature on webhooks (RSASSA-PKCS1-v1_5 with SHA-256) and the key set that proves it.

Two key pairs are made when first needed, once per process: the present one, and the one that a rotation brings.
"""

from __future__ import annotations

import base64
from datetime import datetime
from functools import cache
from typing import Any

from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.hashes import SHA256

from local.simulators.shipstation.pacific import utc_text

KEY_IDS = ("local-key-2026-03", "local-key-2026-09")


@cache
def _key(name: str) -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


class KeyRing:
    """Which key signs, and which are published."""

    def __init__(self) -> None:
        self.active = KEY_IDS[0]
        self.published = [KEY_IDS[0]]

    def rotate(self) -> str:
        """The next key signs from now on; the old one stays published."""
        self.active = KEY_IDS[(KEY_IDS.index(self.active) + 1) % len(KEY_IDS)]
        self.published = sorted({*self.published, self.active})
        return self.active


def sign(body: bytes, timestamp: str, name: str) -> bytes:
    """The signature over `timestamp.body`."""
    return _key(name).sign(timestamp.encode() + b"." + body, padding.PKCS1v15(), SHA256())


def signed_headers(ring: KeyRing, body: bytes, now: datetime, url_alphabet: bool) -> dict[str, str]:
    """The three headers of one attempt."""
    timestamp = utc_text(now.replace(microsecond=0))
    made = sign(body, timestamp, ring.active)
    text = base64.urlsafe_b64encode(made).rstrip(b"=") if url_alphabet else base64.b64encode(made)
    return {
        "x-shipengine-rsa-sha256-key-id": ring.active,
        "x-shipengine-rsa-sha256-signature": text.decode(),
        "x-shipengine-timestamp": timestamp,
    }


def key_set(ring: KeyRing) -> dict[str, Any]:
    """The JWKS document."""
    return {"keys": [_public(name) for name in ring.published]}


def _public(name: str) -> dict[str, str]:
    numbers = _key(name).public_key().public_numbers()
    return {"kty": "RSA", "use": "sig", "alg": "RS256", "kid": name, "n": _encoded(numbers.n), "e": _encoded(numbers.e)}


def _encoded(number: int) -> str:
    data = number.to_bytes((number.bit_length() + 7) // 8, "big")
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()
