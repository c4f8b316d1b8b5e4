"""OAuth for pushes: the sender fetches a short-lived bearer token from us before it pushes (UPS Track Alert v2).

Secret: {"client_id": "...", "secrets": ["<client secret>", ...]}. With that form, and only then, a POST to the sender's
address followed by `/token` is the token endpoint (RFC 6749, client credentials, client_secret_basic). Each entry
also derives the key that signs its tokens, so a secret that is gone takes its tokens with it, and nothing is stored.
"""

from __future__ import annotations

import base64
import hmac
import json
import re
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any
from urllib.parse import parse_qsl

from connector.edge.sender import Delivery, Documents, Grant, Ruling, Verdict, judge, usable

MEMBER = "client_id"
LIFETIME = 900  # seconds
LARGEST_FORM = 4096  # bytes

_CLIENT_ID = re.compile(r"[A-Za-z0-9_.\-]{1,128}", re.ASCII)
_SECRET = re.compile(r"[A-Za-z0-9_.\-]{32,256}", re.ASCII)  # no sender's form-encoding changes such a text
_BASIC = re.compile(r"basic +([A-Za-z0-9+/]{1,600}={0,2})", re.ASCII | re.IGNORECASE)
_BEARER = re.compile(r"bearer +([A-Za-z0-9_\-]{1,400})\.([A-Za-z0-9_\-]{43})", re.ASCII | re.IGNORECASE)
_LABEL = b"ml-connector push token 1"

Verify = Callable[[Delivery, Documents, datetime], Verdict]


def issue(delivery: Delivery, documents: Documents, now: datetime) -> Grant:
    """Answers a call of the token endpoint."""
    if not documents or MEMBER not in documents[0]:
        return Grant(404)
    if len(delivery.body) > LARGEST_FORM:
        return Grant(413, f"more than {LARGEST_FORM} bytes")
    clients, complaint = usable(_ours(documents), "secrets", _client)
    shown, found = _shown(delivery), None
    for client, secret in clients:
        if hmac.compare_digest(shown, client + b":" + secret):
            found = found or secret
    if found is None:
        return Grant(503, complaint) if complaint else Grant(401, "no present client secret", "invalid_client")
    error = _form_error(delivery)
    if error:
        return Grant(400, complaint or error, error)
    issued = int(now.timestamp())
    claims = {"aud": delivery.audience, "iat": issued, "exp": issued + LIFETIME}
    payload = _text(json.dumps(claims, separators=(",", ":")).encode())
    token = f"{payload}.{_text(_signature(found, payload))}"
    return Grant(200, complaint, said={"access_token": token, "token_type": "Bearer", "expires_in": LIFETIME})


def tokens_or(other: Verify) -> Verify:
    """The verifier: versions of the secret with a client id ask for a token of ours, the others for what `other` does.

    Both are asked, so that pushes go on while the sender changes from one form to the other.
    """

    def verify(delivery: Delivery, documents: Documents, now: datetime) -> Verdict:
        ours = _ours(documents)
        schemes = [(_verify, ours), (other, [document for document in documents if document not in ours])]
        if not documents or MEMBER not in documents[0]:
            schemes.reverse()
        verdicts = [scheme(delivery, mine, now) for scheme, mine in schemes]
        return next((verdict for verdict in verdicts if verdict.ruling is Ruling.PROVEN), verdicts[0])

    return verify


def _verify(delivery: Delivery, documents: Documents, now: datetime) -> Verdict:
    clients, complaint = usable(documents, "secrets", _client)
    shown = _BEARER.fullmatch(delivery.headers.get("authorization", "").strip(" \t"))
    if shown is None:
        return judge(False, complaint)
    payload, signature = shown.groups()
    matched = False
    for _, secret in clients:
        matched |= hmac.compare_digest(signature, _text(_signature(secret, payload)))
    if not matched:
        return judge(False, complaint)
    claims = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))  # signed, so it is ours
    if claims["aud"] != delivery.audience:
        return Verdict(Ruling.INVALID, "the token is for another connection")
    if not claims["iat"] - LIFETIME <= now.timestamp() < claims["exp"]:
        return Verdict(Ruling.INVALID, "the token has expired")
    return judge(True, complaint)


def _ours(documents: Documents) -> list[Mapping[str, Any]]:
    return [document for document in documents if MEMBER in document]


def _client(entry: str, document: Mapping[str, Any]) -> tuple[bytes, bytes]:
    name = document[MEMBER]
    if not isinstance(name, str) or not _CLIENT_ID.fullmatch(name):
        raise ValueError(f"the secret has no valid {MEMBER!r}")
    if not _SECRET.fullmatch(entry):
        raise ValueError("an entry of 'secrets' is not 32 or more letters, digits, '_', '.' or '-'")
    return name.encode(), entry.encode()


def _shown(delivery: Delivery) -> bytes:
    """`client:secret` of the Basic header; empty when there is none."""
    basic = _BASIC.fullmatch(delivery.headers.get("authorization", "").strip(" \t"))
    try:
        return base64.b64decode(basic[1]) if basic is not None else b""
    except ValueError:
        return b""


def _form_error(delivery: Delivery) -> str:
    """The error of RFC 6749, section 5.2, or ""."""
    kind = delivery.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != "application/x-www-form-urlencoded":
        return "invalid_request"
    try:
        fields = parse_qsl(delivery.body.decode("ascii"), keep_blank_values=True, max_num_fields=20)
    except ValueError:
        return "invalid_request"
    kinds = [value for name, value in fields if name == "grant_type"]
    if len({name for name, _ in fields}) != len(fields) or not any(kinds):
        return "invalid_request"
    return "" if kinds == ["client_credentials"] else "unsupported_grant_type"


def _signature(secret: bytes, payload: str) -> bytes:
    return hmac.digest(hmac.digest(secret, _LABEL, "sha256"), payload.encode(), "sha256")


def _text(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()
