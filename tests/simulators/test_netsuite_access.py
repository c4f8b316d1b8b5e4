"""Who may call the simulated NetSuite, and how often: certificates, assertions, tokens, the role, concurrency."""

from __future__ import annotations

import threading
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

import pytest

from local.simulators.base import AnswerTimedOut, ConnectionDropped, Fault, Request
from local.simulators.netsuite import DEFAULT_CLIENT
from local.simulators.server import SimulatorServer
from tests.simulators.netsuite_bench import (
    ASSERTION_TYPE,
    BASE,
    START,
    TOKEN_PATH,
    TOKEN_URL,
    Bench,
    a_certificate,
    a_key,
    detail,
    document,
    kid_of,
    sign,
)

HEAD = {"typ": "JWT", "alg": "ES256"}


@pytest.fixture
def bench() -> Bench:
    return Bench()


def assertion(bench: Bench, head: dict[str, Any] | None = None, **claims: Any) -> str:
    return sign(bench.key, {**HEAD, "kid": bench.kid, **(head or {})}, bench.claims(**claims))


# -- rule 1: the token endpoint


def test_a_good_assertion_gives_a_token_for_an_hour(bench: Bench) -> None:
    reply = bench.token_call()
    found = document(reply)
    assert (reply.status, found["expires_in"], found["token_type"]) == (200, 3600, "Bearer")
    assert bench.call("GET", f"{BASE}/system/v1/serverTime").status == 200


@pytest.mark.parametrize("kind", ["RSA3072", "ES384"])
def test_other_keys_of_the_allowed_list_work(bench: Bench, kind: str) -> None:
    key = a_key(kind)
    pem = a_certificate(key)
    kid = bench.command("upload_certificate", client_id=DEFAULT_CLIENT, pem=pem)
    assert kid == kid_of(pem)
    if kind == "RSA3072":
        assert bench.token_call(sign(key, {"typ": "JWT", "alg": "PS256", "kid": kid}, bench.claims())).status == 200
    else:  # signed with SHA-256 by the bench, but the header says ES384
        reply = bench.token_call(sign(key, {"typ": "JWT", "alg": "ES384", "kid": kid}, bench.claims()))
        assert (reply.status, document(reply)) == (401, {"error": "invalid_client"})


@pytest.mark.parametrize(
    ("head", "claims", "status", "name"),
    [
        ({"alg": "RS256"}, {}, 400, "invalid_request"),
        ({"alg": "HS256"}, {}, 400, "invalid_request"),
        ({"alg": "none"}, {}, 400, "invalid_request"),
        ({"typ": "JOSE"}, {}, 400, "invalid_request"),
        ({"kid": "A" * 43}, {}, 401, "invalid_client"),
        ({"alg": "PS256"}, {}, 401, "invalid_client"),
        ({"alg": "ES384"}, {}, 401, "invalid_client"),
        ({}, {"iss": "0" * 64}, 401, "invalid_client"),
        ({}, {"aud": TOKEN_URL.replace("1234567-sb1", "7654321")}, 400, "invalid_grant"),
        ({}, {"aud": TOKEN_URL.replace("1234567-sb1", "1234567_SB1")}, 400, "invalid_grant"),
        ({}, {"exp": int(START.timestamp()) + 3601}, 400, "invalid_grant"),
        ({}, {"exp": int(START.timestamp())}, 400, "invalid_grant"),
        ({}, {"exp": "soon"}, 400, "invalid_grant"),
        ({}, {"iat": ...}, 400, "invalid_grant"),
        ({}, {"iat": int(START.timestamp()) + 61, "exp": int(START.timestamp()) + 300}, 400, "invalid_grant"),
        ({}, {"scope": ["restlets"]}, 400, "invalid_scope"),
        ({}, {"scope": ["rest_webservices", "mcp"]}, 400, "invalid_scope"),
        ({}, {"scope": ...}, 400, "invalid_scope"),
    ],
)
def test_assertions_that_are_refused(
    bench: Bench, head: dict[str, Any], claims: dict[str, Any], status: int, name: str
) -> None:
    reply = bench.token_call(assertion(bench, head, **claims))
    assert (reply.status, document(reply)) == (status, {"error": name})
    assert ("WWW-Authenticate" in reply.headers) == (status == 401)
    assert bench.simulator.holdings()["tokens_refused"] == 1


