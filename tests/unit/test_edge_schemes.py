"""The schemes by which senders prove themselves: what they take, what they refuse, and that no bytes upset them."""

from __future__ import annotations

import base64
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from standardwebhooks.webhooks import Webhook

from connector.edge import standard_webhooks, url_token
from connector.edge.secret import documents_of
from connector.edge.sender import Delivery, Documents, Ruling
from connector.edge.shared_header import shared_header
from connector.ports import Secret
from tests.support.edge import OTHER_SECRET, SHIPBOB_SECRET, sign

NOW = datetime(2026, 4, 9, 8, 30, tzinfo=UTC)
STAMP = int(NOW.timestamp())
BODY = '{"id":345900017,"order_id":337900008,"note":"Søren & Łucja"}'.encode()
SECRETS: Documents = ({"secrets": [SHIPBOB_SECRET]},)


def delivery(body: bytes = BODY, **headers: str) -> Delivery:
    """A correctly signed delivery with some headers replaced; an empty value removes one."""
    given_headers = {
        "webhook-id": "msg_0001",
        "webhook-timestamp": str(STAMP),
        "webhook-signature": sign(SHIPBOB_SECRET, "msg_0001", STAMP, BODY),
        **{name.replace("_", "-"): value for name, value in headers.items()},
    }
    return Delivery({name: value for name, value in given_headers.items() if value}, body)


def ruling(found: Delivery, documents: Documents = SECRETS, now: datetime = NOW) -> Ruling:
    return standard_webhooks.verify(found, documents, now).ruling


def test_a_signature_made_by_the_schemes_own_library_is_proven() -> None:
    signature = Webhook(SHIPBOB_SECRET).sign("msg_lib", NOW, BODY.decode())
    assert ruling(delivery(webhook_id="msg_lib", webhook_signature=signature)) is Ruling.PROVEN


def test_our_own_signatures_are_taken_by_the_schemes_own_library() -> None:
    now = datetime.now(UTC)
    stamp = int(now.timestamp())
    headers = {
        "webhook-id": "msg_0001",
        "webhook-timestamp": str(stamp),
        "webhook-signature": sign(SHIPBOB_SECRET, "msg_0001", stamp, BODY),
    }
    assert Webhook(SHIPBOB_SECRET).verify(BODY.decode(), headers) == json.loads(BODY)
    assert ruling(Delivery(headers, BODY), now=now) is Ruling.PROVEN


def test_padding_is_optional() -> None:
    signature = sign(SHIPBOB_SECRET, "msg_0001", STAMP, BODY, padded=False)
    assert len(signature) == len("v1,") + 43
    assert ruling(delivery(webhook_signature=signature)) is Ruling.PROVEN


@pytest.mark.parametrize("old_first", [True, False])
def test_during_a_rotation_either_secret_proves(old_first: bool) -> None:
    entries = [sign(secret, "msg_0001", STAMP, BODY) for secret in (OTHER_SECRET, SHIPBOB_SECRET)]
    found = delivery(webhook_signature=" ".join(entries if old_first else reversed(entries)))
    assert ruling(found) is Ruling.PROVEN
    assert ruling(found, ({"secrets": [OTHER_SECRET]},)) is Ruling.PROVEN
    assert ruling(found, ({"secrets": ["whsec_" + base64.b64encode(b"x" * 24).decode()]},)) is Ruling.UNPROVEN


@pytest.mark.parametrize(
    "documents",
    [
        ({"secrets": [OTHER_SECRET, SHIPBOB_SECRET]},),
        ({"secrets": [OTHER_SECRET]}, {"secrets": [SHIPBOB_SECRET]}),
        ({"secrets": [SHIPBOB_SECRET]}, {"secrets": []}),
        ({"secrets": [SHIPBOB_SECRET]}, {}),
    ],
    ids=["list", "previous version", "previous empty", "previous broken"],
)
def test_every_present_secret_counts(documents: Documents) -> None:
    assert ruling(delivery(), documents) is Ruling.PROVEN


def test_a_broken_previous_version_is_not_held_against_the_current_one() -> None:
    forged = delivery(webhook_signature=sign(OTHER_SECRET, "msg_0001", STAMP, BODY))
    assert ruling(forged, ({"secrets": [SHIPBOB_SECRET]}, {})) is Ruling.UNPROVEN


@pytest.mark.parametrize(
    "signature",
    [
        "",
        "v1",
        "v1,",
        "v1,????",
        "v1," + base64.b64encode(b"too short").decode(),
        "v1," + base64.b64encode(b"s" * 33).decode(),
        "v1,é",
        "v1a," + sign(SHIPBOB_SECRET, "msg_0001", STAMP, BODY)[3:],
        "v2," + sign(SHIPBOB_SECRET, "msg_0001", STAMP, BODY)[3:],
        "V1," + sign(SHIPBOB_SECRET, "msg_0001", STAMP, BODY)[3:],
        sign(SHIPBOB_SECRET, "msg_0001", STAMP, BODY)[3:],
        "v1,AAAA " * 600,
    ],
)
def test_a_signature_that_no_secret_could_make_is_invalid(signature: str) -> None:
    assert ruling(delivery(webhook_signature=signature)) is Ruling.INVALID


