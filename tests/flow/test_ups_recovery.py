"""Every way in which the answer to a purchase can be lost: exactly one label, or a person with evidence; never two."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from typing import Any

import pytest

from connector.log import Log
from local.simulators.base import Fault
from tests.support.stage import NAME, Killed
from tests.support.ups_stage import UpsStage, document, parcel
from vendors.ups.open import token_cache
from vendors.ups.settings import UpsSystem

SHIP = "POST /api/shipments"
ANSWERED: dict[str, Callable[[UpsStage], object]] = {
    "503 that bought": lambda stage: stage.ups.dial.plan(Fault.ERROR_503_AFTER, SHIP),
    "500 that bought": lambda stage: stage.ups.dial.plan(Fault.ERROR_500_AFTER, SHIP),
    "reset after": lambda stage: stage.ups.dial.plan(Fault.DROP_AFTER, SHIP),
    "time-out after": lambda stage: stage.ups.dial.plan(Fault.TIMEOUT_AFTER, SHIP),
    "garbage": lambda stage: stage.ups.dial.plan(Fault.GARBAGE_AFTER, SHIP),
    "lost package": lambda stage: stage.ups.dial.plan(Fault.PARTIAL, SHIP),
    "empty 200 that bought": lambda stage: _odd(stage, "empty_200", acts=True),
    "errors in a 200 that bought": lambda stage: _odd(stage, "errors_in_200", acts=True),
    "status 0 that bought": lambda stage: _odd(stage, "status_zero", acts=True),
    "HTML 503 that bought": lambda stage: _odd(stage, "html_503", acts=True),
    "empty 500 that bought": lambda stage: _odd(stage, "empty_500", acts=True),
    "429": lambda stage: stage.ups.dial.plan(Fault.THROTTLED, SHIP),
    "401": lambda stage: stage.ups.dial.plan(Fault.TOKEN_EXPIRED, SHIP),
    "slow": lambda stage: stage.ups.dial.plan(Fault.SLOW, SHIP, seconds=40),
}
"""UPS bought, or surely did not: the label is there in the end without anybody's help."""

UNANSWERABLE: dict[str, Callable[[UpsStage], object]] = {
    "reset before": lambda stage: stage.ups.dial.plan(Fault.DROP_BEFORE, SHIP),
    "time-out before": lambda stage: stage.ups.dial.plan(Fault.TIMEOUT_BEFORE, SHIP),
    "500 before": lambda stage: stage.ups.dial.plan(Fault.ERROR_500_BEFORE, SHIP),
    "empty 200": lambda stage: _odd(stage, "empty_200"),
    "errors in a 200": lambda stage: _odd(stage, "errors_in_200"),
    "status 0": lambda stage: _odd(stage, "status_zero"),
    "HTML 503": lambda stage: _odd(stage, "html_503"),
}
"""Nothing was bought, and no question to UPS can prove that."""


def _odd(stage: UpsStage, kind: str, *, acts: bool = False) -> None:
    stage.ups.command("plan_answer", {"kind": kind, "match": SHIP, "acts": acts})


def ready(**changes: Any) -> tuple[UpsStage, str]:
    """A stage with a token and a known address, and a shipment of two packages."""
    stage = UpsStage(**changes)
    stage.shipment(parcel())
    stage.run(minutes=3)
    return stage, stage.shipment(parcel(4.5), parcel(7))


def of(stage: UpsStage, number: str) -> list[str]:
    """The labels that UPS sold for a shipment."""
    return [each["tracking_number"] for each in stage.labels() if number in str(each["references"])]


@pytest.mark.parametrize("name", sorted(ANSWERED))
def test_a_lost_answer_ends_with_exactly_one_label_per_package(name: str) -> None:
    stage, number = ready()
    ANSWERED[name](stage)
    stage.run(minutes=60)
    assert len(of(stage, number)) == 2
    assert stage.packages(number) == of(stage, number)
    assert len(stage.files(number)) == 2
    assert stage.label_record(number).status.value == "done"


