"""Credentials, the minute's window, methods, media types and the dial of faults."""

from __future__ import annotations

from typing import Any

import pytest

from local.simulators.base import AnswerTimedOut, ConnectionDropped, Fault
from tests.simulators.shipstation_bench import LEFT, LIMIT, MANY, ONE, RESET, Bench, an_order, basic, document


@pytest.mark.parametrize(
    "authorization",
    [None, "", "Basic", "Basic !!", basic(secret="wrong"), basic(key="wrong"), "Bearer ss-local-key", basic("", "")],
)
def test_without_the_right_pair_nothing_is_said(authorization: str | None) -> None:
    bench = Bench()
    reply = bench.call("GET", "/stores", headers={"Authorization": authorization})
    assert (reply.status, document(reply)) == (401, {"message": "Invalid API credentials"})
    assert reply.headers[LEFT] == "40"  # on every answer, and a refused call is not counted
    assert bench.call("POST", ONE, an_order(), headers={"Authorization": authorization}).status == 401
    assert bench.holdings()["orders"] == []


def test_the_published_example_of_a_pair() -> None:
    bench = Bench(key="ShipStation", secret="Rocks")
    reply = bench.call("GET", "/stores", headers={"Authorization": "Basic U2hpcFN0YXRpb246Um9ja3M="})
    assert reply.status == 200


def test_a_new_pair_of_keys_shuts_the_old_one_out() -> None:
    bench = Bench()
    assert bench.call("GET", "/stores").status == 200
    bench.command("regenerate_key", key="new", secret="pair")
    assert bench.call("GET", "/stores").status == 401
    assert bench.call("GET", "/stores", headers={"Authorization": basic("new", "pair")}).status == 200


def test_a_rejected_credential_can_take_six_seconds() -> None:
    bench = Bench(slow_refusals=True)
    before = bench.now
    assert bench.call("GET", "/stores", headers={"Authorization": None}).status == 401
    assert (bench.now - before).total_seconds() == 6


def test_forty_calls_a_minute_then_429() -> None:
    bench = Bench()
    left = [bench.call("GET", "/stores").headers[LEFT] for _ in range(40)]
    assert (left[0], left[-1]) == ("39", "0")
    reply = bench.call("POST", ONE, an_order())
    assert (reply.status, document(reply)) == (429, {"message": "Too Many Requests"})
    assert {name: reply.headers[name] for name in (LIMIT, LEFT, RESET)} == {LIMIT: "40", LEFT: "0", RESET: "55"}
    assert bench.holdings()["orders"] == []
    bench.wait(54)
    assert bench.call("GET", "/stores").status == 429
    bench.wait(1)
    assert bench.call("GET", "/stores").headers[LEFT] == "39"  # a fixed window, not a sliding one


def test_the_window_is_shared_with_the_other_apps_of_the_merchant() -> None:
    bench = Bench()
    bench.command("other_app_calls", calls=38)
    assert bench.call("GET", "/stores").headers[LEFT] == "1"
    assert bench.call("GET", "/stores").status == 200
    assert bench.call("GET", "/stores").status == 429


def test_a_hundred_orders_are_one_call() -> None:
    bench = Bench()
    reply = bench.call("POST", MANY, [an_order(f"SO{row}") for row in range(100)])
    assert reply.headers[LEFT] == "39"
    assert len(bench.holdings()["orders"]) == 100


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("POST", "/products", 405),
        ("DELETE", "/products/7854008", 405),
        ("POST", "/customers", 405),
        ("PUT", "/customers/1", 405),
        ("DELETE", "/customers/1", 405),
        ("POST", "/orders", 405),
        ("PUT", "/orders/1", 405),
        ("PATCH", "/orders/1", 405),
        ("PUT", "/webhooks/1", 405),
        ("GET", "/orders/key/SO007015", 404),
        ("GET", "/order", 404),
        ("GET", "/v1/orders", 404),
        ("GET", "/orders/SO007015", 404),
        ("GET", "/orders/0x10", 404),
    ],
)
def test_what_does_not_exist_is_refused(method: str, path: str, status: int) -> None:
    bench = Bench()
    reply = bench.call(method, path, {} if method in ("POST", "PUT", "PATCH") else None)
    assert reply.status == status
    assert "Message" in document(reply)
    assert LIMIT in reply.headers


def test_a_body_must_be_json_and_say_so() -> None:
    bench = Bench()
    assert bench.call("POST", ONE, an_order(), headers={"Content-Type": "text/plain"}).status == 400
    assert bench.call("POST", ONE, an_order(), headers={"Content-Type": None}).status == 400
    for raw in (b'{"orderNumber": ', b"\xff\xfe", b'{"taxAmount": NaN}', b""):
        reply = bench.call("POST", ONE, raw=raw, headers={"Content-Type": "application/json"})
        assert reply.status == 400
        assert list(document(reply)["ModelState"]) == ["apiOrder"]
    assert bench.holdings()["orders"] == []


def test_a_body_where_none_belongs_is_written_down() -> None:
    bench = Bench()
    assert bench.call("GET", "/stores", {"x": 1}).status == 200
    assert bench.simulator.strict_violations == ["GET /stores: this call takes no body"]


@pytest.mark.parametrize("key", [None, "", "wrong", "ss-local-key"])
def test_v2_wants_its_own_key(key: str | None) -> None:
    bench = Bench()
    reply = bench.call("GET", "/v2/labels", headers={"API-Key": key, "Authorization": basic()})
    assert reply.status == 401
    assert document(reply)["errors"][0]["error_code"] == "unauthorized"
    assert bench.call("GET", "/stores", headers={"Authorization": None, "API-Key": "ss-local-v2-key"}).status == 401


