"""The gateway: versions, paths, tokens, scopes, the channel header, the call budget and the strict option."""

from __future__ import annotations

import ast
import json
import re
import sys
import threading
import urllib.request
from pathlib import Path
from typing import Any

import pytest

from local.simulators import shipbob
from local.simulators.base import ConnectionDropped, Fault
from local.simulators.server import SimulatorServer
from local.simulators.shipbob import DEFAULT_PAT, PAT_CHANNEL, READ_ONLY_CHANNEL
from tests.simulators.shipbob_bench import Bench, an_order, document


@pytest.mark.parametrize("version", ["", "1.0", "2.0", "2025-01", "2027-01", "experimental"])
def test_version_prefix_is_required_and_known(version: str) -> None:
    reply = Bench().call("GET", "/order", version=version)
    assert (reply.status, document(reply)) == (404, {"statusCode": 404, "message": "Resource not found"})


@pytest.mark.parametrize("version", ["2025-07", "2026-01", "2026-07"])
def test_three_versions_answer(version: str) -> None:
    assert Bench().call("GET", "/order", version=version).status == 200


@pytest.mark.parametrize(
    "path",
    [
        "/orders",
        "/products",
        "/Order",
        "/product/",
        "/webhooks",
        "/shipments",
        "/order/abc",
        "/receivings",
        "/return/1:Cancel",
    ],
)
def test_plural_unknown_and_miscased_paths_do_not_exist(path: str) -> None:
    reply = Bench().call("GET", path)
    assert (reply.status, document(reply)) == (404, {"statusCode": 404, "message": "Resource not found"})


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/inventory"),
        ("PUT", "/inventory/20350001"),
        ("PATCH", "/inventory-level/20350001"),
        ("POST", "/inventory:adjust"),
        ("POST", "/inventory-level/locations"),
        ("PUT", "/inventory/20350001/adjust"),
        ("PATCH", "/order/337200001"),
        ("PATCH", "/receiving/901001"),
        ("PUT", "/webhook/12345"),
    ],
)
def test_there_is_no_inventory_write_and_no_change_of_orders_receiving_orders_or_webhooks(
    method: str, path: str
) -> None:
    bench = Bench()
    before = bench.simulator.holdings()
    assert bench.call(method, path, {"quantity": 5}, channel=PAT_CHANNEL).status == 404
    assert bench.simulator.holdings() == before


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/inventory/history:query"),
        ("GET", "/shipments-tracking"),
        ("GET", "/tracking"),
        ("GET", "/shipment/1:getLineItems"),
    ],
)
def test_what_2026_01_added_is_missing_in_2025_07(method: str, path: str) -> None:
    assert Bench().call(method, path, {} if method == "POST" else None, version="2025-07").status == 404


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Authorization": "Bearer wrong"},
        {"Authorization": f"bearer {DEFAULT_PAT}"},
        {"Authorization": f"Basic {DEFAULT_PAT}"},
        {"Authorization": DEFAULT_PAT},
    ],
)
def test_without_a_known_bearer_token_401_with_an_empty_body(headers: dict[str, str]) -> None:
    reply = Bench().call("GET", "/order", token=None, headers=headers)
    assert (reply.status, reply.body) == (401, b"")


@pytest.mark.parametrize(
    ("method", "path", "scope"),
    [
        ("GET", "/order", "orders_read"),
        ("POST", "/order", "orders_write"),
        ("GET", "/channel", "channels_read"),
        ("GET", "/product", "products_read"),
        ("POST", "/product", "products_write"),
        ("GET", "/inventory-level/locations", "inventory_read"),
        ("GET", "/location", "locations_read"),
        ("GET", "/shipments-tracking", "tracking_read"),
        ("GET", "/receiving", "receiving_read"),
        ("POST", "/receiving", "receiving_write"),
        ("GET", "/return", "returns_read"),
        ("POST", "/return", "returns_write"),
        ("GET", "/invoices", "billing_read"),
        ("POST", "/transactions:query", "billing_read"),
        ("GET", "/webhook", "webhooks_read"),
        ("POST", "/webhook", "webhooks_write"),
    ],
)
def test_a_token_without_the_scope_is_refused_with_403(method: str, path: str, scope: str) -> None:
    others = {"channels_read", "orders_read", "products_read"} - {scope}
    bench = Bench(pats={"poor": others, "rich": {scope}})
    body: dict[str, Any] | None = {} if method == "POST" else None
    assert bench.call(method, path, body, token="poor", channel=PAT_CHANNEL).status == 403
    assert bench.call(method, path, body, token="rich", channel=PAT_CHANNEL).status not in (401, 403)