def test_an_assertion_of_exactly_sixty_minutes_works_and_is_noted(bench: Bench) -> None:
    issued = int(START.timestamp())
    assert bench.token_call(assertion(bench, iat=issued, exp=issued + 3600)).status == 200
    assert "60 minutes" in bench.simulator.holdings()["warnings"][0]


def test_scope_may_be_a_single_string(bench: Bench) -> None:
    assert bench.token_call(assertion(bench, scope="rest_webservices")).status == 200


def test_a_changed_payload_is_noticed(bench: Bench) -> None:
    head, _, signature = assertion(bench).split(".")
    other = assertion(bench, jti="another").split(".")[1]
    assert bench.token_call(f"{head}.{other}.{signature}").status == 401


def form(**changes: str) -> bytes:
    good = {"grant_type": "client_credentials", "client_assertion_type": ASSERTION_TYPE, "client_assertion": "a.b.c"}
    return urlencode({**good, **changes}).encode()


@pytest.mark.parametrize(
    ("body", "headers", "name"),
    [
        (form(), {"Content-Type": "application/json"}, "invalid_request"),
        (form() + b"&grant_type=client_credentials", {}, "invalid_request"),
        (form(client_secret="x"), {}, "invalid_request"),
        (form(client_assertion_type="jwt"), {}, "invalid_request"),
        (form(), {"Authorization": "Basic eDp5"}, "invalid_request"),
        (form(), {}, "invalid_request"),
        (form(grant_type="refresh_token"), {}, "unsupported_grant_type"),
        (b"", {}, "invalid_request"),
    ],
)
def test_token_requests_of_the_wrong_form(bench: Bench, body: bytes, headers: dict[str, str], name: str) -> None:
    reply = bench.token_call(body=body, headers=headers)
    assert (reply.status, document(reply)) == (400, {"error": name})


def test_the_token_endpoint_takes_post_only(bench: Bench) -> None:
    assert bench.simulator.handle(Request("GET", TOKEN_PATH)).status == 405


def test_on_loopback_the_audience_is_the_url_that_was_called(bench: Bench) -> None:
    local = f"http://127.0.0.1:8123{TOKEN_PATH}"
    assert bench.token_call(assertion(bench, aud=local), headers={"Host": "127.0.0.1:8123"}).status == 200
    assert bench.token_call(assertion(bench, aud=local), headers={"Host": "evil.example"}).status == 400


# -- certificates


@pytest.mark.parametrize("kind", ["RSA2048"])
def test_short_rsa_keys_are_not_taken(bench: Bench, kind: str) -> None:
    with pytest.raises(ValueError, match="3072 or 4096"):
        bench.command("upload_certificate", client_id=DEFAULT_CLIENT, pem=a_certificate(a_key(kind)))


def test_a_certificate_serves_one_combination(bench: Bench) -> None:
    with pytest.raises(ValueError, match="mapped already"):
        bench.command("upload_certificate", client_id="other", pem=bench.pem)


def test_a_certificate_ends_after_two_years_whatever_it_says(bench: Bench) -> None:
    key = a_key("ES384")
    pem = a_certificate(key, days=3000)
    bench.command("upload_certificate", client_id=DEFAULT_CLIENT, pem=pem)
    mapping = bench.simulator.world.mappings[-1]
    assert mapping.not_after - mapping.not_before == timedelta(days=731)


def test_an_expired_certificate_gives_no_token(bench: Bench) -> None:
    bench.wait(700 * 86400)
    reply = bench.token_call()
    assert (reply.status, document(reply)) == (401, {"error": "invalid_client"})


def test_a_revoked_certificate_ends_its_tokens(bench: Bench) -> None:
    bench.own_token()
    assert bench.command("revoke_certificate", certificate_id=bench.kid) == 1
    assert bench.call("GET", f"{BASE}/system/v1/serverTime").status == 401
    assert bench.token_call().status == 401


def test_a_sandbox_refresh_wipes_the_mappings(bench: Bench) -> None:
    assert bench.command("refresh_sandbox") == 1
    assert bench.token_call().status == 401


# -- tokens on calls


