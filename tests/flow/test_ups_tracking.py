"""Flow tracking of Acumatica - UPS: scans folded into few saves, deliveries with signature, never a step back."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from local.simulators.base import Fault
from tests.support.ups_stage import UpsStage, document, parcel

ALERT = {"ups": {"track_alert": "v1"}}
SLOW = {"schedule": {"labels": {"every_seconds": 3600}, "tracking": {"every_seconds": 900}}}


def shipped(*packages: dict[str, Any], pushes: bool = True, **changes: Any) -> tuple[UpsStage, str]:
    """A stage with one labelled shipment, its parcels subscribed where UPS pushes."""
    stage = UpsStage(**{**(ALERT if pushes else {}), **changes})
    number = stage.shipment(*(packages or (parcel(),)))
    stage.run(minutes=12, webhooks=True)
    return stage, number


def note(stage: UpsStage, kind: str = "SalesOrder", key: str = "SO000001") -> str:
    """A document's note."""
    return str(stage.erp(kind)[key].get("note") or "")


def scan(stage: UpsStage, event: str, number: str | None = None, **how: Any) -> None:
    """UPS scans one parcel, or every one."""
    for each in [number] if number else stage.alive():
        stage.ups.command("scan", {"tracking_number": each, "event": event, **how})


def journey(stage: UpsStage, *events: str, minutes: float = 60) -> None:
    """Scans one after the other."""
    for event in events:
        scan(stage, event)
        stage.run(minutes=minutes, webhooks=True)


def test_numbers_are_subscribed_in_one_call_and_a_delivery_arrives_with_its_signature() -> None:
    stage, number = shipped(parcel(), parcel(), parcel())
    assert len(stage.ups_calls("/subscription/")) == 1
    assert {each["number"] for each in stage.ups.holdings()["subscriptions"]} == set(stage.alive())
    journey(stage, "picked_up", "origin_scan", "departed", "arrived", "out_for_delivery", "delivered", minutes=30)
    for each in stage.alive():
        assert f"{each} delivered 2026-03-02" in note(stage)
    assert note(stage).count("received by") == 3
    assert [name for name in stage.files(number) if "signature" in name] == [
        f"ups-signature-{each}.gif" for each in stage.alive()
    ]
    assert "Origin Scan" in note(stage, "Shipment", number)


def test_scans_are_folded_a_burst_of_pushes_is_at_most_one_save_per_text() -> None:
    stage, _number = shipped()
    before = len(stage.saves())
    for event in ("picked_up", "origin_scan", "departed", "arrived", "out_for_delivery"):
        scan(stage, event)
    stage.run(minutes=30, webhooks=True)
    assert stage.saves()[before:] == []
    scan(stage, "delivered")
    stage.run(minutes=30, webhooks=True)
    assert stage.saves()[before:] == ["PUT SalesOrder", "PUT Shipment", "PUT files"]
    assert len(stage.ups_calls("/track/v1/details")) == 1


def test_with_every_stage_shown_a_burst_is_still_one_save_each() -> None:
    every = ["labelled", "in transit", "out for delivery", "ready for pickup", "delivered", "exception", "returned"]
    stage, _number = shipped(tracking={"show": every, "signature": False})
    before = len(stage.saves())
    for event in ("picked_up", "origin_scan", "departed", "arrived", "out_for_delivery"):
        scan(stage, event)
    stage.run(minutes=30, webhooks=True)
    found = stage.saves()[before:]
    assert found.count("PUT SalesOrder") <= 2
    assert found.count("PUT Shipment") <= 2
    assert "out for delivery" in note(stage)


@pytest.mark.parametrize("switches", [{"duplicate_pushes": 2}, {"reorder_pushes": True}, {"push_blanks": False}])
def test_repeated_reordered_and_late_pushes_take_nothing_back(switches: dict[str, Any]) -> None:
    stage, _number = shipped()
    stage.ups.command("set", switches)
    for event in ("picked_up", "out_for_delivery", "delivered"):
        scan(stage, event)
        stage.clock.advance(minutes=1)
    stage.run(minutes=30, webhooks=True)
    delivered = note(stage)
    assert "delivered 2026-03-02" in delivered
    saves = len(stage.saves())
    scan(stage, "departed", minutes_ago=60)
    scan(stage, "exception", minutes_ago=30)
    stage.run(minutes=60, webhooks=True)
    assert note(stage) == delivered
    assert len(stage.saves()) == saves


def test_without_pushes_a_parcel_is_asked_for_at_the_pace_of_its_journey() -> None:
    stage, _number = shipped(pushes=False, **SLOW)
    assert stage.ups_calls("/track/") == []
    stage.run(minutes=60 * 25)
    assert len(stage.ups_calls("/track/")) == 1, "a label without scans: once a day"
    scan(stage, "origin_scan")
    stage.run(minutes=60 * 24)
    scan(stage, "out_for_delivery")
    before = len(stage.ups_calls("/track/"))
    stage.run(minutes=60 * 8)
    assert 3 <= len(stage.ups_calls("/track/")) - before <= 8, "hourly on the day of delivery"
    scan(stage, "delivered")
    stage.run(minutes=180)
    assert "delivered" in note(stage)
    before = len(stage.ups_calls("/track/"))
    stage.run(minutes=60 * 72)
    assert len(stage.ups_calls("/track/")) == before, "nothing is asked after the delivery"