@pytest.mark.parametrize(
    ("method", "path"),
    [("POST", "/order"), ("POST", "/order:estimate"), ("POST", "/shipment:batchCancel"), ("POST", "/return")],
)
def test_a_write_without_the_channel_header_is_400(method: str, path: str) -> None:
    reply = Bench().call(method, path, {})
    assert reply.status == 400
    assert "shipbob_channel_id" in reply.body.decode().lower() or "ShipbobChannelId" in reply.body.decode()


@pytest.mark.parametrize("path", ["/order/1:cancel", "/return/1"])
def test_2025_07_also_wants_the_channel_on_cancel_and_return_update(path: str) -> None:
    method = "POST" if "cancel" in path else "PUT"
    body: dict[str, Any] | None = None if "cancel" in path else {}
    assert Bench().call(method, path, body, version="2025-07").status == 400
    assert Bench().call(method, path, body, version="2026-01").status != 400 or method == "PUT"


@pytest.mark.parametrize("channel", [999, READ_ONLY_CHANNEL])
def test_an_unknown_or_read_only_channel_is_403_for_a_write(channel: int) -> None:
    bench = Bench()
    assert bench.call("POST", "/order", an_order(), channel=channel).status == 403
    assert bench.simulator.holdings()["orders"] == {}


def test_a_channel_header_that_is_no_number_is_400() -> None:
    assert Bench().call("POST", "/order", an_order(), channel="PAT Channel").status == 400


def test_the_first_channel_is_read_only_and_the_second_may_write() -> None:
    first, second = Bench().get("/channel")["items"]
    assert (first["application_name"], "orders_write" in first["scopes"]) == ("ShopifyApp", False)
    assert (second["name"], second["application_name"], "orders_write" in second["scopes"]) == (
        "PAT Channel",
        "SMA",
        True,
    )


def test_scopes_may_come_as_one_text() -> None:
    assert " orders_write " in Bench(scopes_as_text=True).get("/channel")["items"][1]["scopes"][0]


def test_the_channel_header_filters_reads() -> None:
    bench = Bench()
    number = bench.order()["id"]
    assert [order["id"] for order in bench.get("/order")] == [number]
    assert [order["id"] for order in bench.get("/order", channel=PAT_CHANNEL)] == [number]
    assert bench.get("/order", channel=READ_ONLY_CHANNEL) == []
    assert bench.call("GET", f"/order/{number}", channel=READ_ONLY_CHANNEL).status == 404


def test_150_calls_in_60_seconds_per_token_then_429() -> None:
    bench = Bench(pats={"one": {"orders_read"}, "two": {"orders_read"}})
    first = bench.call("GET", "/order", token="one")
    assert first.headers["x-remaining-calls"] == "149"
    bench.wait(20)
    for _ in range(149):
        assert bench.call("GET", "/order", token="one").status == 200
    bench.wait(15)
    refused = bench.call("GET", "/order", token="one")
    assert refused.status == 429
    assert refused.headers["x-retry-after"] == "25"
    assert document(refused) == {"statusCode": 429, "message": "Rate limit is exceeded. Try again in 25 seconds."}
    assert bench.call("GET", "/order", token="two").status == 200
    bench.wait(25)
    assert bench.call("GET", "/order", token="one").status == 200, "the oldest call has left the window"
    assert bench.call("GET", "/order", token="one").status == 429, "the other 149 have not"


def test_the_remaining_header_may_be_absent() -> None:
    assert "x-remaining-calls" not in Bench(remaining_header=False).call("GET", "/order").headers


def test_an_unknown_query_parameter_is_refused_and_written_down() -> None:
    bench = Bench()
    reply = bench.call("GET", "/order", query="ReferenceId=A")
    assert reply.status == 400
    assert "ReferenceId" in reply.body.decode()
    assert "ReferenceId" in bench.simulator.strict_violations[0]


def test_an_unknown_body_member_is_refused_by_name_and_nothing_is_made() -> None:
    bench = Bench()
    reply = bench.call("POST", "/order", an_order(referenceId="x"), channel=PAT_CHANNEL)
    assert reply.status == 400
    assert "'referenceId'" in reply.body.decode()
    assert "'referenceId'" in bench.simulator.strict_violations[0]
    assert bench.simulator.holdings()["orders"] == {}


def test_without_the_strict_option_both_are_ignored_as_in_reality() -> None:
    bench = Bench(strict=False)
    assert bench.order(referenceId="x")["reference_id"] == "ACU-SO-001234"
    assert len(bench.get("/order", query="ReferenceId=OTHER")) == 1, "a misspelt filter answers unfiltered rows"


@pytest.mark.parametrize("query", ["ReferenceIds=A%2CB", "IDs=1%2C2", "Page=1&Page=2"])
def test_escaped_commas_and_repeated_parameters_are_refused(query: str) -> None:
    assert Bench().call("GET", "/order", query=query).status == 400