def test_unreadable_entries_do_not_spoil_a_good_one() -> None:
    good = sign(SHIPBOB_SECRET, "msg_0001", STAMP, BODY)
    assert ruling(delivery(webhook_signature=f"v1,%% v1a,AAAA {good} v1,AA")) is Ruling.PROVEN


@pytest.mark.parametrize("identifier", ["", "msg.0001", "msg 0001", "msg\n", "m" * 201, "mśg"])
def test_an_id_that_the_scheme_does_not_allow_is_invalid_even_with_a_good_signature(identifier: str) -> None:
    signature = sign(SHIPBOB_SECRET, identifier, STAMP, BODY)
    assert ruling(delivery(webhook_id=identifier, webhook_signature=signature)) is Ruling.INVALID


@pytest.mark.parametrize("timestamp", ["", "-5", "1e9", " 17", "17.5", "0x10", "١٢٣", "9" * 13, "9" * 5000])
def test_a_timestamp_that_is_not_whole_seconds_is_invalid(timestamp: str) -> None:
    signature = sign(SHIPBOB_SECRET, "msg_0001", timestamp, BODY)
    assert ruling(delivery(webhook_timestamp=timestamp, webhook_signature=signature)) is Ruling.INVALID


@pytest.mark.parametrize(
    ("seconds", "expected"),
    [(-301, Ruling.INVALID), (-300, Ruling.PROVEN), (300, Ruling.PROVEN), (301, Ruling.INVALID)],
)
def test_the_clock_window_is_closed_on_both_sides(seconds: int, expected: Ruling) -> None:
    assert ruling(delivery(), now=NOW + timedelta(seconds=seconds)) is expected


def test_a_year_that_no_calendar_has_is_no_problem() -> None:
    assert ruling(delivery(webhook_timestamp="9" * 12)) is Ruling.INVALID


@pytest.mark.parametrize(
    ("documents", "said"),
    [
        ((), "does not exist"),
        (({},), "non-empty list"),
        (({"secrets": []},), "non-empty list"),
        (({"secrets": "whsec_abc"},), "non-empty list"),
        (({"secrets": [""]},), "does not begin with whsec_"),
        (({"secrets": [None]},), "does not begin with whsec_"),
        (({"secrets": ["whsec_"]},), "less than 16 bytes"),
        (({"secrets": ["whsec_****"]},), "not base64"),
        (({"secrets": ["whsec_ünïcode"]},), "not base64"),
        (({"secrets": [OTHER_SECRET, "whsec_c2hvcnQ="]},), "less than 16 bytes"),
    ],
)
def test_a_broken_secret_is_a_configuration_error_that_shows_nothing_of_it(documents: Documents, said: str) -> None:
    verdict = standard_webhooks.verify(delivery(), documents, NOW)
    assert verdict.ruling is Ruling.MISCONFIGURED
    assert said in verdict.why
    assert OTHER_SECRET not in verdict.why


def test_a_broken_entry_beside_the_right_one_is_reported_but_harmless() -> None:
    verdict = standard_webhooks.verify(delivery(), ({"secrets": ["whsec_****", SHIPBOB_SECRET]},), NOW)
    assert verdict.ruling is Ruling.PROVEN
    assert "not base64" in verdict.why


def test_garbage_is_garbage_even_when_the_secret_is_broken() -> None:
    assert ruling(Delivery({}, b"x"), ({},)) is Ruling.INVALID


@given(body=st.binary(max_size=200), place=st.integers(min_value=0), bit=st.integers(min_value=0, max_value=7))
def test_one_flipped_bit_of_the_body_is_one_too_many(body: bytes, place: int, bit: int) -> None:
    signed = body + b"}"
    changed = bytearray(signed)
    changed[place % len(signed)] ^= 1 << bit
    signature = sign(SHIPBOB_SECRET, "msg_0001", STAMP, signed)
    assert ruling(delivery(signed, webhook_signature=signature)) is Ruling.PROVEN
    assert ruling(delivery(bytes(changed), webhook_signature=signature)) is Ruling.UNPROVEN


anything = st.text(max_size=80) | st.sampled_from(["v1,", "v1,AAAA", "msg_1", str(STAMP), "v1," + "A" * 43])


@given(identifier=anything, timestamp=anything, signature=anything, body=st.binary(max_size=80))
def test_no_headers_upset_the_scheme_and_none_are_proven(
    identifier: str, timestamp: str, signature: str, body: bytes
) -> None:
    headers = {"webhook-id": identifier, "webhook-timestamp": timestamp, "webhook-signature": signature}
    assert ruling(Delivery(headers, body)) in (Ruling.INVALID, Ruling.UNPROVEN)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=30),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=10), inner, max_size=3),
    max_leaves=8,
)
member_names = st.sampled_from(["secrets", "tokens", "header_name"])