@pytest.mark.parametrize("name", sorted(UNANSWERABLE))
def test_what_ups_cannot_tell_goes_to_a_person_and_is_never_bought_again(name: str) -> None:
    stage, number = ready()
    UNANSWERABLE[name](stage)
    stage.run(minutes=60)
    record = stage.label_record(number)
    assert record.status.value == "held"
    assert "which is no proof" in record.why
    for minutes in (1, 60, 60 * 30):
        stage.edit(number, Description=f"look again {minutes}")
        stage.run(minutes=minutes)
    assert of(stage, number) == []


def test_a_person_who_has_looked_releases_the_purchase() -> None:
    from connector.records import RecordStore
    from connector.review import release_write, replay

    stage, number = ready()
    UNANSWERABLE["reset before"](stage)
    stage.run(minutes=30)
    store = RecordStore(stage.process)
    freed = release_write(
        stage.process, store, stage.label_record(number), "ups.label", f"{number}:0", "a person", "not at UPS"
    )
    replay(stage.process, store, freed, "test", "a person")
    stage.run(minutes=5)
    assert stage.packages(number) == of(stage, number)
    assert len(of(stage, number)) == 2


@pytest.mark.parametrize(
    "switches",
    [
        {"recovery_lag_seconds": 600},
        {"reference_lag_seconds": 600, "recovery_lag_seconds": 100},
        {"forward_labels_recoverable": False},
        {"lower_case_formats": True, "single_as_object": True},
    ],
)
def test_a_bought_label_is_found_by_either_way_whenever_it_appears(switches: dict[str, Any]) -> None:
    stage, number = ready()
    stage.ups.command("set", switches)
    ANSWERED["reset after"](stage)
    stage.run(minutes=90)
    assert len(of(stage, number)) == 2
    assert sorted(stage.packages(number)) == sorted(of(stage, number))


def test_a_label_that_shows_up_only_after_both_looks_is_held_and_adopted_when_it_is_looked_for_again() -> None:
    stage, number = ready()
    stage.ups.command("set", {"recovery_lag_seconds": 3600, "reference_lag_seconds": 3600})
    ANSWERED["reset after"](stage)
    stage.run(minutes=30)
    assert stage.label_record(number).status.value == "held"
    stage.run(minutes=60)
    stage.edit(number, Description="look again")
    stage.run(minutes=10)
    assert stage.packages(number) == of(stage, number)
    assert len(of(stage, number)) == 2


def test_a_label_that_exists_and_cannot_be_recovered_is_adopted_by_tracking_and_its_image_is_a_persons() -> None:
    stage, number = ready()
    stage.ups.command("set", {"forward_labels_recoverable": False})
    ANSWERED["503 that bought"](stage)
    stage.run(minutes=60)
    assert sorted(stage.packages(number)) == sorted(of(stage, number))
    record = stage.label_record(number)
    assert record.status.value == "held"
    assert "image cannot be had" in record.why


def test_two_shipments_with_our_reference_are_evidence_for_a_person() -> None:
    stage, number = ready()
    ANSWERED["reset after"](stage)
    stage.run(minutes=1.5)
    bodies = [item for item in stage.world.tables.items("records") if str(item["sk"]).startswith("intent#ups.label")]
    draft = next(json.loads(str(item["data"]))["draft"] for item in bodies if number in str(item["sk"]))
    _by_hand(stage, draft)  # somebody typed the same shipment into UPS's own program
    stage.run(minutes=60)
    record = stage.label_record(number)
    assert record.status.value == "held"
    assert "2 shipments carry reference" in record.why
    before = len(stage.labels())
    stage.run(minutes=60 * 24)
    assert len(stage.labels()) == before


def _by_hand(stage: UpsStage, draft: Any) -> None:
    from local.simulators.ups.ship import buy

    buy(stage.ups.world, "somebody", draft["ShipmentRequest"])


def test_a_void_at_ups_of_an_unclear_purchase_is_evidence() -> None:
    stage, number = ready()
    ANSWERED["reset after"](stage)
    stage.run(minutes=1.5)
    for each in of(stage, number):
        label = stage.ups.world.labels[each]
        stage.ups.world.labels[each] = type(label)(**{**label.__dict__, "voided": stage.clock()})
    stage.run(minutes=60)
    record = stage.label_record(number)
    assert record.status.value == "held"
    assert "was voided" in record.why
    assert len(of(stage, number)) == 2