def test_tokens_end_after_their_stated_time(bench: Bench) -> None:
    token = bench.own_token()
    bench.wait(3600)
    headers = {"Authorization": f"Bearer {token}"}
    reply = bench.call("GET", f"{BASE}/system/v1/serverTime", headers=headers)  # type: ignore[arg-type]
    assert (reply.status, detail(reply)["o:errorCode"]) == (401, "INVALID_LOGIN")
    assert 'error="invalid_token"' in reply.headers["WWW-Authenticate"]


@pytest.mark.parametrize(("given", "status"), [(None, 401), ("Bearer nonsense", 401), ("Basic eDp5", 400)])
def test_calls_without_a_good_token(bench: Bench, given: str | None, status: int) -> None:
    reply = bench.call("GET", f"{BASE}/system/v1/serverTime", headers={"Authorization": given})
    assert reply.status == status


def test_every_token_can_be_ended(bench: Bench) -> None:
    bench.own_token()
    assert bench.command("expire_tokens") == 1
    assert bench.call("GET", f"{BASE}/system/v1/serverTime").status == 401


# -- the role


def test_a_missing_permission_looks_like_a_record_type_that_does_not_exist(bench: Bench) -> None:
    order = bench.purchase_order()
    bench.command("set_permission", permission="TRAN_PURCHORD", granted=False)
    reply = bench.call("GET", f"purchaseOrder/{order}")
    assert (reply.status, detail(reply)["o:errorCode"]) == (404, "NONEXISTENT_ID")
    assert "does not exist" in detail(reply)["detail"]
    assert bench.rows("SELECT id FROM transaction") == []
    bench.command("set", missing_permission="forbidden")
    assert bench.call("GET", f"purchaseOrder/{order}").status == 403
    bench.command("set_permission", permission="TRAN_PURCHORD", granted=True)
    assert bench.call("GET", f"purchaseOrder/{order}").status == 200


def test_a_transform_needs_the_permission_of_its_own(bench: Bench) -> None:
    order = bench.purchase_order()
    bench.command("set_permission", permission="TRAN_PURCHORDRECEIVE", granted=False)
    assert bench.transform(f"purchaseOrder/{order}", "itemReceipt", {}).status == 404


@pytest.mark.parametrize("permission", ["ADMI_RESTWEBSERVICES", "ADMI_LOGIN_OAUTH2"])
def test_the_role_must_be_let_in_at_all(bench: Bench, permission: str) -> None:
    bench.command("set_permission", permission=permission, granted=False)
    assert bench.call("GET", f"{BASE}/system/v1/serverTime").status == 401


def test_queries_need_the_workbook_permission(bench: Bench) -> None:
    bench.command("set_permission", permission="REPO_ANALYTICS", granted=False)
    reply = bench.query("SELECT id FROM transaction")
    assert (reply.status, "was not found" in detail(reply)["detail"]) == (400, True)


def test_a_list_permission_hides_its_table(bench: Bench) -> None:
    bench.command("set_permission", permission="LIST_ITEM", granted=False)
    assert "Record 'item' was not found" in detail(bench.query("SELECT id FROM item"))["detail"]
    assert bench.rows("SELECT id FROM location WHERE id = 6") == [{"id": "6"}]


def test_a_location_restriction_loses_lines_without_a_word(bench: Bench) -> None:
    bench.purchase_order()
    query = "SELECT tl.id FROM transactionline tl WHERE tl.mainline = 'F'"
    assert len(bench.rows(query)) == 2
    bench.command("restrict_role", locations=[7])
    assert bench.rows(query) == []


def test_no_unknown_permission_is_taken(bench: Bench) -> None:
    with pytest.raises(ValueError, match="no permission"):
        bench.command("set_permission", permission="TRAN_MAGIC", granted=False)


def test_governance_limits_are_for_administrators(bench: Bench) -> None:
    assert bench.call("GET", f"{BASE}/system/v1/governanceLimits").status == 403
    bench.command("restrict_role", administrator=True)
    assert document(bench.call("GET", f"{BASE}/system/v1/governanceLimits"))["accountConcurrencyLimit"] == 5


