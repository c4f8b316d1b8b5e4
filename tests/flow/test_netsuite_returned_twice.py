"""Returns over units that another return authorization of the same sales order stands for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest

from connector import review
from connector.entry import take_message
from connector.records import RecordStore
from local.simulators.base import Fault
from netsuite_shipbob.flows import PAIR
from tests.flow.test_netsuite_books import lines, why
from tests.flow.test_netsuite_tracking import sent, stocked
from tests.support.netsuite_stage import DAMAGED, NetSuiteStage
from vendors.netsuite.client import NetSuite
from vendors.netsuite.shapes import RETURN, Order


class Sold:
    """An order of three TEE and one CAP that left in one parcel."""

    def __init__(self, **changes: Any) -> None:
        self.stage: NetSuiteStage = stocked(**changes)
        order, number = sent(self.stage, ("TEE", 3), ("CAP", 1))
        self.order_id, self.order_number = order["id"], order["tran_id"]
        self.stage.shipbob.command("fulfil", {"order_id": number})
        self.stage.run(minutes=20)
        shipments = self.stage.shipbob.holdings()["shipments"]
        self.shipment = next(key for key, each in shipments.items() if each["order_id"] == number)

    def comes_back(self, *actions: tuple[str, int], sku: str = "TEE") -> int:
        """The warehouse is through with a return of the parcel; its id. Nobody has heard of it yet."""
        came = int(self.stage.shipbob.command("announce_stray_return", {"shipment_id": self.shipment}))
        taken = [{"sku": sku, "action": action, "quantity": units} for action, units in actions]
        self.stage.shipbob.command("process_return", {"return_id": came, "step": "complete", "actions": taken})
        return came

    def by_hand(self, units: int, **more: Any) -> str:
        """A clerk authorizes a return of TEE before the parcel comes."""
        given = {"id": self.order_id, "quantities": {1: units}, **more}
        made: str = self.stage.netsuite.command("authorize_return", given)
        return made

    def authorized(self) -> list[dict[str, Any]]:
        return [lines(each) for each in self.stage.held_transactions("returnAuthorization")]

    def received(self) -> list[tuple[str, dict[str, Any]]]:
        return [(str(each["externalId"]), lines(each)) for each in self.stage.ours("itemReceipt")]

    def replay(self, came: int) -> None:
        record = self.stage.records("returns")[str(came)]
        review.replay(self.stage.process, RecordStore(self.stage.process), record, "test", "an operator")
        self.stage.run(minutes=3)


def test_two_returns_of_the_same_units_are_one_authorization_and_told() -> None:
    sold = Sold()
    sold.comes_back(("Restock", 2))
    sold.comes_back(("Restock", 2))
    sold.stage.run(minutes=90)
    assert sold.authorized() == [{"TEE": 2}]
    assert [units for _, units in sold.received()] == [{"TEE": 2}]
    text = why(sold.stage, "returns")
    for words in ("1 of TEE more than", "covered by return authorization", "close this record"):
        assert words in text
    assert sold.stage.violations() == []


def test_returns_of_different_units_of_one_order_are_two_authorizations() -> None:
    sold = Sold()
    sold.comes_back(("Restock", 1))
    sold.comes_back(("Restock", 2))
    sold.comes_back(("Restock", 1), sku="CAP")
    sold.stage.run(minutes=90)
    assert sorted(sold.authorized(), key=str) == [{"CAP": 1}, {"TEE": 1}, {"TEE": 2}]
    assert sold.stage.on_hand("TEE") == 100


def test_units_that_our_open_authorization_stands_for_are_received_against_it() -> None:
    """Quarantined first, restocked by a second return: one credit, and the shelf's units are in the books."""
    sold = Sold()
    first = sold.comes_back(("Quarantine", 3))
    sold.stage.run(minutes=40)
    second = sold.comes_back(("Restock", 2), ("Dispose", 1))
    sold.stage.run(minutes=40)
    assert sold.authorized() == [{"TEE": 3}]
    ((key, units),) = sold.received()
    (authorization,) = sold.stage.ours("returnAuthorization")
    assert (key, units) == (f"SB-IR-RET-{second}-1-{authorization['id']}", {"TEE": 2})
    assert authorization["externalId"] == f"SB-RA-{first}"
    assert sold.stage.on_hand("TEE") == 99
    assert {record.status.value for record in sold.stage.records("returns").values()} == {"done"}
    sold.replay(second)
    assert len(sold.received()) == 1