def test_the_shipment_that_was_deleted_while_its_purchase_was_unclear_is_settled_and_voided() -> None:
    stage, number = ready()
    stage.listen()
    ANSWERED["reset after"](stage)
    stage.run(minutes=1.5)
    assert len(of(stage, number)) == 2
    stage.acumatica.command("delete", {"entity": "Shipment", "key": number})
    stage.run(minutes=60, webhooks=True)
    assert set(of(stage, number)) & set(stage.alive()) == set()


def test_a_shipment_that_changed_while_its_purchase_was_unclear_is_compared_with_what_was_sent() -> None:
    stage, number = ready()
    ANSWERED["reset after"](stage)
    stage.run(minutes=1.5)
    row = stage.erp("Shipment")[number]["Packages"][0]
    stage.edit(number, Packages=[{"id": row["id"], "Weight": 30}])
    stage.run(minutes=60)
    assert len(of(stage, number)) == 2
    record = stage.label_record(number)
    assert record.status.value == "held"
    assert "weight 30" in record.why


@pytest.mark.parametrize("after", [False, True])
def test_a_process_that_dies_around_the_purchase(after: bool) -> None:
    stage, number = ready()
    died: list[bool] = []

    def die(request: Any) -> None:
        if request.purpose == "buy label" and not died:
            died.append(True)
            raise Killed

    if after:
        stage.wire.after = die
    else:
        stage.wire.before = die
    stage.run(minutes=60)
    stage.wire.before = stage.wire.after = lambda request: None
    assert len(of(stage, number)) == (2 if after else 0)
    record = stage.label_record(number)
    assert record.status.value == ("done" if after else "held")


def test_an_answer_that_was_stored_settles_the_matter_without_a_question() -> None:
    stage, number = ready()
    tables, calls = stage.world.tables, len(stage.ups_calls())
    transact, died = tables.transact, []

    def die_once(writes: Any) -> bool:
        if not died and any("intent#ups.label" in str(getattr(write, "item", {}).get("sk", "")) for write in writes):
            died.append(True)
            raise Killed
        return bool(transact(writes))

    tables.transact = die_once  # type: ignore[method-assign]
    stage.run(minutes=30)
    assert died
    assert len(of(stage, number)) == 2
    assert stage.packages(number) == of(stage, number)
    asked = stage.ups_calls()[calls:]
    assert [call for call in asked if "recovery" in call or "/track/" in call] == []


# ---- tokens --------------------------------------------------------------------------------------------------


def test_two_hundred_workers_that_start_at_once_fetch_one_token() -> None:
    stage = UpsStage()
    system = UpsSystem.model_validate(document()["systems"]["ups"])
    lock, found, errors = threading.Lock(), set(), []
    begin = threading.Barrier(200)

    def worker() -> None:
        from dataclasses import replace

        from connector.faults import VendorFault

        services = replace(stage.world.services, memory={}, log=Log({}, stage.clock, 40))
        begin.wait()
        while True:
            try:
                token = token_cache(services, NAME, system, stage.wire).current()
                break
            except VendorFault as fault:  # another worker renews it: come back
                if fault.retry_at is None:
                    errors.append(str(fault))
                    return
        with lock:
            found.add(token.access)

    threads = [threading.Thread(target=worker) for _ in range(200)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    assert len(found) == 1
    assert sum(stage.ups.holdings()["tokens_issued"].values()) == 1


def test_a_day_of_labels_needs_one_token_an_hour() -> None:
    stage = UpsStage(schedule={"labels": {"every_seconds": 600}, "tracking": {"every_seconds": 600}})
    for _ in range(48):
        stage.shipment(parcel())
        stage.run(minutes=30)
    assert len(stage.labels()) == 48
    issued = sum(stage.ups.holdings()["tokens_issued"].values())
    assert issued <= 24 * 60 / 55 + 1, "lived for an hour, renewed five minutes early"
