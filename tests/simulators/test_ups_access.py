"""Tokens, the gateway, trace headers, budgets, faults, and what the strict option writes down."""

from __future__ import annotations

import ast
import json
import re
import sys
import threading
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

import pytest

from local.simulators import ups
from local.simulators.base import AnswerTimedOut, ConnectionDropped, Fault, Request
from local.simulators.server import SimulatorServer
from local.simulators.ups import DEFAULT_CLIENT, Client, UpsSimulator
from tests.simulators.ups_bench import SHIP, START, TOKEN_PATH, Bench, a_shipment, codes, document

TRACK = "/api/track/v1/details/1ZA1B2C30300000012"
FORM = {"Content-Type": "application/x-www-form-urlencoded"}
BASIC = {"Authorization": "Basic dXBzLWxvY2FsLWNsaWVudDp1cHMtbG9jYWwtc2VjcmV0"}


def ask_token(
    bench: Bench, headers: dict[str, str], body: bytes = b"grant_type=client_credentials", **more: Any
) -> Any:
    return bench.simulator.handle(
        Request(more.get("method", "POST"), more.get("path", TOKEN_PATH), more.get("query", ""), headers, body)
    )


def test_a_token_answer_holds_strings_only() -> None:
    bench = Bench()
    reply = bench.token_call()
    granted = document(reply)
    assert reply.status == 200
    assert all(isinstance(value, str) for value in granted.values())
    assert granted["expires_in"] == "3599"
    assert granted["issued_at"] == str(int(START.timestamp() * 1000))
    assert (granted["token_type"], granted["status"], granted["client_id"]) == (
        "Bearer",
        "approved",
        DEFAULT_CLIENT.id,
    )
    assert len(granted["access_token"]) > 1000


REFUSED_TOKENS: dict[str, tuple[dict[str, str], bytes, int, str]] = {
    "no credentials": (FORM, b"grant_type=client_credentials", 401, "10400"),
    "bearer instead of basic": ({**FORM, "Authorization": "Bearer x"}, b"grant_type=client_credentials", 401, "10400"),
    "not base64": ({**FORM, "Authorization": "Basic ???"}, b"grant_type=client_credentials", 401, "10400"),
    "unknown client": ({**FORM, "Authorization": "Basic bm9ib2R5Ong="}, b"grant_type=client_credentials", 401, "10401"),
    "no colon": ({**FORM, "Authorization": "Basic bm9ib2R5"}, b"grant_type=client_credentials", 401, "10401"),
    "credentials in the body": (
        FORM,
        b"grant_type=client_credentials&client_id=ups-local-client&client_secret=ups-local-secret",
        401,
        "10400",
    ),
    "json body": ({**BASIC, "Content-Type": "application/json"}, b'{"grant_type":"client_credentials"}', 400, "10400"),
    "no content type": (BASIC, b"grant_type=client_credentials", 400, "10400"),
    "another grant": ({**BASIC, **FORM}, b"grant_type=password", 400, "10400"),
    "no grant": ({**BASIC, **FORM}, b"", 400, "10400"),
    "stranger in the form": ({**BASIC, **FORM}, b"grant_type=client_credentials&scope=all", 400, "10400"),
    "account number of five": (
        {**BASIC, **FORM, "x-merchant-id": "12345"},
        b"grant_type=client_credentials",
        400,
        "10400",
    ),
}


@pytest.mark.parametrize("case", REFUSED_TOKENS)
def test_a_wrong_token_request_is_refused_and_costs_no_token(case: str) -> None:
    headers, body, status, code = REFUSED_TOKENS[case]
    bench = Bench()
    reply = ask_token(bench, headers, body)
    assert (reply.status, codes(reply)) == (status, [code])
    assert bench.simulator.holdings()["tokens_issued"] == {}


def test_the_token_endpoint_is_not_below_api_and_takes_posts_only() -> None:
    bench = Bench()
    assert ask_token(bench, {**BASIC, **FORM}, path=f"/api{TOKEN_PATH}").status == 404
    assert ask_token(bench, {**BASIC, **FORM}, method="GET").status == 405