def test_a_return_of_which_nothing_had_to_be_written_stays_as_it_was_booked() -> None:
    sold = Sold()
    sold.comes_back(("Dispose", 3))
    sold.stage.run(minutes=40)
    second = sold.comes_back(("Dispose", 1))
    sold.stage.run(minutes=40)
    (made,) = sold.stage.ours("returnAuthorization")
    assert sold.stage.records("returns")[str(second)].status.value == "done"
    sold.stage.netsuite.command("set_status", {"id": made["id"], "status": "C"})
    sold.replay(second)
    assert sold.authorized() == [{"TEE": 3}]


def test_a_return_that_is_covered_in_part_is_authorized_for_the_rest() -> None:
    sold = Sold()
    sold.comes_back(("Dispose", 2))
    sold.stage.run(minutes=40)
    sold.comes_back(("Restock", 2))
    sold.stage.run(minutes=40)
    assert sold.authorized() == [{"TEE": 2}, {"TEE": 1}]
    assert [units for _, units in sold.received()] == [{"TEE": 1}, {"TEE": 1}]
    assert sold.stage.on_hand("TEE") == 99


def test_an_authorization_by_hand_is_left_to_the_person_who_made_it() -> None:
    sold = Sold()
    made = sold.by_hand(2)
    came = sold.comes_back(("Restock", 2))
    sold.stage.run(minutes=40)
    assert (sold.authorized(), sold.received()) == ([{"TEE": 2}], [])
    text = why(sold.stage, "returns")
    for words in ("was not made here", "receive there what was restocked"):
        assert words in text
    sold.stage.netsuite.command("receive", {"id": made})
    sold.replay(came)
    assert sold.authorized() == [{"TEE": 2}]
    assert "covered by return authorization" in why(sold.stage, "returns")


def test_an_authorization_by_hand_that_is_not_approved_yet_counts_too() -> None:
    """One of three units that left: the one that comes is most likely the one that a person is about to authorize."""
    sold = Sold()
    sold.by_hand(1, status="A")
    sold.comes_back(("Restock", 1))
    sold.stage.run(minutes=40)
    assert sold.authorized() == [{"TEE": 1}]
    assert "was not made here" in why(sold.stage, "returns")


@pytest.mark.parametrize("letter", ["C", "H"])
def test_an_authorization_that_was_cancelled_or_closed_stands_for_nothing(letter: str) -> None:
    sold = Sold()
    made = sold.by_hand(3)
    sold.stage.netsuite.command("set_status", {"id": made, "status": letter})
    sold.comes_back(("Restock", 3))
    sold.stage.run(minutes=40)
    assert [units for _, units in sold.received()] == [{"TEE": 3}]


@pytest.mark.parametrize("fault", [Fault.TIMEOUT_AFTER, Fault.DROP_BEFORE])
def test_a_second_return_waits_while_the_first_ones_answer_is_lost(fault: Fault) -> None:
    """Also where NetSuite shows nothing yet of what the first one will have made."""
    sold = Sold()
    sold.stage.netsuite.dial.plan(fault, match=r"POST .*!transform/returnAuthorization")
    sold.comes_back(("Restock", 3))
    sold.comes_back(("Restock", 3))
    sold.stage.run(minutes=120)
    assert sold.authorized() == [{"TEE": 3}]
    assert [units for _, units in sold.received()] == [{"TEE": 3}]
    assert "covered by return authorization" in why(sold.stage, "returns")


@pytest.mark.parametrize("match", [r"POST .*returnAuthorization.*!transform/itemReceipt", r"PATCH .*"])
def test_a_lost_answer_receives_once_against_the_other_authorization(match: str) -> None:
    sold = Sold(returns={"quarantine_location": DAMAGED})
    sold.comes_back(("Dispose", 2))
    sold.stage.run(minutes=40)
    sold.stage.netsuite.dial.plan(Fault.TIMEOUT_AFTER, match=match)
    sold.comes_back(("Restock", 1), ("Quarantine", 2))
    sold.stage.run(minutes=120)
    assert sold.authorized() == [{"TEE": 2}, {"TEE": 1}]
    assert (sold.stage.on_hand("TEE"), sold.stage.on_hand("TEE", DAMAGED)) == (98, 2)
    assert {record.status.value for record in sold.stage.records("returns").values()} == {"done"}


