"""Push notifications: flat padded rows, static header, duplicates, disorder, loss, five attempts (rule 7)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pytest

from local.simulators.acumatica.push import Push
from tests.simulators.acumatica_requests import Caller, v

SECRET = "5f2b" * 16


def listening(**switches: Any) -> Caller:
    caller = Caller()
    caller.simulator.command(
        "configure_push", {"url": "https://hook.example/a1", "header_name": "X-MLC-Token", "header_value": SECRET}
    )
    caller.simulator.command("switch", switches)
    return caller


def document(push: Push) -> dict[str, Any]:
    return dict(json.loads(push.body))


def test_an_insert_an_update_and_a_deletion() -> None:
    caller = listening()
    caller.order("SO000001")
    caller.wait(5)
    caller.simulator.command("put_on_hold", {"order_nbr": "SO000001"})
    caller.simulator.command("delete", {"entity": "SalesOrder", "key": "SO000001"})
    inserted, updated, deleted = (document(push) for push in caller.simulator.pushes)
    assert set(inserted) == {"Inserted", "Deleted", "Query", "CompanyId", "Id", "TimeStamp", "AdditionalInfo"}
    row = {
        "OrderType": "SO".ljust(15),
        "OrderNbr": "SO000001".ljust(15),
        "Status": "Open".ljust(15),
        "SOOrder_lastModifiedDateTime": inserted["Inserted"][0]["SOOrder_lastModifiedDateTime"],
    }
    assert (inserted["Inserted"], inserted["Deleted"]) == ([row], [])
    assert not row["SOOrder_lastModifiedDateTime"].endswith(("Z", "+00:00"))
    assert [it["Status"].strip() for it in (*updated["Deleted"], *updated["Inserted"])] == ["Open", "On Hold"]
    assert (deleted["Inserted"], len(deleted["Deleted"])) == ([], 1)
    assert updated["TimeStamp"] - inserted["TimeStamp"] == 5 * 10_000_000


def test_the_time_stamp_is_in_ticks_of_utc_and_rows_are_in_local_time() -> None:
    caller = listening(tenant_offset_minutes=180)
    caller.order("SO000001")
    found = document(caller.simulator.pushes[0])
    assert found["TimeStamp"] == 639080388002500000
    assert found["Inserted"][0]["SOOrder_lastModifiedDateTime"].startswith("2026-03-02T12:00:00.25")


def test_the_secret_is_the_only_proof_and_may_not_be_a_standard_header() -> None:
    caller = listening()
    caller.order("SO000001")
    push = caller.simulator.pushes[0]
    assert (push.url, push.headers["X-MLC-Token"]) == ("https://hook.example/a1", SECRET)
    with pytest.raises(ValueError, match="must not be"):
        caller.simulator.command("configure_push", {"url": "https://x", "header_name": "Accept", "header_value": "1"})


def test_one_transaction_seen_by_two_queries_has_one_id() -> None:
    caller = listening()
    caller.order("SO000001")
    caller.simulator.pushes.clear()
    caller.shipment("SO000001")
    found = [document(push) for push in caller.simulator.pushes]
    assert {it["Query"] for it in found} == {"MLC Sales Orders", "MLC Shipments"}
    assert len({it["Id"] for it in found}) == 1


def test_a_refused_write_and_an_equal_one_send_nothing() -> None:
    caller = listening()
    caller.call("PUT", "SalesOrder", {"CustomerID": v("NOBODY")})
    caller.put("StockItem", {"InventoryID": v("0041"), "Description": v("Field notebook, ruled")})
    assert list(caller.simulator.pushes) == []


def test_duplicates_disorder_and_loss() -> None:
    caller = listening(push_copies=2, push_reversed=True)
    for number in ("SO000001", "SO000002"):
        caller.order(number)
    numbers = [document(push)["Inserted"][0]["OrderNbr"].strip() for push in caller.simulator.pushes]
    assert numbers == ["SO000002", "SO000002", "SO000001", "SO000001"]
    assert caller.simulator.pushes[0].body == caller.simulator.pushes[1].body
    caller.simulator.pushes.clear()
    caller.simulator.command("switch", {"push_lose": 1, "push_copies": 1})
    caller.order("SO000003")
    caller.order("SO000004")
    assert [document(push)["Inserted"][0]["OrderNbr"].strip() for push in caller.simulator.pushes] == ["SO000004"]


def test_five_attempts_then_the_list_of_failures_and_a_resend_by_hand() -> None:
    caller = listening()
    caller.order("SO000001")
    sent: list[bytes] = []

    def refuse(url: str, headers: Mapping[str, str], body: bytes) -> int:
        sent.append(body)
        return 503

    for _ in range(7):
        assert caller.simulator.deliver_pushes(refuse) == 0
    assert len(sent) == 5
    assert caller.simulator.holdings()["pushes_failed"] == 1
    caller.simulator.command("resend_pushes", {})
    assert caller.simulator.deliver_pushes(lambda url, headers, body: 202) == 1
    held = caller.simulator.holdings()
    assert (held["pushes_failed"], held["pushes_waiting"]) == (0, 0)


def test_no_answer_is_a_failed_attempt() -> None:
    caller = listening()
    caller.order("SO000001")
    caller.simulator.deliver_pushes(lambda url, headers, body: 0)
    assert [push.statuses for push in caller.simulator.pushes] == [[0]]


def test_nothing_is_sent_without_a_destination() -> None:
    caller = listening()
    caller.simulator.command("stop_push", {})
    caller.order("SO000001")
    assert list(caller.simulator.pushes) == []