def test_a_business_path_without_api_does_not_exist() -> None:
    assert Bench().call("POST", SHIP.removeprefix("/api"), a_shipment()).status == 404


def test_a_query_on_the_token_endpoint_is_written_down() -> None:
    bench = Bench()
    assert ask_token(bench, {**BASIC, **FORM}, query="scope=x").status == 400
    assert len(bench.simulator.strict_violations) == 1


def test_a_wrong_secret_is_401_and_ten_in_a_row_lock_the_application_for_half_an_hour() -> None:
    bench = Bench()
    for _ in range(10):
        reply = bench.token_call(secret="wrong")
        assert (reply.status, codes(reply)) == (401, ["10401"])
    assert bench.token_call().status == 403
    bench.wait(1800)
    assert bench.token_call().status == 200


def test_a_right_secret_in_between_starts_the_count_anew() -> None:
    bench = Bench(lock_after_failures=2)
    for _ in range(3):
        assert bench.token_call(secret="wrong").status == 401
        assert bench.token_call().status == 200


def test_a_blocked_merchant_is_403() -> None:
    client = Client("blocked", "s", ("A1B2C3",), blocked=True)
    reply = Bench(clients=[client]).token_call(client)
    assert reply.status == 403
    assert "Blocked Merchant" in reply.body.decode()


def test_an_application_that_is_blocked_later_loses_its_tokens_too() -> None:
    bench = Bench()
    token = bench.token()
    bench.command("block", client=DEFAULT_CLIENT.id)
    for reply in (bench.token_call(), bench.call("POST", SHIP, a_shipment(), token=token)):
        assert (reply.status, codes(reply)) == (403, ["10403"])
    bench.command("block", client=DEFAULT_CLIENT.id, blocked=False)
    bench.ship()


def test_the_daily_quota_of_tokens_is_429_in_words_of_its_own_and_frees_itself_after_a_day() -> None:
    bench = Bench(tokens_per_day=3)
    assert [bench.token_call().status for _ in range(4)] == [200, 200, 200, 429]
    refused = bench.token_call()
    assert codes(refused) == ["10429"]
    assert "Quota Limit Exceeded" in refused.body.decode()
    assert not [name for name in refused.headers if "retry" in name.lower() or "limit" in name.lower()]
    bench.wait(86400)
    assert bench.token_call().status == 200
    assert bench.simulator.holdings()["tokens_issued"] == {DEFAULT_CLIENT.id: 4}


def test_the_default_quota_is_250() -> None:
    bench = Bench()
    assert [bench.token_call().status for _ in range(251)][-2:] == [200, 429]