def test_the_catalogue_names_what_the_role_sees(bench: Bench) -> None:
    query = {"select": "salesOrder,itemFulfillment"}
    found = document(bench.call("GET", "metadata-catalog", query=query))
    assert [each["name"] for each in found["items"]] == ["salesOrder", "itemFulfillment"]
    bench.command("set_permission", permission="TRAN_ITEMSHIP", granted=False)
    assert bench.call("GET", "metadata-catalog", query=query).status == 404


def test_server_time_is_utc(bench: Bench) -> None:
    assert document(bench.call("GET", f"{BASE}/system/v1/serverTime")) == {"serverTime": "2026-07-13T20:58:30.000Z"}


# -- rule 7: concurrency and faults


def test_more_requests_at_once_than_the_account_has_slots(bench: Bench) -> None:
    bench.own_token()
    bench.command("occupy", slots=5)
    reply = bench.call("GET", f"{BASE}/system/v1/serverTime")
    assert (reply.status, detail(reply)["o:errorCode"]) == (429, "CONCURRENCY_LIMIT_EXCEEDED")
    assert "Retry-After" not in reply.headers
    assert bench.token_call().status == 200  # tokens are not governed
    bench.command("occupy", slots=4)
    assert bench.call("GET", f"{BASE}/system/v1/serverTime").status == 200


def test_overload_can_look_like_a_late_401(bench: Bench) -> None:
    bench.own_token()
    bench.command("set", overload_as_401=True)
    bench.command("occupy", slots=5)
    before = bench.now
    reply = bench.call("GET", f"{BASE}/system/v1/serverTime")
    assert (reply.status, bench.now - before) == (401, timedelta(seconds=60))
    bench.command("occupy", slots=0)
    assert bench.call("GET", f"{BASE}/system/v1/serverTime").status == 200  # the token was good all along


def test_parallel_requests_over_http_are_counted(bench: Bench) -> None:
    token = bench.own_token()
    bench.command("set", concurrency_limit=1)
    barrier, seen = threading.Barrier(2), []
    inner = bench.simulator._act

    def slow(request: Request) -> Any:
        barrier.wait(10)
        return inner(request)

    def ask() -> None:
        try:
            seen.append(bench.simulator.handle(request).status)
        finally:
            barrier.abort()

    def ask_in_vain() -> None:
        with pytest.raises(threading.BrokenBarrierError):
            ask()

    request = Request("GET", f"{BASE}/system/v1/serverTime", "", {"Authorization": f"Bearer {token}"})
    bench.simulator._act = slow  # type: ignore[method-assign]
    first = threading.Thread(target=ask_in_vain)
    first.start()
    while bench.simulator.world.counters.in_flight == 0:
        pass
    ask()
    first.join(10)
    assert seen == [429]


@pytest.mark.parametrize(
    ("fault", "status", "acted"),
    [
        (Fault.ERROR_500_BEFORE, 500, False),
        (Fault.ERROR_500_AFTER, 500, True),
        (Fault.ERROR_503_AFTER, 503, True),
        (Fault.THROTTLED, 429, False),
        (Fault.TOKEN_EXPIRED, 401, False),
        (Fault.GARBAGE_AFTER, 204, True),
    ],
)
def test_faults_that_answer(bench: Bench, fault: Fault, status: int, acted: bool) -> None:
    order = bench.purchase_order()
    bench.simulator.dial.plan(fault, "itemReceipt")
    reply = bench.transform(f"purchaseOrder/{order}", "itemReceipt", {"externalId": "SB-IR-1"})
    assert (reply.status, len(bench.held("itemReceipt"))) == (status, int(acted))
    if status in (500, 503):
        assert "Error ID" in detail(reply)["detail"]


@pytest.mark.parametrize(("fault", "acted"), [(Fault.TIMEOUT_AFTER, True), (Fault.DROP_BEFORE, False)])
def test_faults_without_an_answer(bench: Bench, fault: Fault, acted: bool) -> None:
    order = bench.purchase_order()
    bench.simulator.dial.plan(fault, "itemReceipt")
    with pytest.raises((AnswerTimedOut, ConnectionDropped)):
        bench.transform(f"purchaseOrder/{order}", "itemReceipt", {"externalId": "SB-IR-1"})
    assert len(bench.held("itemReceipt")) == int(acted)
    assert bench.simulator.calls[-1].status is None


