"""What is read out of an API Gateway event, and that nothing in it can upset the reader."""

from __future__ import annotations

import base64
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connector.edge.request import LARGEST_BODY, Route, body_of, delivery_of, route_of
from tests.support.edge import PAIR, gateway_event

ROUTE = Route("acme-main", "shipbob")


def test_the_route_stands_in_the_path_parameters() -> None:
    event = gateway_event("shipbob", {}, b"{}", token="abc_DEF-123")
    assert route_of(event, PAIR) == Route("acme-main", "shipbob", "abc_DEF-123")


def test_a_pair_in_the_path_must_be_ours() -> None:
    event = {"pathParameters": {"pair": PAIR, "connection": "acme", "sender": "shipbob"}}
    assert route_of(event, PAIR) == Route("acme", "shipbob")
    assert route_of(event, "acumatica_ups") is None


@pytest.mark.parametrize(
    "parameters",
    [
        None,
        [],
        {},
        {"connection": "acme"},
        {"sender": "shipbob"},
        {"connection": "Acme", "sender": "shipbob"},
        {"connection": "acme\n", "sender": "shipbob"},
        {"connection": "../acme", "sender": "shipbob"},
        {"connection": "acme/x", "sender": "shipbob"},
        {"connection": "a" * 42, "sender": "shipbob"},
        {"connection": "acme", "sender": "s" * 21},
        {"connection": "acme", "sender": "ship bob"},
        {"connection": 7, "sender": "shipbob"},
        {"connection": "acme", "sender": "shipbob", "token": "not/urlsafe"},
        {"connection": "acme", "sender": "shipbob", "token": ["x"]},
    ],
)
def test_a_route_that_cannot_be_ours_is_none(parameters: Any) -> None:
    assert route_of({"pathParameters": parameters}, PAIR) is None


@pytest.mark.parametrize("event", [None, [], "", 7, {}, {"pathParameters": "x"}])
def test_an_event_that_is_none_has_no_route(event: Any) -> None:
    assert route_of(event, PAIR) is None


def test_the_body_is_the_exact_bytes() -> None:
    raw = b'\xff\xfe{"a" : 1}\r\n'
    assert body_of({"body": base64.b64encode(raw).decode(), "isBase64Encoded": True}) == raw
    assert body_of({"body": '{"a": "ż"}', "isBase64Encoded": False}) == '{"a": "ż"}'.encode()
    assert body_of({"body": None, "isBase64Encoded": True}) == b""
    assert body_of({}) == b""


@pytest.mark.parametrize(
    "event",
    [
        {"body": "e30", "isBase64Encoded": True},
        {"body": "e3\n0=", "isBase64Encoded": True},
        {"body": "é30=", "isBase64Encoded": True},
        {"body": "\ud800", "isBase64Encoded": False},
        {"body": {"id": 1}, "isBase64Encoded": False},
        {"body": 5},
    ],
)
def test_a_body_that_cannot_be_had_is_none(event: dict[str, Any]) -> None:
    assert body_of(event) is None


def test_a_body_of_exactly_the_limit_is_read_whole() -> None:
    raw = b"x" * LARGEST_BODY
    assert body_of({"body": base64.b64encode(raw).decode(), "isBase64Encoded": True}) == raw


def test_header_names_are_lower_case_and_doubled_ones_are_set_apart() -> None:
    lines = [("Webhook-Id", "a"), ("X-Twice", "1"), ("X-Twice", "1"), ("X-Case", "1"), ("x-case", "2")]
    found = delivery_of(gateway_event("shipbob", lines, b"{}"), ROUTE, b"{}")
    assert found.headers == {"webhook-id": "a"}
    assert found.doubled == {"x-twice", "x-case"}


def test_single_value_headers_serve_where_the_others_are_absent() -> None:
    event = {"headers": {"Webhook-Id": "a", "X": "1", "x": "2"}, "multiValueHeaders": None}
    found = delivery_of(event, ROUTE, b"")
    assert found.headers == {"webhook-id": "a"}
    assert found.doubled == {"x"}


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=12), inner, max_size=3),
    max_leaves=10,
)
names = st.sampled_from(["pathParameters", "headers", "multiValueHeaders", "body", "isBase64Encoded"])


@given(event=st.dictionaries(names, values))
def test_no_event_upsets_the_reader(event: dict[str, Any]) -> None:
    route_of(event, PAIR)
    found = delivery_of(event, ROUTE, body_of(event) or b"")
    assert all(name == name.lower() for name in found.headers)
    assert not found.doubled.intersection(found.headers)
