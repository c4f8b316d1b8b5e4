"""Who is let in: bearer, cookies, endpoint versions, seats, one request at a time (rules 1 and 2)."""

from __future__ import annotations

import json

import pytest

from local.simulators.base import Request
from tests.simulators.acumatica_requests import ENDPOINT, Caller, body


@pytest.mark.parametrize("headers", [{}, {"Authorization": "Bearer stale"}, {"Cookie": "ASP.NET_SessionId=guess"}])
def test_without_bearer_or_cookie_401(headers: dict[str, str]) -> None:
    caller = Caller()
    assert caller.raw("GET", f"{ENDPOINT}/SalesOrder", headers=headers).status == 401


@pytest.mark.parametrize(
    "path",
    [
        "/Acme/entity/Default/20.200.001/SalesOrder",
        "/Acme/entity/Default/26.200.001/SalesOrder",
        "/Acme/entity/Default/25.200.002/SalesOrder",
        "/Acme/entity/default/25.200.001/SalesOrder",
        f"{ENDPOINT}/Salesorder",
        f"{ENDPOINT}/PurchaseOrder",
        "/Acme/Acme/entity/Default/25.200.001/SalesOrder",
        "/entity/Default/25.200.001/SalesOrder",
    ],
)
def test_unknown_version_entity_or_doubled_virtual_directory_404(path: str) -> None:
    assert Caller().call("GET", path).status == 404


def test_unknown_action_404() -> None:
    caller = Caller()
    caller.order("SO000001")
    asked = {"entity": {"OrderType": {"value": "SO"}, "OrderNbr": {"value": "SO000001"}}}
    assert caller.call("POST", "SalesOrder/ConfirmShipment", asked).status == 404


def test_both_served_versions_answer_and_differ_only_in_the_contract() -> None:
    caller = Caller()
    caller.order("SO000001")
    old = "/Acme/entity/Default/24.200.001/SalesOrder/SO/SO000001?$expand=ShipToAddress"
    assert "BuildingName" not in caller.get(old)["ShipToAddress"]
    assert "BuildingName" in caller.get("SalesOrder/SO/SO000001?$expand=ShipToAddress")["ShipToAddress"]


def test_the_list_of_endpoints_is_open_and_holds_the_version_nobody_should_pick() -> None:
    caller = Caller()
    found = body(caller.raw("GET", "/Acme/entity"))
    assert found["version"]["acumaticaBuildVersion"] == "26.101.0225"
    versions = {row["version"] for row in found["endpoints"] if row["name"] == "Default"}
    assert {"20.200.001", "24.200.001", "25.200.001", "26.200.001"} <= versions
    caller.simulator.command("switch", {"entity_root_as_array": True})
    assert isinstance(body(caller.raw("GET", "/Acme/entity")), list)


def test_an_expired_token_401_and_the_session_of_scope_api_ends_with_it() -> None:
    caller = Caller("api")
    caller.get("Warehouse")
    assert len(caller.simulator.sessions.open) == 1
    caller.wait(3600)
    assert caller.call("GET", "Warehouse").status == 401
    assert caller.simulator.holdings()["open_sessions"] == 0


def test_no_free_seat_500_with_the_licence_text_or_429() -> None:
    caller = Caller(seeded=False)
    caller.simulator.command("seats", {"seats": 1})
    caller.get("Warehouse")
    second = {"Authorization": f"Bearer {caller.sign_in('api')['access_token']}"}
    reply = caller.raw("GET", f"{ENDPOINT}/Warehouse", headers=second)
    assert reply.status == 500
    assert "API Login Limit" in body(reply)["exceptionMessage"]
    assert "CheckApiUsersLimits" in body(reply)["stackTrace"]
    caller.simulator.command("switch", {"login_limit_status": 429})
    assert caller.raw("GET", f"{ENDPOINT}/Warehouse", headers=second).status == 429
    # logout frees the seat; the bearer itself stays good
    assert caller.raw("POST", "/Acme/entity/auth/logout", headers=caller.headers).status == 204
    assert caller.raw("GET", f"{ENDPOINT}/Warehouse", headers=second).status == 200
    assert caller.call("GET", "Warehouse").status == 429


