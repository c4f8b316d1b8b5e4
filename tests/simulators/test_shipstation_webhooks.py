"""Webhooks: who is told what, by which address, how often; and the signature of V2."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.hashes import SHA256

from local.simulators.shipstation import MANUAL_STORE, OUR_STORE
from tests.simulators.shipstation_bench import MANY, ONE, Bench, an_order, changed, document

TARGET = "https://example.com/hooks/secret"


def url_of(bench: Bench) -> str:
    [told] = bench.deliveries()
    assert set(told) == {"resource_url", "resource_type"}
    assert len(told["resource_url"]) <= 200
    return str(told["resource_url"])


def test_subscribe_list_and_unsubscribe() -> None:
    bench = Bench()
    number = bench.subscribe("SHIP_NOTIFY", store_id=OUR_STORE, friendly_name="ml-connector")
    [row] = bench.get("/webhooks")["webhooks"]
    wanted = {"WebHookID": number, "StoreID": OUR_STORE, "HookType": "SHIP_NOTIFY", "Url": TARGET}
    assert {**row, **wanted, "Name": "ml-connector", "Active": True} == row
    reply = bench.call("DELETE", f"/webhooks/{number}")
    assert (reply.status, reply.body) == (200, b"")
    assert bench.get("/webhooks") == {"webhooks": []}
    assert bench.call("DELETE", f"/webhooks/{number}").status == 404


def test_subscribe_may_answer_the_record() -> None:
    bench = Bench(record_shape=True)
    answer = bench.post("/webhooks/subscribe", {"target_url": TARGET, "event": "ORDER_NOTIFY"})
    assert set(answer) == {"WebHookID", "HookType", "Url", "Name"}


def test_nothing_is_unique() -> None:
    bench = Bench()
    assert bench.subscribe() != bench.subscribe()
    bench.create()
    bench.command("buy_label", order="SO007015")
    assert len(bench.deliveries()) == 2


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("event", ...),
        ("event", "ORDER_UPDATED"),
        ("event", "ship_notify"),
        ("target_url", ...),
        ("target_url", ""),
        ("target_url", "example.com/hook"),
        ("target_url", "ftp://example.com"),
        ("target_url", None),
        ("store_id", "12345"),
        ("store_id", 5),
        ("friendly_name", None),
    ],
)
def test_a_wrong_subscription_is_refused(path: str, value: Any) -> None:
    bench = Bench()
    body = changed({"target_url": TARGET, "event": "SHIP_NOTIFY", "store_id": None}, path, value)
    assert bench.call("POST", "/webhooks/subscribe", body).status == 400
    assert bench.get("/webhooks") == {"webhooks": []}


def test_a_webhook_is_not_edited_by_api_but_switched_off_by_people() -> None:
    bench = Bench()
    number = bench.subscribe()
    assert bench.call("PUT", f"/webhooks/{number}", {"Active": False}).status == 405
    bench.command("deactivate_webhook", webhook=number)
    assert bench.get("/webhooks")["webhooks"][0]["Active"] is False
    bench.create()
    bench.command("buy_label", order="SO007015")
    assert bench.deliveries() == []


def test_our_own_orders_are_news_too_one_notification_a_call() -> None:
    bench = Bench()
    bench.subscribe("ORDER_NOTIFY")
    bench.post(MANY, [an_order(name) for name in "ABC"])
    batch = url_of(bench).partition("importBatch=")[2]
    found = bench.get("/orders", importBatch=batch)["orders"]
    assert [each["orderNumber"] for each in found] == ["A", "B", "C"]


def test_awaiting_payment_is_no_news_until_it_is_paid() -> None:
    bench = Bench()
    bench.subscribe("ORDER_NOTIFY")
    bench.create(orderStatus="awaiting_payment")
    bench.create("B", orderStatus="awaiting_payment")
    assert bench.deliveries() == []
    bench.post(ONE, an_order("B", orderStatus="cancelled"))
    assert bench.deliveries() == []
    bench.create()
    assert "/orders?importBatch=" in url_of(bench)


def test_edits_voids_returns_and_marks_are_no_news() -> None:
    bench = Bench()
    for event in ("ORDER_NOTIFY", "ITEM_ORDER_NOTIFY", "SHIP_NOTIFY", "ITEM_SHIP_NOTIFY", "FULFILLMENT_SHIPPED"):
        bench.subscribe(event)
    number = bench.create()
    bench.create("B")
    bench.create("C")
    shipment = bench.command("buy_label", order="B")["shipmentId"]
    bench.deliveries()
    bench.post(ONE, an_order(internalNotes="new"))
    bench.command("edit_item", order=number, line="1", members={"quantity": 9})
    bench.command("set_status", order=number, status="on_hold", until="2026-04-01")
    bench.command("void_label", shipment=shipment)
    bench.command("return_label", order="B")
    bench.command("mark_as_shipped", order="C")
    assert bench.deliveries() == []


@pytest.mark.parametrize(("event", "items"), [("SHIP_NOTIFY", "False"), ("ITEM_SHIP_NOTIFY", "True")])
def test_a_label_is_told_with_a_numbered_host(event: str, items: str) -> None:
    bench = Bench()
    bench.subscribe(event)
    bench.create()
    shipment = bench.command("buy_label", order="SO007015")["shipmentId"]
    url = url_of(bench)
    assert url == f"https://ssapi4.shipstation.com/shipments?batchId=190671332&includeShipmentItems={items}"
    assert bench.get("/shipments", batchId="190671332")["shipments"][0]["shipmentId"] == shipment


def test_a_batch_is_told_once() -> None:
    bench = Bench()
    bench.subscribe()
    bench.create("A")
    bench.create("B")
    bench.command("buy_batch", labels=[{"order": "A"}, {"order": "B"}])
    batch = url_of(bench).partition("batchId=")[2].partition("&")[0]
    assert len(bench.get("/shipments", batchId=batch)["shipments"]) == 2


def test_hosts_vary_unless_the_switch_says_bare() -> None:
    bench = Bench()
    bench.subscribe()
    bench.create()
    hosts = set()
    for _ in range(7):
        bench.command("buy_label", order="SO007015")
        hosts.add(url_of(bench).split("/")[2])
    assert len(hosts) == 6
    bench.command("set", bare_host=True)
    bench.command("buy_label", order="SO007015")
    assert url_of(bench).startswith("https://ssapi.shipstation.com/")


def test_a_subscription_for_a_store_hears_of_that_store() -> None:
    bench = Bench()
    bench.subscribe(store_id=MANUAL_STORE)
    bench.create()
    bench.command("buy_label", order="SO007015")
    assert bench.deliveries() == []
    bench.create("B", advancedOptions={"storeId": MANUAL_STORE})
    bench.command("buy_label", order="B")
    assert f"shipments?storeID={MANUAL_STORE}&batchId=" in url_of(bench)


def test_fulfillment_events_and_the_contradiction_about_marks() -> None:
    bench = Bench(mark_as_shipped_notifies=True)
    bench.subscribe("FULFILLMENT_SHIPPED")
    bench.subscribe("FULFILLMENT_REJECTED")
    for name in "ABC":
        bench.create(name)
    bench.command("provider_ships", order="A")
    batch = url_of(bench).partition("/fulfillments?batchId=")[2]
    assert bench.get("/fulfillments", batchId=batch)["total"] == 1
    bench.command("provider_rejects", order="B")
    assert bench.deliveries()[0]["resource_type"] == "FULFILLMENT_REJECTED"
    bench.command("mark_as_shipped", order="C")
    assert bench.deliveries()[0]["resource_type"] == "FULFILLMENT_SHIPPED"


def test_a_refused_delivery_comes_back_a_few_times() -> None:
    bench = Bench()
    bench.subscribe()
    bench.create()
    bench.command("buy_label", order="SO007015")
    bodies = []
    for wait in (60, 600, 3600):
        [delivery] = bench.simulator.take_deliveries()
        bodies.append(delivery.body)
        bench.simulator.report_delivery(delivery, False)
        assert bench.simulator.take_deliveries() == []
        bench.wait(wait)
    assert len(set(bodies)) == 1
    assert bench.simulator.take_deliveries() == []
    assert (bench.holdings()["deliveries_waiting"], bench.holdings()["deliveries_lost"]) == (0, 1)


def test_deliveries_are_doubled_reordered_and_dropped_by_switch() -> None:
    bench = Bench(duplicate_deliveries=1, reorder_deliveries=True)
    bench.subscribe()
    for name in "AB":
        bench.create(name)
        bench.command("buy_label", order=name)
    urls = [each["resource_url"] for each in bench.deliveries()]
    assert len(urls) == 4
    assert "190671333" in urls[0]
    assert "190671332" in urls[-1]
    bench.command("set", drop_deliveries=True)
    bench.command("buy_label", order="A")
    assert bench.deliveries() == []
    assert bench.holdings()["deliveries_lost"] == 2


def test_a_driver_takes_and_reports_over_the_control_door() -> None:
    bench = Bench(duplicate_deliveries=1)
    bench.subscribe()
    bench.create()
    bench.command("buy_label", order="SO007015")
    first, second = bench.command("take_deliveries")
    assert first["url"] == TARGET
    assert json.loads(first["body"]) == json.loads(second["body"])
    bench.command("report_delivery", delivery=first["delivery"], accepted=True)
    bench.command("report_delivery", delivery=second["delivery"], accepted=False)
    assert (bench.holdings()["deliveries_accepted"], bench.holdings()["deliveries_waiting"]) == (1, 1)


def verify(bench: Bench, headers: dict[str, str], body: bytes) -> None:
    """As a receiver does it: by the key set."""
    keys = document(bench.call("GET", "/jwks", headers={"Authorization": None}))["keys"]
    key = next(each for each in keys if each["kid"] == headers["x-shipengine-rsa-sha256-key-id"])

    def number(text: str) -> int:
        return int.from_bytes(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)), "big")

    text = headers["x-shipengine-rsa-sha256-signature"]
    signature = base64.urlsafe_b64decode(text.replace("+", "-").replace("/", "_") + "=" * (-len(text) % 4))
    public = rsa.RSAPublicNumbers(number(key["e"]), number(key["n"])).public_key()
    signed = headers["x-shipengine-timestamp"].encode() + b"." + body
    public.verify(signature, signed, padding.PKCS1v15(), SHA256())


def test_v1_is_not_signed_and_v2_is() -> None:
    bench = Bench()
    bench.subscribe()
    bench.create()
    bench.command("buy_label", order="SO007015")
    [plain] = bench.simulator.take_deliveries()
    assert not [name for name in plain.headers if name.startswith("x-shipengine")]
    for switches in ({"sign_webhooks": True}, {"base64url_signatures": True}):
        bench.command("set", **switches)
        bench.command("buy_label", order="SO007015")
        [signed] = bench.simulator.take_deliveries()
        assert signed.headers["x-shipengine-timestamp"] == "2026-03-16T18:40:05Z"
        verify(bench, signed.headers, signed.body)
    assert not set("+/=") & set(signed.headers["x-shipengine-rsa-sha256-signature"])


def test_the_key_changes_and_the_old_one_stays_published() -> None:
    bench = Bench(sign_webhooks=True)
    bench.subscribe()
    bench.create()
    bench.command("buy_label", order="SO007015")
    [before] = bench.simulator.take_deliveries()
    assert len(bench.get("/jwks")["keys"]) == 1
    name = bench.command("rotate_webhook_key")
    bench.command("buy_label", order="SO007015")
    [after] = bench.simulator.take_deliveries()
    assert after.headers["x-shipengine-rsa-sha256-key-id"] == name
    for each in (before, after):
        verify(bench, each.headers, each.body)