def test_a_body_must_be_json_and_say_so() -> None:
    bench = Bench()
    assert bench.call("POST", "/order", channel=PAT_CHANNEL, raw=b"{").status == 400
    assert bench.call("POST", "/order", channel=PAT_CHANNEL, raw=b'{"quantity": NaN}').status == 400
    headers = {"Content-Type": "text/plain"}
    assert bench.call("POST", "/order", an_order(), channel=PAT_CHANNEL, headers=headers).status == 415


def test_a_call_without_body_takes_none() -> None:
    bench = Bench()
    number = bench.order()["id"]
    assert bench.call("POST", f"/order/{number}:cancel", {"reason": "x"}).status == 400
    assert bench.call("POST", f"/order/{number}:cancel", {}).status == 200


def test_faults_act_or_do_not_act_as_they_say() -> None:
    bench = Bench()
    dial = bench.simulator.dial
    dial.plan(Fault.DROP_BEFORE, "POST .*/order$")
    with pytest.raises(ConnectionDropped):
        bench.call("POST", "/order", an_order("A"), channel=PAT_CHANNEL)
    dial.plan(Fault.DROP_AFTER, "POST .*/order$")
    with pytest.raises(ConnectionDropped):
        bench.call("POST", "/order", an_order("B"), channel=PAT_CHANNEL)
    for fault, status in ((Fault.THROTTLED, 429), (Fault.TOKEN_EXPIRED, 401), (Fault.ERROR_500_BEFORE, 500)):
        dial.plan(fault)
        assert bench.call("POST", "/order", an_order("C"), channel=PAT_CHANNEL).status == status
    held = [order["reference_id"] for order in bench.simulator.holdings()["orders"].values()]
    assert held == ["B"]
    assert [call.fault for call in bench.simulator.calls][:2] == [Fault.DROP_BEFORE, Fault.DROP_AFTER]
    assert [call.status for call in bench.simulator.calls][:2] == [None, None]


def test_a_stale_read_does_not_know_the_last_write() -> None:
    bench = Bench()
    number = bench.order()["id"]
    bench.simulator.dial.plan(Fault.STALE_READ, "GET .*/order")
    assert bench.get("/order", query="ReferenceIds=ACU-SO-001234") == []
    assert [order["id"] for order in bench.get("/order", query="ReferenceIds=ACU-SO-001234")] == [number]


def test_a_stale_read_shows_the_old_state_of_what_was_changed() -> None:
    bench = Bench()
    number = bench.order()["id"]
    bench.wait(300)
    assert bench.call("POST", f"/order/{number}:cancel").status == 200
    bench.simulator.dial.plan(Fault.STALE_READ, "GET .*/order")
    assert bench.get(f"/order/{number}")["status"] == "Processing"
    assert bench.get(f"/order/{number}")["status"] == "Cancelled"


def test_a_partial_bulk_call_loses_its_last_row() -> None:
    bench = Bench()
    for reference in ("A", "B"):
        bench.order(reference)
    first, second = (int(number) for number in bench.simulator.holdings()["shipments"])
    bench.simulator.dial.plan(Fault.PARTIAL)
    body = {"shipment_ids": [first, second], "is_tracking_uploaded": True}
    answered = document(bench.call("POST", "/shipment:batchUpdateTrackingUpload", body))
    assert answered["summary"] == {"total": 2, "successful": 1, "failed": 1}
    shipments = bench.simulator.holdings()["shipments"]
    assert [shipments[str(number)]["is_tracking_uploaded"] for number in (first, second)] == [True, False]


def test_slow_moves_the_clock_of_the_caller() -> None:
    bench = Bench()
    before = bench.now
    bench.simulator.dial.plan(Fault.SLOW, seconds=12)
    bench.get("/order")
    assert (bench.now - before).total_seconds() == 12


def test_the_date_header_follows_the_clock_and_its_skew() -> None:
    bench = Bench(clock_skew_seconds=90)
    assert bench.call("GET", "/order").headers["Date"] == "Mon, 02 Mar 2026 15:05:40 GMT"