def test_a_stale_read_does_not_see_the_last_minute(bench: Bench) -> None:
    order = bench.purchase_order()
    bench.wait(90)
    bench.saved(bench.transform(f"purchaseOrder/{order}", "itemReceipt", {"externalId": "SB-IR-1"}))
    query = "SELECT id FROM transaction t WHERE t.externalid = 'SB-IR-1'"
    bench.simulator.dial.plan(Fault.STALE_READ, "suiteql")
    assert bench.rows(query) == []
    assert len(bench.rows(query)) == 1


def test_a_partial_page_says_that_more_follows(bench: Bench) -> None:
    for _ in range(2):
        bench.purchase_order()
    query = "SELECT id FROM transaction ORDER BY id"
    bench.simulator.dial.plan(Fault.PARTIAL, "suiteql")
    cut = document(bench.query(query))
    assert (cut["count"], len(cut["items"]), cut["hasMore"]) == (1, 1, True)
    assert document(bench.query(query))["hasMore"] is False


# -- asynchronous requests


def test_an_asynchronous_write_is_a_job(bench: Bench) -> None:
    order = bench.purchase_order()
    headers = {"Prefer": "respond-async", "X-NetSuite-Idempotency-Key": "6f0c"}
    path, body = f"purchaseOrder/{order}", {"externalId": "SB-IR-1"}
    reply = bench.transform(path, "itemReceipt", body, headers=headers)
    assert (reply.status, reply.body) == (202, b"")
    job = reply.headers["Location"]
    assert bench.call("GET", f"{job}/task/1/result").status == 404
    assert document(bench.call("GET", job))["progress"] == "pending"
    assert document(bench.call("GET", job))["progress"] == "succeeded"
    assert document(bench.call("GET", f"{job}/task"))["totalResults"] == 1
    assert document(bench.call("GET", f"{job}/task/1"))["completed"] is True
    assert bench.call("GET", f"{job}/task/1/result").status == 204
    again = bench.transform(path, "itemReceipt", body, headers=headers)
    assert (again.status, detail(again)["o:errorCode"]) == (400, "IDEMPOTENCY_ERROR")
    assert again.headers["Location"] == job
    assert len(bench.held("itemReceipt")) == 1


def test_the_idempotency_key_is_ignored_on_synchronous_calls(bench: Bench) -> None:
    order = bench.purchase_order(("TEE-BLK-M", 10))
    body = {"item": {"items": [{"orderLine": 1, "quantity": 2}]}}
    for _ in range(2):
        headers = {"X-NetSuite-Idempotency-Key": "6f0c"}
        bench.saved(bench.transform(f"purchaseOrder/{order}", "itemReceipt", body, headers=headers))
    assert len(bench.held("itemReceipt")) == 2


def test_no_such_job(bench: Bench) -> None:
    assert bench.call("GET", f"{BASE}/async/v1/job/9").status == 404


# -- the door


def test_it_runs_behind_a_real_server(bench: Bench) -> None:
    from urllib.request import Request as HttpRequest
    from urllib.request import urlopen

    with SimulatorServer(bench.simulator) as server:
        asked = HttpRequest(f"{server.url}{BASE}/system/v1/serverTime")
        asked.add_header("Authorization", f"Bearer {bench.own_token()}")
        with urlopen(asked, timeout=10) as answer:
            assert answer.status == 200


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", f"{BASE}/nothing", 404),
        ("GET", "magicOrder/1", 404),
        ("POST", "purchaseOrder/1", 405),
        ("PUT", "purchaseOrder", 405),
        ("GET", f"{BASE}/query/v1/suiteql", 405),
        ("GET", "purchaseOrder/1/!transform/itemReceipt", 405),
    ],
)
def test_paths_and_methods_that_are_not_there(bench: Bench, method: str, path: str, status: int) -> None:
    assert bench.call(method, path, {} if method != "GET" else None).status == status


def test_unknown_commands_and_switches_are_named(bench: Bench) -> None:
    with pytest.raises(ValueError, match="no command"):
        bench.command("dance")
    with pytest.raises(ValueError, match="no switch"):
        bench.command("set", music=True)
    assert bench.command("set")["strict"] is True
