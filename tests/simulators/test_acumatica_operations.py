"""Actions: 202 and polls, 204 at once, failures on the status address (rule 5)."""

from __future__ import annotations

import pytest

from local.simulators.base import Reply
from tests.simulators.acumatica_requests import ENDPOINT, Caller, body, error_text, v

ORDER = {"entity": {"OrderType": v("SO"), "OrderNbr": v("SO000001")}}


def create_shipment(caller: Caller) -> Reply:
    parameters = {"ShipmentDate": v("2026-03-04"), "WarehouseID": v("3PL-WEST")}
    return caller.call("POST", "SalesOrder/SalesOrderCreateShipment", {**ORDER, "parameters": parameters})


def test_202_carries_a_host_relative_location_with_the_virtual_directory_and_no_body() -> None:
    caller = Caller()
    caller.order("SO000001")
    reply = create_shipment(caller)
    assert (reply.status, reply.body) == (202, b"")
    assert reply.headers["Location"].startswith(f"{ENDPOINT}/SalesOrder/SalesOrderCreateShipment/status/")


@pytest.mark.parametrize("polls", [1, 3])
def test_an_operation_takes_so_many_polls(polls: int) -> None:
    caller = Caller()
    caller.simulator.command("switch", {"operation_polls": polls})
    caller.order("SO000001")
    location = create_shipment(caller).headers["Location"]
    seen = [caller.call("GET", location).status for _ in range(polls + 2)]
    assert seen == [202] * polls + [204, 204]
    assert caller.held("Shipment", "SH000001")["ShipmentDate"][:10] == "2026-03-04"


def test_an_operation_nobody_polls_ends_by_itself() -> None:
    caller = Caller()
    caller.order("SO000001")
    create_shipment(caller)
    caller.wait(4)
    assert caller.simulator.holdings()["Shipment"] == {}
    assert caller.simulator.holdings()["running_operations"] == 1
    caller.wait(1)
    assert list(caller.simulator.holdings()["Shipment"]) == ["SH000001"]
    assert caller.call("GET", "Warehouse").status == 200


def test_a_status_address_of_another_action_or_id_404() -> None:
    caller = Caller()
    caller.order("SO000001")
    location = create_shipment(caller).headers["Location"]
    assert caller.call("GET", location[:-1] + "x").status == 404
    assert caller.call("GET", location.replace("SalesOrderCreateShipment", "CancelSalesOrder")).status == 404


def test_failures_are_500_on_the_status_address() -> None:
    caller = Caller()
    caller.order("SO000001", Hold=True)
    started = create_shipment(caller)
    assert started.status == 202
    caller.wait(10)
    for _ in range(2):
        failed = caller.call("GET", started.headers["Location"])
        assert failed.status == 500
        assert body(failed)["exceptionMessage"] == "Operation failed"
        assert "On Hold" in error_text(failed)
    assert caller.simulator.holdings()["Shipment"] == {}


def test_the_record_must_exist_and_be_named() -> None:
    caller = Caller()
    reply = create_shipment(caller)
    assert (reply.status, "NoEntity" in body(reply)["exceptionType"]) == (500, True)
    assert caller.call("POST", "SalesOrder/SalesOrderCreateShipment", {}).status == 400
    assert caller.call("POST", "SalesOrder/SalesOrderCreateShipment", ORDER["entity"]).status == 400


def test_parameters_are_wrapped_and_unknown_ones_are_dropped() -> None:
    caller = Caller()
    caller.order("SO000001")
    unwrapped = {**ORDER, "parameters": {"WarehouseID": "3PL-WEST"}}
    assert caller.call("POST", "SalesOrder/SalesOrderCreateShipment", unwrapped).status == 400
    misspelt = {**ORDER, "parameters": {"Warehouse": v("3PL-EAST")}}
    assert caller.run("SalesOrder/SalesOrderCreateShipment", misspelt).status == 204
    assert caller.simulator.unknown_fields == ["SalesOrder/SalesOrderCreateShipment/parameters/Warehouse"]
    assert caller.held("Shipment", "SH000001")["WarehouseID"] == "3PL-WEST"


def test_short_actions_answer_204_with_a_location_that_leads_nowhere() -> None:
    caller = Caller()
    caller.order("SO000001")
    reply = caller.call("POST", "SalesOrder/CancelSalesOrder", ORDER)
    assert (reply.status, reply.body) == (204, b"")
    assert caller.call("GET", reply.headers["Location"]).status == 404
    assert caller.held("SalesOrder", "SO000001")["Status"] == "Canceled"
    reopened = caller.call("POST", "SalesOrder/ReopenSalesOrder", ORDER)
    assert reopened.status == 204
    assert caller.held("SalesOrder", "SO000001")["Status"] == "Open"
    assert caller.call("POST", "SalesOrder/ReopenSalesOrder", ORDER).status == 204


def test_long_actions_can_also_end_at_once() -> None:
    caller = Caller()
    caller.simulator.command("switch", {"at_once": ["SalesOrderCreateShipment"]})
    caller.order("SO000001")
    assert create_shipment(caller).status == 204
    assert list(caller.simulator.holdings()["Shipment"]) == ["SH000001"]
    # a refusal then comes with the call itself
    assert create_shipment(caller).status == 500


def test_nothing_left_to_do_204_at_once() -> None:
    caller = Caller()
    caller.order("SO000001")
    shipment = {"entity": {"ShipmentNbr": v(caller.shipment("SO000001"))}}
    assert caller.run("Shipment/ConfirmShipment", shipment).status == 204
    assert caller.run("Shipment/UpdateIN", shipment).status == 204
    stock = caller.simulator.holdings()["stock"]["0041"]["3PL-WEST"]
    again = caller.call("POST", "Shipment/UpdateIN", shipment)
    assert (again.status, "Location" in again.headers) == (204, False)
    assert caller.simulator.holdings()["stock"]["0041"]["3PL-WEST"] == stock == 498


def test_an_operation_outlives_the_logout_of_its_session_but_not_its_status_address() -> None:
    caller = Caller()
    caller.order("SO000001")
    location = create_shipment(caller).headers["Location"]
    caller.raw("POST", "/Acme/entity/auth/logout", headers=caller.headers)
    other = {"Authorization": f"Bearer {caller.sign_in()['access_token']}"}
    assert caller.raw("GET", location, headers=other).status == 404
    caller.wait(5)
    assert list(caller.simulator.holdings()["Shipment"]) == ["SH000001"]


def test_workflow_actions_by_their_internal_names() -> None:
    caller = Caller()
    caller.order("SO000001", Hold=True)
    assert caller.call("POST", "SalesOrder/releaseFromHold", ORDER).status == 204
    assert caller.held("SalesOrder", "SO000001")["Status"] == "Open"
    assert caller.call("POST", "SalesOrder/releaseFromHold", ORDER).status == 500
    assert caller.call("POST", "SalesOrder/putOnHold", ORDER).status == 204
    assert caller.held("SalesOrder", "SO000001")["Status"] == "On Hold"