def test_a_push_that_was_lost_is_made_good_by_a_poll() -> None:
    stage, _number = shipped(**SLOW)
    scan(stage, "origin_scan")
    scan(stage, "delivered")
    stage.ups.take_deliveries()  # nobody takes them
    stage.run(minutes=60 * 24 * 3 + 60)
    assert "delivered" in note(stage)


def test_a_subscription_is_renewed_before_its_end_and_stops_with_the_delivery() -> None:
    stage, _number = shipped(**SLOW)
    (_sold,) = stage.alive()
    scan(stage, "origin_scan")
    stage.run(minutes=60 * 24 * 13, webhooks=True)
    assert len(stage.ups_calls("/subscription/")) == 2
    (kept,) = stage.ups.holdings()["subscriptions"]
    assert kept["alive"]
    scan(stage, "delivered")
    stage.run(minutes=60 * 24 * 13, webhooks=True)
    assert len(stage.ups_calls("/subscription/")) == 2


def test_a_number_that_ups_does_not_push_is_polled() -> None:
    stage = UpsStage(**ALERT, **SLOW)
    stage.ups.command("set", {"cie": True, "cie_trackable": True})
    number = stage.shipment(parcel(), ShipVia="EXPRESS")
    stage.run(minutes=70)
    (record,) = stage.records("tracking").values()
    assert record.links["alert"] == "refused"
    scan(stage, "delivered")
    stage.run(minutes=60 * 26)
    assert "delivered" in note(stage), number


def test_version_2_keeps_its_credentials_in_the_portal() -> None:
    stage, _number = shipped(ups={"track_alert": "v2"})
    from local.simulators.ups import DEFAULT_CLIENT
    from tests.support.ups_stage import CREDENTIAL, HOOK

    portal = {"app": DEFAULT_CLIENT.id, "url": HOOK, "kind": "credential", "credential": CREDENTIAL}
    stage.ups.command("set_portal", portal)
    journey(stage, "origin_scan", "delivered", minutes=10)
    assert "delivered" in note(stage)


def test_pushes_without_the_credential_are_refused() -> None:
    stage, _number = shipped()
    scan(stage, "delivered")
    (delivery,) = stage.ups.take_deliveries()
    assert stage.post("ups", {**delivery.headers, "credential": "wrong"}, delivery.body) == 401
    stage.run(minutes=10)
    assert "delivered" not in note(stage)
    assert stage.post("ups", delivery.headers, delivery.body) == 200
    stage.run(minutes=10)
    assert "delivered" in note(stage)


def test_trouble_is_shown_and_taken_back_when_it_is_over() -> None:
    stage, _number = shipped()
    journey(stage, "origin_scan", "exception", minutes=20)
    assert "exception" in note(stage)
    journey(stage, "departed", minutes=20)
    assert "exception" not in note(stage)


def test_a_returned_parcel_stays_returned() -> None:
    stage, _number = shipped()
    journey(stage, "origin_scan", "returning", "returned", minutes=20)
    assert "returned" in note(stage)
    journey(stage, "departed", minutes=20)
    assert "returned" in note(stage)


def test_a_parcel_at_an_access_point_is_not_delivered() -> None:
    stage, _number = shipped(tracking={"show": ["labelled", "ready for pickup", "delivered"]})
    journey(stage, "origin_scan", "access_point", minutes=20)
    assert "ready for pickup" in note(stage)
    assert "delivered 20" not in note(stage)


def test_a_delivery_without_signature_says_so() -> None:
    stage, _number = shipped()
    scan(stage, "delivered", signed=False)
    stage.run(minutes=20, webhooks=True)
    (record,) = stage.records("tracking").values()
    assert any("no signature" in text for text in record.notes)
    assert "delivered" in note(stage)


def test_configured_fields_are_used_instead_of_notes() -> None:
    stage = UpsStage(**ALERT)
    for entity in ("SalesOrder", "Shipment"):
        stage.acumatica.command("attribute", {"entity": entity, "field": "AttributeRECEIVER"})
        stage.acumatica.command("attribute", {"entity": entity, "field": "AttributeTRACK"})
    stage.acumatica.command("attribute",
                            {"entity": "Shipment", "field": "AttributeDELIVERED", "type": "CustomDateTimeField"})
    fields = {"status": "AttributeTRACKINGNBR", "delivered_on": "AttributeDELIVEREDON",
              "received_by": "AttributeRECEIVER"}
    mine = {"status": "AttributeTRACK", "delivered_on": "AttributeDELIVERED", "received_by": "AttributeRECEIVER"}
    stage.apply(document(**ALERT, tracking={"order_fields": fields, "shipment_fields": mine}))
    number = stage.shipment(parcel())
    stage.run(minutes=12, webhooks=True)
    scan(stage, "delivered", received_by="SMITH")
    stage.run(minutes=20, webhooks=True)
    for document_ in (stage.erp("SalesOrder")["SO000001"], stage.erp("Shipment")[number]):
        custom = document_["custom"]["Document"]
        assert any("delivered 2026-03-02" in str(value) for value in custom.values())
        assert custom["AttributeRECEIVER"] == "SMITH"
        assert "note" not in document_
    assert stage.acumatica.unknown_fields == []