def test_a_plan_without_v2_says_so() -> None:
    reply = Bench(v2_available=False).call("GET", "/v2/labels")
    assert (reply.status, document(reply)["errors"][0]["error_code"]) == (401, "invalid_billing_plan")


def test_v2_has_a_window_of_its_own_and_says_how_long() -> None:
    bench = Bench(v2_calls_per_minute=2)
    assert [bench.call("GET", "/v2/labels").status for _ in range(3)] == [200, 200, 429]
    reply = bench.call("GET", "/v2/labels")
    assert (reply.headers["Retry-After"], LIMIT in reply.headers) == ("55", False)
    assert bench.call("GET", "/stores").status == 200


def test_v2_refuses_what_it_does_not_know() -> None:
    bench = Bench()
    assert bench.call("GET", "/v2/customers").status == 404
    assert bench.call("PUT", "/v2/shipments/se-1").status == 405
    for query in ("page_size=501", "page=0", "sort_dir=ASC_", "label_status=x", "created_at_start=yesterday"):
        reply = bench.call("GET", "/v2/labels", query=query)
        assert document(reply)["errors"][0]["error_code"] == "invalid_field_value", query


@pytest.mark.parametrize("fault", [Fault.DROP_BEFORE, Fault.TIMEOUT_BEFORE, Fault.DROP_AFTER, Fault.TIMEOUT_AFTER])
def test_broken_connections(fault: Fault) -> None:
    bench = Bench()
    bench.simulator.dial.plan(fault, r"^POST /orders/createorders$")
    with pytest.raises((ConnectionDropped, AnswerTimedOut)):
        bench.call("POST", MANY, [an_order("A"), an_order("B")])
    acted = fault in (Fault.DROP_AFTER, Fault.TIMEOUT_AFTER)
    assert len(bench.holdings()["orders"]) == (2 if acted else 0)
    assert bench.simulator.calls[-1].status is None


@pytest.mark.parametrize(
    ("fault", "status", "acted"),
    [
        (Fault.ERROR_500_BEFORE, 500, False),
        (Fault.ERROR_500_AFTER, 500, True),
        (Fault.ERROR_503_AFTER, 503, True),
        (Fault.THROTTLED, 429, False),
        (Fault.TOKEN_EXPIRED, 401, False),
        (Fault.GARBAGE_AFTER, 200, True),
        (Fault.SLOW, 200, True),
    ],
)
def test_broken_answers(fault: Fault, status: int, acted: bool) -> None:
    bench = Bench()
    bench.simulator.dial.plan(fault, seconds=20)
    reply = bench.call("POST", ONE, an_order())
    assert reply.status == status
    assert LIMIT in reply.headers
    assert len(bench.holdings()["orders"]) == int(acted)
    assert (reply.headers[LEFT] == "0") is (fault is Fault.THROTTLED)


def test_the_throttle_body_can_come_with_200() -> None:
    bench = Bench(throttle_in_200=True)
    bench.simulator.dial.plan(Fault.THROTTLED)
    reply = bench.call("POST", ONE, an_order())
    assert (reply.status, document(reply)) == (200, {"message": "Too Many Requests"})


def test_a_partial_bulk_answer_forgets_an_order_that_was_stored() -> None:
    bench = Bench()
    bench.simulator.dial.plan(Fault.PARTIAL)
    answer = document(bench.call("POST", MANY, [an_order("A"), an_order("B"), an_order("C")]))
    assert len(answer["results"]) == 2
    assert len(bench.holdings()["orders"]) == 3


def test_a_partial_list_lacks_rows_that_it_counts() -> None:
    bench = Bench()
    for name in "ABC":
        bench.create(name)
    bench.simulator.dial.plan(Fault.PARTIAL)
    answer = bench.get("/orders")
    assert (len(answer["orders"]), answer["total"]) == (2, 3)


def test_a_stale_read_does_not_see_the_last_minute() -> None:
    bench = Bench()
    number = bench.create("A")
    bench.wait(61)
    bench.command("set_status", order="A", status="cancelled")
    bench.create("B")
    bench.simulator.dial.plan(Fault.STALE_READ, r"^GET", times=2)
    assert [each["orderNumber"] for each in bench.get("/orders")["orders"]] == ["A"]
    assert bench.order(number)["orderStatus"] == "awaiting_shipment"
    assert bench.order(number)["orderStatus"] == "cancelled"
    assert bench.get("/orders")["total"] == 2


def test_a_poison_record_breaks_the_page_that_would_show_it() -> None:
    bench = Bench()
    numbers = [bench.create(f"SO{row}") for row in range(4)]
    bench.command("poison", order="SO2")
    reply = bench.call("GET", "/orders", query="pageSize=500")
    assert (reply.status, set(document(reply))) == (
        500, {"Message", "ExceptionMessage", "ExceptionType", "StackTrace"},
    )  # fmt: skip
    found: list[Any] = []
    for page in range(1, 5):
        reply = bench.call("GET", "/orders", query={"pageSize": 1, "page": page})
        found.append(document(reply)["orders"][0]["orderId"] if reply.status == 200 else None)
    assert found == [numbers[0], numbers[1], None, numbers[3]]


def test_no_secret_is_in_the_holdings() -> None:
    bench = Bench()
    bench.subscribe()
    bench.create()
    assert "ss-local" not in str(bench.holdings())


def test_an_unknown_command_or_switch_is_an_error() -> None:
    bench = Bench()
    with pytest.raises(ValueError, match="no command"):
        bench.command("ship_everything")
    with pytest.raises(ValueError, match="no switch"):
        bench.command("set", locked="x")
    assert bench.command("set", locked_orders="refused")["locked_orders"] == "refused"
