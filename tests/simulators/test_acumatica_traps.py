"""Licence throttling, files, the dial of faults, real HTTP, and the traps of rule 8."""

from __future__ import annotations

import json
import threading
import urllib.error
import urllib.request
from datetime import UTC, datetime
from urllib.parse import urlencode

import pytest

from local.simulators.acumatica import AcumaticaSimulator
from local.simulators.acumatica.seed import seed_company, seed_orders
from local.simulators.base import AnswerTimedOut, ConnectionDropped, Fault, Reply
from local.simulators.server import SimulatorServer
from tests.simulators.acumatica_requests import ENDPOINT, Caller, body, v

# -- throttling


def test_half_of_the_minute_is_free_then_every_request_is_silently_delayed() -> None:
    waited: list[float] = []
    caller = Caller(seeded=False, advance=waited.append)
    caller.wait(120)
    caller.simulator.command("switch", {"requests_per_minute": 150})
    for _ in range(75):
        caller.get("Warehouse")
    assert caller.simulator.delays == waited == []
    caller.wait(45)
    caller.get("Warehouse")
    assert caller.simulator.delays == waited == [pytest.approx((60 - 45) / (150 - 75))]


def test_a_full_queue_declines_with_plain_text_429_and_no_hint() -> None:
    caller = Caller(seeded=False)
    caller.wait(120)
    caller.simulator.command("switch", {"requests_per_minute": 2})
    replies = [caller.call("GET", "Warehouse") for _ in range(23)]
    assert [reply.status for reply in replies] == [200] * 22 + [429]
    assert replies[-1].headers["Content-Type"] == "text/plain"
    assert "Retry-After" not in replies[-1].headers
    caller.wait(60)
    assert caller.call("GET", "Warehouse").status == 200


# -- files


def shipment_with_package(caller: Caller) -> str:
    """The `files:put` address of a package row."""
    caller.order("SO000001")
    caller.shipment("SO000001")
    made = caller.put(
        "Shipment?$expand=Packages&$select=Packages",
        {"ShipmentNbr": v("SH000001"), "Packages": [{"BoxID": v("DEFAULT"), "TrackingNbr": v("1Z1")}]},
    )
    return str(made["Packages"][0]["_links"]["files:put"])


def put_file(caller: Caller, address: str, content: bytes, **headers: str) -> Reply:
    sent = {**caller.headers, "Content-Type": "application/octet-stream"}
    return caller.raw(
        "PUT", address, content, sent | {name.replace("_", "-"): value for name, value in headers.items()}
    )


def test_a_label_goes_to_the_address_of_its_row_and_the_same_name_overwrites() -> None:
    caller = Caller()
    template = shipment_with_package(caller)
    assert template.startswith(f"{ENDPOINT}/files/PX.Objects.SO.SOShipmentEntry/Packages/")
    address = template.replace("{filename}", "ups-1Z1.gif")
    first = put_file(caller, address, b"GIF89a-one", PX_CbFileComment="UPS label")
    assert (first.status, first.headers["Location"].startswith(f"{ENDPOINT}/files/")) == (204, True)
    assert put_file(caller, address, b"GIF89a-two").status == 204
    files = caller.held("Shipment", "SH000001")["Packages"][0]["files"]
    assert [(file["name"], file["size"]) for file in files] == [("ups-1Z1.gif", 10)]
    assert caller.call("GET", first.headers["Location"]).body == b"GIF89a-two"
    header = template.replace("Packages", "Document").rsplit("/", 2)[0]
    shipment = caller.get("Shipment/SH000001?$expand=files")
    own = shipment["_links"]["files:put"]
    assert own.startswith(header)
    put_file(caller, own.replace("{filename}", "slip.pdf"), b"%PDF")
    listed = caller.get("Shipment/SH000001?$expand=files")["files"]
    assert listed[0]["filename"] == "Shipments (SH000001)\\slip.pdf"


def test_wrong_file_addresses_types_and_comments_are_refused() -> None:
    caller = Caller()
    template = shipment_with_package(caller)
    record = caller.get("Shipment/SH000001")["id"]
    assert put_file(caller, f"{ENDPOINT}/Shipment/{record}/files/x.gif", b"x").status == 404
    assert put_file(caller, f"{ENDPOINT}/Shipment/SH000001/files/by-key.gif", b"x").status == 204
    assert put_file(caller, f"{ENDPOINT}/SalesOrder/{record}/files/x.gif", b"x").status == 404
    assert put_file(caller, template.replace("Packages", "Boxes").replace("{filename}", "x"), b"x").status == 404
    address = template.replace("{filename}", "x.gif")
    assert put_file(caller, address, b"x", PX_CbFileComment="c" * 501).status == 400
    sent = {**caller.headers, "Content-Type": "image/gif"}
    assert caller.raw("PUT", address, b"x", sent).status == 415
    assert put_file(caller, address.replace("/Acme/", "/Acme/Acme/"), b"x").status == 404
    assert "files" not in caller.held("Shipment", "SH000001")["Packages"][0]


# -- the dial