@given(document=st.dictionaries(member_names, json_values))
def test_no_content_of_a_secret_upsets_any_scheme(document: dict[str, Any]) -> None:
    found = Delivery(delivery().headers, BODY, token="t" * 30)
    schemes = (standard_webhooks.verify, shared_header(), shared_header("credential"), url_token.verify)
    for verify in schemes:
        assert verify(found, (document,), NOW).ruling in (Ruling.MISCONFIGURED, Ruling.UNPROVEN)


# shared header

PUSH = "1b7e0f6a52c94d83a6e1f0b92d4c75e8"
push = shared_header()


def shown(value: str | None, name: str = "x-mlc-token") -> Delivery:
    return Delivery({} if value is None else {name: value}, b"{}")


def test_the_shared_header_is_taken_under_any_case_of_its_name_and_with_outer_blanks() -> None:
    documents = ({"header_name": "X-MLC-Token", "secrets": [PUSH]},)
    assert push(shown(PUSH), documents, NOW).ruling is Ruling.PROVEN
    assert push(shown(f" {PUSH}\t"), documents, NOW).ruling is Ruling.PROVEN


@pytest.mark.parametrize("value", [None, "", PUSH[:-1], PUSH + "0", PUSH.upper(), f"{PUSH}, {PUSH}", "ß" * 32])
def test_any_other_value_is_not_proven(value: str | None) -> None:
    assert push(shown(value), ({"header_name": "X-MLC-Token", "secrets": [PUSH]},), NOW).ruling is Ruling.UNPROVEN


def test_the_previous_version_keeps_its_own_header_name() -> None:
    documents = ({"header_name": "X-New", "secrets": ["f" * 32]}, {"header_name": "X-Old", "secrets": [PUSH]})
    assert push(shown(PUSH, "x-old"), documents, NOW).ruling is Ruling.PROVEN
    assert push(shown(PUSH, "x-new"), documents, NOW).ruling is Ruling.UNPROVEN


@pytest.mark.parametrize(
    "document",
    [
        {"secrets": [PUSH]},
        {"header_name": "", "secrets": [PUSH]},
        {"header_name": "X Token", "secrets": [PUSH]},
        {"header_name": ["X"], "secrets": [PUSH]},
        {"header_name": "X-Token", "secrets": ["short"]},
        {"header_name": "X-Token", "secrets": [PUSH + " "]},
        {"header_name": "X-Token", "secrets": ["ü" * 32]},
        {"header_name": "X-Token"},
    ],
)
def test_a_shared_header_that_could_never_match_is_a_configuration_error(document: dict[str, Any]) -> None:
    assert push(shown(PUSH), (document,), NOW).ruling is Ruling.MISCONFIGURED


def test_a_sender_may_fix_the_name_of_the_header_and_shorter_secrets() -> None:
    credential = shared_header("credential", shortest=8)
    assert credential(shown("opaque-77", "credential"), ({"secrets": ["opaque-77"]},), NOW).ruling is Ruling.PROVEN
    assert credential(shown("OPAQUE-77", "credential"), ({"secrets": ["opaque-77"]},), NOW).ruling is Ruling.UNPROVEN


# URL token

TOKEN = "tVq3nB0Yk8sJc2LxW7RfGg"


@pytest.mark.parametrize(
    ("token", "expected"),
    [(TOKEN, Ruling.PROVEN), (TOKEN.lower(), Ruling.UNPROVEN), ("", Ruling.INVALID), ("short", Ruling.INVALID)],
)
def test_the_url_token(token: str, expected: Ruling) -> None:
    assert url_token.verify(Delivery({}, b"{}", token), ({"tokens": ["x" * 22, TOKEN]},), NOW).ruling is expected


@pytest.mark.parametrize("document", [{}, {"tokens": []}, {"tokens": ["guessable"]}, {"tokens": [TOKEN + "/"]}])
def test_a_weak_url_token_is_a_configuration_error(document: dict[str, Any]) -> None:
    assert url_token.verify(Delivery({}, b"{}", TOKEN), (document,), NOW).ruling is Ruling.MISCONFIGURED


# reading a secret


def test_both_versions_of_a_secret_are_read_newest_first() -> None:
    assert documents_of(Secret('{"secrets":["b"]}', '{"secrets":["a"]}')) == ({"secrets": ["b"]}, {"secrets": ["a"]})


@pytest.mark.parametrize("text", ["", "whsec_plain", "[1]", "null", "{", "[" * 100_000])
def test_a_secret_that_is_no_json_object_is_empty(text: str) -> None:
    assert documents_of(Secret(text)) == ({},)


def test_no_secret_is_no_document() -> None:
    assert documents_of(None) == ()


def test_what_is_secret_does_not_show() -> None:
    found = Delivery({"x-mlc-token": PUSH}, PUSH.encode(), token=TOKEN)
    assert PUSH not in repr(found)
    assert TOKEN not in repr(found)