def test_refreshed_tokens_of_offline_access_share_one_seat_and_those_of_api_do_not() -> None:
    caller = Caller(seeded=False)
    caller.simulator.command("seats", {"seats": 1})
    granted = caller.sign_in()
    refreshed = body(caller.token(grant_type="refresh_token", refresh_token=granted["refresh_token"]))
    for token in (granted["access_token"], refreshed["access_token"]):
        assert caller.raw("GET", f"{ENDPOINT}/Warehouse", headers={"Authorization": f"Bearer {token}"}).status == 200
    lone = {"Authorization": f"Bearer {caller.sign_in('api')['access_token']}"}
    assert caller.raw("GET", f"{ENDPOINT}/Warehouse", headers=lone).status == 500


def test_concurrent_access_without_cookies_takes_a_seat_per_call() -> None:
    caller = Caller("api:concurrent_access", seeded=False)
    caller.simulator.command("seats", {"seats": 2})
    first = caller.call("GET", "Warehouse")
    caller.get("Warehouse", Cookie=first.headers["Set-Cookie"].split(";")[0])
    caller.get("Warehouse")
    assert caller.call("GET", "Warehouse").status == 500


def test_an_idle_session_gives_its_seat_back() -> None:
    caller = Caller(seeded=False)
    caller.get("Warehouse")
    caller.wait(20 * 60)
    assert caller.simulator.holdings()["open_sessions"] == 0


def test_while_an_operation_runs_only_its_status_succeeds() -> None:
    caller = Caller()
    caller.order("SO000001")
    asked = {"entity": {"OrderType": {"value": "SO"}, "OrderNbr": {"value": "SO000001"}}}
    started = caller.call("POST", "SalesOrder/SalesOrderCreateShipment", asked)
    assert started.status == 202
    for method, target, document in (
        ("GET", "Warehouse", None),
        ("PUT", "Customer", {"CustomerID": {"value": "QUILL"}}),
        ("POST", "SalesOrder/SalesOrderCreateShipment", asked),
    ):
        refused = caller.call(method, target, document)
        assert (refused.status, body(refused)["exceptionMessage"][:12]) == (500, "The previous")
    other = {"Authorization": f"Bearer {caller.sign_in()['access_token']}"}
    assert caller.raw("GET", f"{ENDPOINT}/Warehouse", headers=other).status == 200
    assert caller.raw("GET", started.headers["Location"], headers=other).status == 404
    assert caller.call("GET", started.headers["Location"]).status == 202


def test_cookie_login_needs_both_cookies_and_the_right_tenant() -> None:
    caller = Caller()
    right = {"name": "mlc-api", "password": caller.simulator.password, "tenant": "Company"}
    sent = {"Content-Type": "application/json"}
    login = "/Acme/entity/auth/login"
    wrong_tenant = caller.raw("POST", login, json.dumps({**right, "tenant": "Other"}).encode(), sent)
    assert (wrong_tenant.status, body(wrong_tenant)["exceptionType"]) == (500, "PX.Data.PXUndefinedCompanyException")
    assert caller.raw("POST", login, json.dumps({**right, "password": "no"}).encode(), sent).status == 500
    reply = caller.raw("POST", login, json.dumps({**right, "company": "Company"}).encode(), sent)
    assert (reply.status, reply.body) == (204, b"")
    cookies = [value.split(";")[0] for name, value in reply.headers.items() if name.lower() == "set-cookie"]
    assert caller.raw("GET", f"{ENDPOINT}/Warehouse", headers={"Cookie": cookies[0]}).status == 401
    both = {"Cookie": "; ".join(cookies)}
    assert caller.raw("GET", f"{ENDPOINT}/Warehouse", headers=both).status == 200
    assert caller.raw("POST", "/Acme/entity/auth/logout", headers=both).status == 204
    assert caller.raw("GET", f"{ENDPOINT}/Warehouse", headers=both).status == 401


def test_logout_without_content_length_411_and_for_nobody_204() -> None:
    caller = Caller()
    bare = caller.simulator.handle(Request("POST", "/Acme/entity/auth/logout"))
    assert (bare.status, bare.headers["Content-Type"]) == (411, "text/html")
    assert caller.raw("POST", "/Acme/entity/auth/logout").status == 204


def test_missing_rights_403_name_the_form_and_a_grant_needs_a_new_session() -> None:
    caller = Caller()
    caller.simulator.command("deny", {"entity": "Bill"})
    reply = caller.call("GET", "Bill")
    assert (reply.status, "AP301000" in body(reply)["message"]) == (403, True)
    caller.simulator.command("grant", {"entity": "Bill"})
    assert caller.call("GET", "Bill").status == 403
    caller.raw("POST", "/Acme/entity/auth/logout", headers=caller.headers)
    assert caller.call("GET", "Bill").status == 200
