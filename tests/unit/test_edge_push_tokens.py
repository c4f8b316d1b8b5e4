"""Tokens for pushes: issued to the client that the secret names, judged by signature, audience and age."""

from __future__ import annotations

import base64
import json
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connector.edge import push_tokens
from connector.edge.push_tokens import LARGEST_FORM, LIFETIME, issue
from connector.edge.sender import Delivery, Documents, Grant, Ruling
from connector.edge.shared_header import shared_header

NOW = datetime(2026, 5, 11, 13, 15, 24, tzinfo=UTC)
CLIENT, SECRET, OLD = "acme-ups", "s" * 43, "o" * 43
CURRENT: Documents = ({"client_id": CLIENT, "secrets": [SECRET]},)
FORM = "application/x-www-form-urlencoded"
AUDIENCE = "acme-ups/ups"

verify = push_tokens.tokens_or(shared_header())


def basic(client: str = CLIENT, secret: str = SECRET) -> str:
    return "Basic " + base64.b64encode(f"{client}:{secret}".encode()).decode()


def asked(
    body: bytes = b"grant_type=client_credentials",
    documents: Documents = CURRENT,
    authorization: str = basic(),
    kind: str = FORM,
    audience: str = AUDIENCE,
) -> Grant:
    headers = {"authorization": authorization, "content-type": kind}
    return issue(Delivery(headers, body, "token", audience=audience), documents, NOW)


def ruling(
    token: str, documents: Documents = CURRENT, *, age: float = 0, audience: str = AUDIENCE, scheme: str = "Bearer"
) -> Ruling:
    delivery = Delivery({"authorization": f"{scheme} {token}"}, b"{}", audience=audience)
    return verify(delivery, documents, NOW + timedelta(seconds=age)).ruling


def token(**changes: Any) -> str:
    return str(asked(**changes).said["access_token"])


def test_a_token_is_proven_until_it_expires() -> None:
    grant = asked()
    assert (grant.status, grant.said["token_type"], grant.said["expires_in"]) == (200, "Bearer", LIFETIME)
    assert ruling(token()) is ruling(token(), scheme="bearer") is Ruling.PROVEN
    assert ruling(token(), age=LIFETIME - 1) is Ruling.PROVEN
    assert ruling(token(), age=LIFETIME) is Ruling.INVALID


def test_a_token_is_for_one_connection_even_where_two_have_the_same_secret() -> None:
    assert ruling(token(audience="other/ups")) is Ruling.INVALID
    assert ruling(token(), ({"client_id": CLIENT, "secrets": [OLD]},)) is Ruling.UNPROVEN


def test_no_changed_token_is_proven() -> None:
    payload, _, signature = token().partition(".")
    claims = json.loads(base64.urlsafe_b64decode(payload + "=="))
    longer = base64.urlsafe_b64encode(json.dumps({**claims, "exp": claims["exp"] + 9}).encode()).decode().rstrip("=")
    last = "A" if signature[-1] != "A" else "B"
    forged = [
        f"{longer}.{signature}",
        f"{payload}.{signature[:-1]}{last}",
        f"{payload}.",
        f".{signature}",
        payload,
        SECRET,
        "",
        f"{payload}.{signature}.{signature}",
    ]
    assert {ruling(each) for each in forged} == {Ruling.UNPROVEN}


@given(st.text())
def test_no_text_upsets_the_scheme_and_none_is_proven(text: str) -> None:
    assert ruling(text, scheme="") is ruling(text) is Ruling.UNPROVEN


@pytest.mark.parametrize(
    "documents",
    [
        ({"client_id": CLIENT, "secrets": [SECRET]}, {"client_id": CLIENT, "secrets": [OLD]}),
        ({"client_id": CLIENT, "secrets": [SECRET, OLD]},),
    ],
    ids=["previous version", "second entry"],
)
def test_during_a_rotation_both_secrets_fetch_tokens_and_both_kinds_are_proven(documents: Documents) -> None:
    old = token(documents=documents, authorization=basic(secret=OLD))
    assert ruling(token(documents=documents), documents) is ruling(old, documents) is Ruling.PROVEN
    assert ruling(old) is Ruling.UNPROVEN, "a secret that is gone takes its tokens with it"


def test_the_form_before_goes_on_as_the_previous_version() -> None:
    header = {"header_name": "credential", "secrets": ["h" * 40]}
    push = Delivery({"credential": "h" * 40}, b"{}", audience=AUDIENCE)
    assert verify(push, (CURRENT[0], header), NOW).ruling is Ruling.PROVEN
    assert verify(push, CURRENT, NOW).ruling is Ruling.UNPROVEN
    assert ruling(token(), (header, CURRENT[0])) is Ruling.PROVEN
    assert asked(documents=(header, CURRENT[0])).status == 404
    assert verify(push, (), NOW).ruling is Ruling.MISCONFIGURED


@pytest.mark.parametrize(
    "authorization",
    [
        basic(secret=OLD),
        basic(client="other"),
        basic(secret=""),
        "",
        "Basic",
        "Basic ====",
        f"Bearer {SECRET}",
        "Basic " + base64.b64encode(b"\xff\xfe").decode(),
        "Basic A",
    ],
)
def test_a_wrong_client_is_401(authorization: str) -> None:
    grant = asked(authorization=authorization)
    assert (grant.status, grant.error, grant.said) == (401, "invalid_client", {})


@pytest.mark.parametrize(
    ("body", "kind", "error"),
    [
        (b"", FORM, "invalid_request"),
        (b"grant_type=", FORM, "invalid_request"),
        (b"grant_type=client_credentials&grant_type=client_credentials", FORM, "invalid_request"),
        (b"grant_type=client_credentials", "application/json", "invalid_request"),
        (b"\xff", FORM, "invalid_request"),
        (urlencode({str(number): "x" for number in range(30)}).encode(), FORM, "invalid_request"),
        (b"grant_type=password", FORM, "unsupported_grant_type"),
        (b"grant_type=client_credentials&scope=", f"{FORM}; charset=UTF-8", ""),
    ],
)
def test_the_form_is_judged_after_rfc_6749(body: bytes, kind: str, error: str) -> None:
    grant = asked(body, kind=kind)
    assert (grant.status, grant.error) == (400 if error else 200, error)


def test_a_large_form_is_413_and_without_the_form_of_the_secret_there_is_no_endpoint() -> None:
    assert asked(b"x" * (LARGEST_FORM + 1)).status == 413
    assert asked(documents=()).status == 404
    assert asked(documents=({"header_name": "credential", "secrets": [SECRET]},)).status == 404


@pytest.mark.parametrize(
    "document",
    [{"client_id": 1, "secrets": [SECRET]}, {"client_id": CLIENT}, {"client_id": CLIENT, "secrets": ["short"]}],
)
def test_a_broken_secret_is_a_configuration_error_that_shows_nothing_of_it(document: dict[str, Any]) -> None:
    grant = asked(documents=(document,))
    assert grant.status == 503
    assert "short" not in grant.why
    assert SECRET not in grant.why
    assert ruling(token(), (document,)) is Ruling.MISCONFIGURED