def test_two_threads_share_the_quota() -> None:
    bench = Bench(tokens_per_day=5)
    statuses: list[int] = []
    threads = [threading.Thread(target=lambda: statuses.append(bench.token_call().status)) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(statuses) == [200] * 5 + [429] * 3


def test_a_token_lives_as_long_as_it_says() -> None:
    bench = Bench(token_seconds=600)
    token = bench.token()
    bench.wait(599)
    assert bench.call("GET", TRACK, token=token).status == 200
    bench.wait(1)
    reply = bench.call("GET", TRACK, token=token)
    assert (reply.status, codes(reply)) == (401, ["251004"])


@pytest.mark.parametrize(
    ("header", "code"),
    [(None, "250003"), ("Basic dTpw", "250003"), ("Bearer ", "250003"), ("Bearer unknown", "250002")],
)
def test_without_a_known_token_401_and_nothing_happens(header: str | None, code: str) -> None:
    bench = Bench()
    reply = bench.call("POST", SHIP, a_shipment(), headers={"Authorization": header})
    assert (reply.status, codes(reply)) == (401, [code])
    assert reply.headers["errorcode"] == code
    assert bench.labels() == []


def test_a_token_of_the_sandbox_is_unknown_in_production() -> None:
    sandbox, production = Bench(cie=True, host="wwwcie.ups.com"), Bench()
    reply = production.call("GET", TRACK, token=sandbox.token())
    assert (reply.status, codes(reply)) == (401, ["250002"])


def test_a_product_that_was_not_added_to_the_application_is_250002() -> None:
    client = Client("labels-only", "s", ("A1B2C3",), products=frozenset({"Shipping"}))
    bench = Bench(clients=[client])
    token = bench.token(client)
    reply = bench.call("GET", TRACK, token=token)
    assert (reply.status, codes(reply)) == (401, ["250002"])
    assert bench.call("POST", SHIP, a_shipment(), token=token).status == 200


def test_the_budget_is_per_client_and_api_and_says_nothing_about_itself() -> None:
    bench = Bench(calls_per_minute=2)
    assert [bench.call("GET", TRACK).status for _ in range(3)] == [200, 200, 429]
    reply = bench.call("GET", TRACK)
    assert document(reply) == {"response": {"errors": [{"code": "10429", "message": "Too Many Requests"}]}}
    assert not [name for name in reply.headers if "retry" in name.lower() or "limit" in name.lower()]
    assert bench.call("POST", SHIP, a_shipment()).status == 200
    bench.wait(60)
    assert bench.call("GET", TRACK).status == 200


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("POST", "/api/shipments/v2205/ship", 404),
        ("POST", "/api/shipments/v1/ship", 404),
        ("POST", "/api/shipments/v2601/ship", 404),
        ("GET", "/api/shipments/v2409/ship", 405),
        ("POST", "/api/shipments/v2409/Ship", 404),
        ("POST", "/api/labels/v2603/recovery", 404),
        ("POST", "/api/rating/v2409/shop", 404),
        ("POST", "/api/rating/v1/Shop", 404),
        ("POST", "/api/addressvalidation/v1/3", 404),
        ("GET", "/api/track/v2/details/1ZA1B2C30300000012", 404),
        ("POST", "/api/track/v1/details/1ZA1B2C30300000012", 405),
        ("POST", "/api/track/v1/subscription/standard/account", 404),
        ("DELETE", "/api/track/v2/subscription/standard/package", 405),
        ("GET", "/api/track/v2/subscription/standard/package", 405),
    ],
)
def test_other_versions_paths_and_methods_do_not_exist(method: str, path: str, status: int) -> None:
    assert Bench().call(method, path, {} if method == "POST" else None).status == status


def test_another_version_can_be_switched_to() -> None:
    bench = Bench(ship_version="v2501")
    assert bench.call("POST", "/api/shipments/v2501/ship", a_shipment()).status == 200
    assert bench.call("POST", SHIP, a_shipment()).status == 404


@pytest.mark.parametrize("name", ["transId", "transactionSrc"])
def test_trace_headers_are_required_on_tracking_alerts_and_time_in_transit(name: str) -> None:
    bench = Bench()
    transit = {"originCountryCode": "US", "originPostalCode": "21093"}
    transit |= {"destinationCountryCode": "US", "destinationPostalCode": "11590"}
    assert bench.call("GET", TRACK, headers={name: None}).status == 400
    assert bench.call("POST", "/api/shipments/v1/transittimes", transit, headers={name: None}).status == 400
    alert = {"locale": "en_US", "trackingNumberList": ["1ZCIETST0111111114"]}
    reply = bench.call("POST", "/api/track/v2/subscription/standard/package", alert, headers={name: None})
    assert (reply.status, codes(reply)) == (400, ["VSS002" if name == "transId" else "VSS004"])
    assert bench.call("POST", SHIP, a_shipment(), headers={name: None}).status == 200