def test_faults_before_leave_nothing_and_faults_after_leave_a_document() -> None:
    caller = Caller()
    document = {"CustomerID": v("QUILL"), "Details": [{"InventoryID": v("0041"), "OrderQty": v(1)}]}
    dial = caller.simulator.dial
    broken: dict[Fault, type[Exception]] = {
        Fault.DROP_BEFORE: ConnectionDropped,
        Fault.TIMEOUT_BEFORE: AnswerTimedOut,
        Fault.DROP_AFTER: ConnectionDropped,
        Fault.TIMEOUT_AFTER: AnswerTimedOut,
    }
    for fault, status in ((Fault.ERROR_500_BEFORE, 500), (Fault.THROTTLED, 429), (Fault.TOKEN_EXPIRED, 401)):
        dial.plan(fault, r"PUT .*/SalesOrder$")
        assert caller.call("PUT", "SalesOrder", document).status == status
    for (fault, error), count in zip(broken.items(), (0, 0, 1, 2), strict=True):
        dial.plan(fault, r"PUT .*/SalesOrder$")
        with pytest.raises(error):
            caller.call("PUT", "SalesOrder", document)
        assert len(caller.simulator.holdings()["SalesOrder"]) == count
    dial.plan(Fault.GARBAGE_AFTER, r"PUT .*/SalesOrder$")
    garbage = caller.call("PUT", "SalesOrder", document)
    with pytest.raises(ValueError, match="Expecting"):
        body(garbage)
    assert (garbage.status, len(caller.simulator.holdings()["SalesOrder"])) == (200, 3)


def test_a_stale_read_shows_the_store_before_the_last_write() -> None:
    caller = Caller()
    caller.order("SO000001")
    caller.order("SO000002")
    listed = "SalesOrder?$select=OrderNbr"
    caller.simulator.dial.plan(Fault.STALE_READ)
    assert len(caller.get(listed)) == 1
    assert len(caller.get(listed)) == 2


def test_a_partial_list_loses_rows() -> None:
    caller = Caller()
    for n in range(4):
        caller.order(f"SO00000{n}")
    caller.simulator.dial.plan(Fault.PARTIAL)
    assert len(caller.get("SalesOrder?$select=OrderNbr")) == 2


def test_a_slow_answer_moves_the_clock_it_was_given() -> None:
    waited: list[float] = []
    caller = Caller(advance=waited.append)
    caller.simulator.dial.plan(Fault.SLOW, seconds=42.0)
    caller.get("Warehouse")
    assert waited == [42.0]


def test_every_call_is_logged_with_what_the_caller_saw() -> None:
    caller = Caller()
    caller.simulator.dial.plan(Fault.DROP_AFTER, "Warehouse")
    with pytest.raises(ConnectionDropped):
        caller.call("GET", "Warehouse?$top=1")
    call = caller.simulator.calls[-1]
    assert (call.method, call.query, call.status, call.fault) == ("GET", "$top=1", None, Fault.DROP_AFTER)


def test_unknown_commands_fields_and_switches_are_errors() -> None:
    simulator = Caller().simulator
    with pytest.raises(KeyError):
        simulator.command("ship_everything", {})
    with pytest.raises(KeyError):
        simulator.command("switch", {"speling": True})
    with pytest.raises(KeyError):
        simulator.command("sales_order", {"CustomerID": "QUILL", "Lines": []})
    with pytest.raises(ValueError, match="Customer"):
        simulator.command("sales_order", {"CustomerID": "NOBODY"})


# -- over real HTTP


def test_over_http_one_session_serialises_and_nothing_is_lost() -> None:
    simulator = AcumaticaSimulator(lambda: datetime.now(UTC), base_path="/Acme")
    seed_company(simulator)
    numbers = seed_orders(simulator)
    with SimulatorServer(simulator) as server:
        form = urlencode(
            {
                "grant_type": "password",
                "client_id": simulator.client_id,
                "client_secret": simulator.client_secret,
                "username": simulator.username,
                "password": simulator.password,
                "scope": "api",
            }
        )
        with urllib.request.urlopen(f"{server.url}/Acme/identity/connect/token", form.encode()) as answer:
            bearer = {
                "Authorization": f"Bearer {json.load(answer)['access_token']}",
                "Content-Type": "application/json",
            }

        def put(reference: int) -> None:
            document = {"CustomerID": v("QUILL"), "ExternalRef": v(f"ref-{reference}"), "Details": []}
            request = urllib.request.Request(
                f"{server.url}{ENDPOINT}/SalesOrder", json.dumps(document).encode(), bearer, method="PUT"
            )
            with urllib.request.urlopen(request) as reply:
                assert reply.status == 200

        threads = [threading.Thread(target=put, args=(n,)) for n in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        held = json.load(urllib.request.urlopen(f"{server.url}/_control/holdings"))
        assert len(held["SalesOrder"]) == len(numbers) + 8
        with pytest.raises(urllib.error.HTTPError) as missing:
            urllib.request.urlopen(urllib.request.Request(f"{server.url}{ENDPOINT}/SalesOrder/SO/NONE", headers=bearer))
        assert missing.value.code == 500


def test_login_sets_two_cookies_over_http() -> None:
    simulator = AcumaticaSimulator(lambda: datetime.now(UTC))
    with SimulatorServer(simulator) as server:
        login = json.dumps({"name": simulator.username, "password": simulator.password}).encode()
        request = urllib.request.Request(
            f"{server.url}/Acme/entity/auth/login", login, {"Content-Type": "application/json"}
        )
        with urllib.request.urlopen(request) as reply:
            assert (reply.status, len(reply.headers.get_all("Set-Cookie"))) == (204, 2)