# ---- what others do at the same moment


def other_worker(sold: Sold, came: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Lets a second process book a return just when the first one has asked NetSuite for the order's authorizations."""
    asked, stage = NetSuite.orders, sold.stage

    def orders(netsuite: NetSuite, kind: str, key: str, values: Sequence[str]) -> tuple[Order, ...]:
        found = asked(netsuite, kind, key, values)
        if (kind, key) == (RETURN, "createdfrom"):
            monkeypatch.setattr(NetSuite, "orders", asked)
            look = {"kind": "record", "record": stage.records("returns")[str(came)].id, "cause": "sweep"}
            take_message(PAIR, replace(stage.process), {**look, "lane": "live", "correlation": "second"})
        return found

    monkeypatch.setattr(NetSuite, "orders", orders)


def test_two_workers_that_count_at_one_moment_authorize_once(monkeypatch: pytest.MonkeyPatch) -> None:
    sold = Sold()
    first = sold.comes_back(("Restock", 3))
    sold.comes_back(("Restock", 3))
    other_worker(sold, first + 1, monkeypatch)
    sold.stage.run(minutes=120)
    assert sold.authorized() == [{"TEE": 3}]
    assert "covered by return authorization" in why(sold.stage, "returns")


def test_an_authorization_that_a_replica_does_not_show_yet_counts() -> None:
    """The first return was booked seconds ago; the answer about the order's authorizations is a minute old."""
    sold = Sold()
    sold.stage.subscribe()
    sold.comes_back(("Restock", 3))
    sold.stage.run(minutes=0.2, webhooks=True)
    assert sold.authorized() == [{"TEE": 3}]
    sold.stage.netsuite.dial.plan(Fault.STALE_READ, match=r"suiteql", times=9)
    sold.comes_back(("Restock", 3))
    sold.stage.run(minutes=0.2, webhooks=True)
    sold.stage.netsuite.dial.clear()
    sold.stage.run(minutes=120)
    assert sold.authorized() == [{"TEE": 3}]
    assert "covered by return authorization" in why(sold.stage, "returns")


def test_an_authorization_that_a_person_deleted_counts_no_more() -> None:
    sold = Sold()
    sold.comes_back(("Dispose", 3))
    sold.stage.run(minutes=40)
    (made,) = sold.stage.ours("returnAuthorization")
    sold.stage.netsuite.command("delete", {"id": made["id"]})
    sold.comes_back(("Restock", 3))
    sold.stage.run(minutes=40)
    assert sold.authorized() == [{"TEE": 3}]
    assert {record.status.value for record in sold.stage.records("returns").values()} == {"done"}


@pytest.mark.parametrize("received", [False, True])
def test_a_clerk_who_authorizes_while_an_answer_is_lost_is_noticed(received: bool) -> None:
    """Nothing reached NetSuite, which is clear after two questions; by then a person has done it."""
    sold = Sold()
    sold.comes_back(("Restock", 1), sku="CAP")  # from here on the account is known to keep external ids
    sold.stage.run(minutes=40)
    sold.stage.netsuite.dial.plan(Fault.DROP_BEFORE, match=r"POST .*!transform/returnAuthorization")
    came = str(sold.comes_back(("Restock", 3)))
    while came not in sold.stage.records("returns"):
        sold.stage.run(minutes=1)
    made = sold.by_hand(3)
    if received:
        sold.stage.netsuite.command("receive", {"id": made})
    sold.stage.run(minutes=120)
    assert sold.authorized() == [{"CAP": 1}, {"TEE": 3}]
    text = why(sold.stage, "returns")
    assert ("covered by return authorization" if received else "was not made here") in text
    if not received:
        sold.stage.netsuite.command("set_status", {"id": made, "status": "C"})
        sold.replay(int(came))
        assert sold.authorized() == [{"CAP": 1}, {"TEE": 3}, {"TEE": 3}]
        assert sold.stage.records("returns")[came].status.value == "done"
    assert sold.stage.violations() == []