@pytest.mark.parametrize(("name", "longest", "code"), [("transId", 32, "VSS003"), ("transactionSrc", 512, "VSS006")])
def test_trace_headers_have_a_longest_length_everywhere(name: str, longest: int, code: str) -> None:
    bench = Bench()
    assert bench.call("GET", TRACK, headers={name: "x" * longest}).status == 200
    assert bench.call("GET", TRACK, headers={name: "x" * (longest + 1)}).status == 400
    assert bench.call("POST", SHIP, a_shipment(), headers={name: "x" * (longest + 1)}).status == 400
    alert = {"locale": "en_US", "trackingNumberList": ["1ZCIETST0111111114"]}
    path = "/api/track/v2/subscription/standard/package"
    assert codes(bench.call("POST", path, alert, headers={name: "x" * (longest + 1)})) == [code]
    assert bench.labels() == []


def test_a_body_that_is_no_json_or_no_json_type_is_refused() -> None:
    bench = Bench()
    for raw in (b"{", b"", b"\xff", b'{"a": NaN}'):
        headers = {"Content-Type": "application/json"}
        reply = bench.call("POST", SHIP, raw=raw, headers={**headers})
        assert (reply.status, codes(reply)) == (400, ["10001"])
    reply = bench.call("POST", SHIP, a_shipment(), headers={"Content-Type": "text/xml"})
    assert (reply.status, codes(reply)) == (400, ["10007"])
    assert bench.labels() == []


def test_the_strict_option_refuses_and_records_what_ups_would_ignore() -> None:
    bench = Bench()
    body = a_shipment()
    label = body["ShipmentRequest"].pop("LabelSpecification")
    body["LabelSpecification"] = label  # beside ShipmentRequest instead of inside
    assert bench.call("POST", SHIP, body).status == 400
    assert bench.call("GET", TRACK, query="returnsignature=true").status == 400
    assert bench.call("GET", TRACK, {"x": 1}).status == 400
    assert bench.call("GET", TRACK, query="locale=en_US&locale=en_US").status == 400
    assert bench.call("POST", SHIP, a_shipment("Łódź")).status == 400
    assert len(bench.simulator.strict_violations) == 5
    assert "LabelSpecification" in bench.simulator.strict_violations[0]
    assert bench.simulator.holdings()["strict_violations"] == bench.simulator.strict_violations
    assert bench.labels() == []


def test_without_the_strict_option_a_misplaced_label_specification_is_ignored_and_a_gif_comes() -> None:
    bench = Bench(strict=False)
    body = a_shipment()
    body["LabelSpecification"] = body["ShipmentRequest"].pop("LabelSpecification")
    shipped = bench.ship(body)["ShipmentResults"]["PackageResults"][0]["ShippingLabel"]
    assert shipped["ImageFormat"]["Code"] == "GIF"
    assert bench.simulator.strict_violations == []


def test_every_answer_carries_trace_headers_and_the_date() -> None:
    bench = Bench(clock_skew_seconds=90)
    reply = bench.call("GET", TRACK)
    assert reply.headers["Date"] == "Mon, 13 Jul 2026 21:00:00 GMT"
    assert {"bkndtransid", "x-request-id"} <= set(reply.headers)


@pytest.mark.parametrize(
    ("fault", "status", "code"),
    [
        (Fault.ERROR_503_AFTER, 503, "10004"),
        (Fault.ERROR_500_AFTER, 500, "20001"),
    ],
)
def test_an_error_that_bought_a_label(fault: Fault, status: int, code: str) -> None:
    bench = Bench()
    bench.simulator.dial.plan(fault, "POST .*/ship$")
    reply = bench.call("POST", SHIP, a_shipment())
    assert (reply.status, codes(reply)) == (status, [code])
    assert len(bench.labels()) == 1


def test_a_dropped_connection_and_a_time_out_after_buying() -> None:
    bench = Bench()
    bench.token()
    bench.simulator.dial.plan(Fault.DROP_AFTER, "POST .*/ship$")
    with pytest.raises(ConnectionDropped):
        bench.call("POST", SHIP, a_shipment())
    bench.simulator.dial.plan(Fault.TIMEOUT_AFTER, "POST .*/ship$")
    with pytest.raises(AnswerTimedOut):
        bench.call("POST", SHIP, a_shipment())
    assert len(bench.labels()) == 2
    assert bench.simulator.calls[-1].status is None