def test_two_threads_never_make_two_orders_of_one_reference() -> None:
    bench = Bench()
    statuses: list[int] = []

    def send() -> None:
        statuses.append(bench.call("POST", "/order", an_order("RACE"), channel=PAT_CHANNEL).status)

    threads = [threading.Thread(target=send) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(statuses) == [201] + [422] * 7
    assert len(bench.simulator.holdings()["orders"]) == 1


def test_holdings_are_plain_json_without_secrets() -> None:
    bench = Bench()
    bench.order()
    body = {"url": "https://connector.example.com/hook", "topics": ["order.shipped"]}
    secret = document(bench.call("POST", "/webhook", body))["secret"]
    text = json.dumps(bench.simulator.holdings())
    assert secret not in text
    assert DEFAULT_PAT not in text


def test_a_stale_read_before_allocation_does_not_stumble() -> None:
    bench = Bench(allocation_delay_seconds=30)
    number = bench.order()["id"]
    bench.simulator.dial.plan(Fault.STALE_READ, "GET .*/order")
    assert bench.call("GET", f"/order/{number}").status == 404
    bench.wait(30)
    assert len(bench.get(f"/order/{number}")["shipments"]) == 1


def test_a_partial_list_is_a_short_page_that_loses_nothing() -> None:
    bench = Bench()
    bench.simulator.dial.plan(Fault.PARTIAL, "GET .*/product")
    page = bench.get("/product")
    assert len(page["items"]) == 1
    rest = bench.get("/product", query=page["next"].split("?")[1])
    skus = [product["variants"][0]["sku"] for product in page["items"] + rest["items"]]
    assert skus == ["TSHIRT-BLU-M", "TSHIRT-BLU-L"]


def test_a_store_order_lives_in_its_own_channel_and_is_read_without_the_header() -> None:
    bench = Bench()
    mine = bench.order("SAME")["id"]
    theirs = bench.command("import_order", order=an_order("SAME"))["order_id"]
    assert {order["id"]: order["channel"]["name"] for order in bench.get("/order")} == {
        mine: "PAT Channel",
        theirs: "My Store",
    }
    assert [order["id"] for order in bench.get("/order", channel=READ_ONLY_CHANNEL)] == [theirs]
    assert json.loads(bench.get(f"/order/{theirs}/store-order-json"))["reference_id"] == "SAME"
    assert bench.call("POST", f"/order/{theirs}:cancel").status == 403
    with pytest.raises(ValueError, match="existing ReferenceId"):
        bench.command("import_order", order=an_order("SAME"))
    with pytest.raises(ValueError, match="products"):
        bench.command("import_order", order=an_order("X", products=[]))


def test_an_unknown_command_or_switch_names_the_known_ones() -> None:
    bench = Bench()
    with pytest.raises(ValueError, match=r"known: .*fulfil"):
        bench.command("fulfill")
    with pytest.raises(ValueError, match=r"known: .*visibility_lag_seconds"):
        bench.command("set", lag=1)


def test_over_real_http_with_the_control_door() -> None:
    bench = Bench()
    with SimulatorServer(bench.simulator) as server:

        def send(method: str, path: str, body: Any, **headers: str) -> tuple[int, Any, Any]:
            data = json.dumps(body).encode() if body is not None else None
            sent = {"Content-Type": "application/json", "Authorization": f"Bearer {DEFAULT_PAT}", **headers}
            request = urllib.request.Request(server.url + path, data, sent, method=method)
            with urllib.request.urlopen(request, timeout=10) as reply:
                return reply.status, dict(reply.headers), json.loads(reply.read())

        status, headers, created = send("POST", "/2026-01/order", an_order(), shipbob_channel_id=str(PAT_CHANNEL))
        assert (status, headers["x-remaining-calls"], headers["Date"]) == (201, "149", "Mon, 02 Mar 2026 15:04:10 GMT")
        hook = {"url": "http://127.0.0.1:9/hook", "topics": ["order.shipped"]}
        assert send("POST", "/2026-01/webhook", hook)[0] == 200
        command = {"name": "fulfil", "arguments": {"order_id": created["id"]}}
        assert send("POST", "/_control/command", command)[2]["result"]["order_id"] == created["id"]
        taken = send("POST", "/_control/command", {"name": "take_deliveries"})[2]["result"]
        assert json.loads(taken[0]["body"])["id"] == created["id"]
        report = {"name": "report_delivery", "arguments": {"delivery": taken[0]["delivery"], "accepted": False}}
        assert send("POST", "/_control/command", report)[0] == 200
        held = send("GET", "/_control/holdings", None)[2]
        assert (held["orders"][str(created["id"])]["status"], held["deliveries_waiting"]) == ("Fulfilled", 1)


def test_the_simulator_shares_nothing_with_the_product() -> None:
    folder = Path(shipbob.__file__).parent
    imported = {
        name
        for file in folder.glob("*.py")
        for node in ast.walk(ast.parse(file.read_text("utf-8")))
        for name in (
            [alias.name for alias in node.names]
            if isinstance(node, ast.Import)
            else [node.module or ""]
            if isinstance(node, ast.ImportFrom)
            else []
        )
    }
    ours = {name.split(".")[0] for name in imported} - set(sys.stdlib_module_names)
    assert ours == {"local"}
    clocks = [
        file.name
        for file in folder.glob("*.py")
        if re.search(r"datetime\.now\(|time\.time\(|sleep\(", file.read_text("utf-8"))
    ]
    assert clocks == []