def test_what_people_wrote_into_the_notes_stays() -> None:
    stage = UpsStage(**ALERT)
    stage.shipment(parcel(), note="Leave with the neighbour")
    stage.run(minutes=12, webhooks=True)
    journey(stage, "origin_scan", "delivered", minutes=15)
    assert note(stage).startswith("Leave with the neighbour\n\n--- UPS ---")
    assert note(stage).count("--- UPS ---") == 1


def test_two_shipments_of_one_order_share_its_text() -> None:
    stage = UpsStage(**ALERT)
    from local.simulators.acumatica.seed import line, order

    made = stage.acumatica.command(
        "sales_order", order("QUILL", line("0041", 2), line("0041", 1, WarehouseID="3PL-EAST"))
    )
    for warehouse in ("3PL-WEST", "3PL-EAST"):
        key = stage.acumatica.command("create_shipment", {"order_nbr": made["key"], "warehouse": warehouse})["key"]
        stage.edit(key, Packages=[parcel()])
    stage.run(minutes=12, webhooks=True)
    first, second = stage.alive()
    scan(stage, "delivered", first)
    stage.run(minutes=15, webhooks=True)
    text = note(stage)
    assert f"{first} delivered" in text
    assert f"{second} labelled" in text
    scan(stage, "delivered", second)
    stage.run(minutes=15, webhooks=True)
    assert f"{second} delivered" in note(stage)


def test_a_shipment_is_delivered_when_its_last_parcel_is() -> None:
    stage, _number = shipped(parcel(), parcel())
    first, second = stage.alive()
    before = len(stage.saves())
    scan(stage, "delivered", first)
    stage.run(minutes=15, webhooks=True)
    assert [each for each in stage.saves()[before:] if each != "PUT files"] == []
    scan(stage, "delivered", second)
    stage.run(minutes=15, webhooks=True)
    found = stage.saves()[before:]
    assert (found.count("PUT SalesOrder"), found.count("PUT Shipment")) == (1, 1)


@pytest.mark.parametrize("fault", [Fault.DROP_AFTER, Fault.ERROR_503_AFTER, Fault.THROTTLED, Fault.GARBAGE_AFTER])
@pytest.mark.parametrize("match", ["GET /api/track", "PUT .*/SalesOrder", "POST .*/subscription"])
def test_a_passing_failure_on_the_way_loses_no_delivery(fault: Fault, match: str) -> None:
    stage = UpsStage(**ALERT)
    (stage.acumatica if "SalesOrder" in match else stage.ups).dial.plan(fault, match, times=2)
    stage.shipment(parcel())
    stage.run(minutes=30, webhooks=True)
    journey(stage, "origin_scan", "delivered", minutes=30)
    assert "delivered" in note(stage)
    assert len(stage.labels()) == 1


def test_an_order_that_may_not_be_read_holds_the_parcel_with_the_reason_and_loses_no_scan() -> None:
    stage, _ = shipped()
    stage.acumatica.command("deny", {"entity": "SalesOrder"})
    stage.acumatica.command("close_sessions", {})
    scan(stage, "delivered")
    stage.run(minutes=30, webhooks=True)
    (record,) = stage.records("tracking").values()
    assert (record.status.value, "rights" in record.why) == ("held", True)
    assert record.links["progress"]["stage"] == "delivered"


def test_a_parcel_is_given_up_when_ups_keeps_it_no_longer() -> None:
    stage, _number = shipped(pushes=False, schedule={"labels": {"every_seconds": 86_400},
                                                    "tracking": {"every_seconds": 43_200}})
    (record,) = stage.records("tracking").values()
    stage.clock.advance(timedelta(days=121))
    stage.run(minutes=60 * 26)
    (record,) = stage.records("tracking").values()
    assert record.links["due"] == ""


def test_a_push_for_a_number_that_is_not_ours_is_noted_and_nothing_more() -> None:
    stage, _number = shipped()
    body = (
        b'{"trackingNumber":"1Z204W4R0308071865","activityStatus":{"type":"D","code":"FS","descriptionCode":"011"},'
        b'"localActivityDate":"20260302","localActivityTime":"095004"}'
    )
    from tests.support.ups_stage import CREDENTIAL

    assert stage.post("ups", {"credential": CREDENTIAL, "Content-Type": "application/json"}, body) == 200
    before = len(stage.saves())
    stage.run(minutes=10)
    assert len(stage.saves()) == before
    assert stage.records("tracking")["1Z204W4R0308071865"].status.value == "done"