@pytest.mark.parametrize(
    ("fault", "status", "code"),
    [
        (Fault.THROTTLED, 429, "10429"),
        (Fault.TOKEN_EXPIRED, 401, "251004"),
        (Fault.ERROR_500_BEFORE, 500, "20001"),
    ],
)
def test_errors_that_bought_nothing(fault: Fault, status: int, code: str) -> None:
    bench = Bench()
    bench.simulator.dial.plan(fault, "POST .*/ship$")
    reply = bench.call("POST", SHIP, a_shipment())
    assert (reply.status, codes(reply)) == (status, [code])
    assert bench.labels() == []


def test_html_pages_and_garbage() -> None:
    bench = Bench(html_errors=True)
    bench.simulator.dial.plan(Fault.ERROR_503_AFTER, "POST .*/ship$")
    reply = bench.call("POST", SHIP, a_shipment())
    assert (reply.status, reply.headers["Content-Type"]) == (503, "text/html")
    assert reply.body.startswith(b"<HTML>")
    bench.simulator.dial.plan(Fault.GARBAGE_AFTER, "POST .*/ship$")
    reply = bench.call("POST", SHIP, a_shipment())
    assert reply.status == 200
    with pytest.raises(ValueError, match="Expecting"):
        json.loads(reply.body)
    assert len(bench.labels()) == 2


def test_a_partial_answer_of_ship_loses_the_last_package_but_bought_it() -> None:
    bench = Bench()
    bench.simulator.dial.plan(Fault.PARTIAL, "POST .*/ship$")
    results = bench.ship(a_shipment(packages=3))["ShipmentResults"]["PackageResults"]
    assert (len(results), len(bench.labels())) == (2, 3)


def test_a_stale_read_does_not_see_the_last_minute() -> None:
    bench = Bench()
    number = bench.bought()
    bench.simulator.dial.plan(Fault.STALE_READ, "GET .*/track", times=2)
    assert bench.track(number)["warnings"][0]["code"] == "TW0001"
    bench.wait(60)
    assert bench.track(number)["package"][0]["trackingNumber"] == number


def test_slow_moves_the_clock() -> None:
    bench = Bench()
    bench.token()
    bench.simulator.dial.plan(Fault.SLOW, "GET", seconds=12)
    before = bench.now
    bench.call("GET", TRACK)
    assert (bench.now - before).total_seconds() == 12


@pytest.mark.parametrize(
    ("kind", "status"),
    [
        ("empty_200", 200),
        ("errors_in_200", 200),
        ("status_zero", 200),
        ("html_403", 403),
        ("html_503", 503),
        ("unavailable", 503),
        ("legacy_fault", 500),
        ("empty_500", 500),
    ],
)
def test_planned_oddities_come_once_and_may_act(kind: str, status: int) -> None:
    bench = Bench()
    bench.command("plan_answer", kind=kind, match="POST .*/ship$")
    bench.command("plan_answer", kind=kind, match="POST .*/ship$", acts=True)
    assert bench.call("POST", SHIP, a_shipment()).status == status
    assert bench.labels() == []
    odd = bench.call("POST", SHIP, a_shipment())
    assert b"PackageResults" not in odd.body
    assert len(bench.labels()) == 1
    assert bench.call("POST", SHIP, a_shipment()).status == 200
    assert len(bench.labels()) == 2


def test_an_unknown_command_switch_or_oddity_names_the_known_ones() -> None:
    bench = Bench()
    for name, arguments, known in (
        ("deliver", {}, "progress"),
        ("set", {"lag": 1}, "tracking_lag_seconds"),
        ("plan_answer", {"kind": "x"}, "empty_200"),
        ("scan", {"event": "x"}, "out_for_delivery"),
        ("progress", {"to": "x"}, "picked_up"),
        ("set_portal", {"app": "a", "url": "u", "kind": "x"}, "oauth"),
        ("seed_address", {"lines": ["1 A"], "city": "B", "state": "NY", "postal_code": "1", "verdict": "x"}, "ambig"),
    ):
        with pytest.raises(ValueError, match=f"known: .*{known}"):
            bench.command(name, **arguments)
    assert bench.command("set", gmt_times=False)["gmt_times"] is False


def test_tokens_can_be_ended_at_once() -> None:
    bench = Bench()
    token = bench.token()
    assert bench.command("expire_tokens") == 1
    assert codes(bench.call("GET", TRACK, token=token)) == ["251004"]


def test_holdings_are_plain_json_without_secrets() -> None:
    bench = Bench()
    token = bench.token()
    bench.ship(token=token)
    destination = {"url": "https://connector.example.com/h", "credentialType": "Bearer", "credential": "s3cr3t-42"}
    alert = {"locale": "en_US", "trackingNumberList": ["1ZCIETST0111111114"], "destination": destination}
    assert bench.call("POST", "/api/track/v1/subscription/standard/package", alert).status == 200
    text = json.dumps(bench.simulator.holdings())
    assert "s3cr3t-42" not in text
    assert token not in text
    assert DEFAULT_CLIENT.secret not in text


def test_over_real_http_with_the_control_door() -> None:
    bench = Bench()
    with SimulatorServer(bench.simulator) as server:

        def send(method: str, path: str, data: bytes | None, **headers: str) -> tuple[int, Any]:
            sent = {name.replace("_", "-"): value for name, value in headers.items()}
            request = urllib.request.Request(server.url + path, data, sent, method=method)
            with urllib.request.urlopen(request, timeout=10) as reply:
                return reply.status, json.loads(reply.read())

        kind = "application/x-www-form-urlencoded"
        granted = send("POST", TOKEN_PATH, b"grant_type=client_credentials", Content_Type=kind, **BASIC)[1]
        bearer = {"Authorization": f"Bearer {granted['access_token']}", "Content-Type": "application/json"}
        status, shipped = send("POST", SHIP, json.dumps(a_shipment()).encode(), **bearer)
        number = shipped["ShipmentResponse"]["ShipmentResults"]["ShipmentIdentificationNumber"]
        assert status == 200
        command = {"name": "progress", "arguments": {"tracking_number": number}}
        assert send("POST", "/_control/command", json.dumps(command).encode())[1] == {"result": [number]}
        held = send("GET", "/_control/holdings", None)[1]
        assert [(each["tracking_number"], each["status"]) for each in held["labels"]] == [(number, "011")]
        send("POST", "/_control/faults", json.dumps({"fault": "drop_after", "match": "POST .*/ship$"}).encode())
        with pytest.raises((ConnectionError, urllib.error.URLError)):
            send("POST", SHIP, json.dumps(a_shipment()).encode(), **bearer)
        assert len(send("GET", "/_control/holdings", None)[1]["labels"]) == 2


def test_two_threads_buy_two_different_labels() -> None:
    bench = Bench()
    bench.token()
    threads = [threading.Thread(target=bench.ship) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len({each["tracking_number"] for each in bench.labels()}) == 6


def test_the_simulator_shares_nothing_with_the_product_and_asks_no_clock() -> None:
    folder = Path(ups.__file__).parent
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
    assert {name.split(".")[0] for name in imported} - set(sys.stdlib_module_names) == {"local"}
    texts = {file.name: file.read_text("utf-8") for file in folder.glob("*.py")}
    assert [name for name, text in texts.items() if re.search(r"datetime\.now\(|time\.time\(|sleep\(", text)] == []
    assert [name for name, text in texts.items() if text.count("\n") > 250] == []


def test_it_is_a_simulator() -> None:
    from local.simulators.base import Simulator

    made: Simulator = UpsSimulator(lambda: START)
    assert made.name == "ups"
