"""Webhooks (section 17): subscriptions, signatures, the retry schedule, duplicates, order, rotation, disabling."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from typing import Any

import pytest

from local.simulators.shipbob import PAT_CHANNEL, sign
from local.simulators.shipbob.records import Delivery
from tests.simulators.shipbob_bench import Bench, document

SECRET = "whsec_bWwtY29ubmVjdG9yLXRlc3Qta2V5LTAx"
OLD = "whsec_bWwtY29ubmVjdG9yLW9sZC1rZXktMDAh"
URL = "https://connector.example.com/hooks/shipbob"
DAY = 86400


def a_subscription(**changes: Any) -> dict[str, Any]:
    return {
        "url": URL,
        "topics": ["order.shipped", "order.shipment.exception"],
        "description": "ml-connector",
        "secret": SECRET,
        **changes,
    }


def subscribe(bench: Bench, **changes: Any) -> str:
    reply = bench.call("POST", "/webhook", a_subscription(**changes), version="2026-07")
    assert reply.status == 200, reply.body
    return str(document(reply)["id"])


def verified(delivery: Delivery, secret: str = SECRET) -> bool:
    """The receiver's side, written apart from the simulator's signer."""
    key = base64.b64decode(secret.split("_", 1)[1] + "==")
    signed = f"{delivery.headers['webhook-id']}.{delivery.headers['webhook-timestamp']}.".encode() + delivery.body
    wanted = hmac.new(key, signed, hashlib.sha256).digest()
    entries = [entry.partition(",") for entry in delivery.headers["webhook-signature"].split(" ")]
    return any(label == "v1" and base64.b64decode(text + "==") == wanted for label, _, text in entries)


def test_the_signer_reproduces_the_worked_vector_byte_for_byte() -> None:
    body = '{"id":345100001,"order_id":337200001,"status":"Completed","note":"Zoë — ünïcode"}'.encode()
    assert len(body) == 86
    made = sign(SECRET, "msg_2vMLCworkedVector000000001", 1767225600, body)
    assert made == "v1,hc2RHjMjJVlf+T3wff9n9Q7KU2/zEJEUL5qu1oPzY+I="
    assert (
        sign(OLD, "msg_2vMLCworkedVector000000001", 1767225600, body)
        == "v1,s3tAsGQd5QaM7JPn812TxCR/G1agpw/nU8+QydzRj4w="
    )


REFUSED = {
    "http": a_subscription(url="http://connector.example.com/hook"),
    "no address": a_subscription(url="hook"),
    "no url": {"topics": ["order.shipped"]},
    "no topics": {"url": URL},
    "empty topics": a_subscription(topics=[]),
    "unknown topic": a_subscription(topics=["order.shipped", "order.created"]),
    "topic that never existed": a_subscription(topics=["wro.partially_received"]),
    "newer topic": a_subscription(topics=["order.shipped", "wro.completed"]),
    "retired topic": a_subscription(topics=["order_shipped"]),
    "retired form": {"topic": "order_shipped", "subscription_url": URL},
    "short secret": a_subscription(secret="whsec_short"),
    "secret without prefix": a_subscription(secret="bWwtY29ubmVjdG9yLXRlc3Qta2V5LTAx"),
    "padded secret": a_subscription(secret=SECRET + "="),
    "secret with dash": a_subscription(secret="whsec_" + "-" * 32),
    "topics as text": a_subscription(topics="order.shipped"),
    "unknown member": a_subscription(enabled=True),
}


@pytest.mark.parametrize("case", REFUSED)
def test_a_wrong_subscription_is_refused_and_leaves_nothing(case: str) -> None:
    bench = Bench()
    assert bench.call("POST", "/webhook", REFUSED[case]).status in (400, 422), case
    assert bench.simulator.holdings()["subscriptions"] == {}


def test_a_refusal_carries_its_text_in_value() -> None:
    reply = Bench().call("POST", "/webhook", REFUSED["unknown topic"])
    assert (reply.status, "order.created" in json.dumps(document(reply)["value"])) == (422, True)


def test_2025_07_knows_no_billing_topics_and_2026_07_knows_the_new_ones() -> None:
    bench = Bench()
    billing, newer = a_subscription(topics=["billing.charge.created"]), a_subscription(topics=["wro.completed"])
    assert [bench.call("POST", "/webhook", billing, version=version).status for version in ("2025-07", "2026-01")] == [
        422,
        200,
    ]
    assert [bench.call("POST", "/webhook", newer, version=version).status for version in ("2026-01", "2026-07")] == [
        422,
        200,
    ]
    bench.command("set", newer_topics=True)
    assert bench.call("POST", "/webhook", newer).status == 200


def test_a_topic_needs_the_scope_of_its_data() -> None:
    bench = Bench(pats={"p": {"webhooks_write", "orders_read"}})
    assert bench.call("POST", "/webhook", a_subscription(topics=["return.created"]), token="p").status == 403
    assert bench.call("POST", "/webhook", a_subscription(), token="p").status == 200


def test_plain_http_only_for_loopback_and_only_when_switched_on() -> None:
    body = a_subscription(url="http://127.0.0.1:8080/hook")
    assert Bench().call("POST", "/webhook", body).status == 200
    assert Bench(loopback_webhooks=False).call("POST", "/webhook", body).status == 422


def test_the_secret_is_shown_once_and_made_when_omitted() -> None:
    bench = Bench(webhook_create_status=201)
    body = a_subscription()
    del body["secret"]
    reply = bench.call("POST", "/webhook", body)
    assert reply.status == 201
    assert len(document(reply)["secret"]) == 38
    listed = bench.get("/webhook")["items"][0]
    assert ("secret" in listed, listed["enabled"], listed["url"]) == (False, True, URL)


def test_creating_twice_makes_two_and_deletion_is_204() -> None:
    bench = Bench()
    first = subscribe(bench)
    subscribe(bench)
    bench.command("fulfil", order_id=bench.order()["id"])
    assert len(bench.simulator.take_deliveries()) == 2
    assert bench.call("DELETE", f"/webhook/{first}").status == 204
    assert bench.call("DELETE", f"/webhook/{first}").status == 404
    assert len(bench.get("/webhook")["items"]) == 1


def test_subscriptions_are_paged() -> None:
    bench = Bench()
    for _ in range(3):
        subscribe(bench)
    page = bench.get("/webhook", query="RecordsPerPage=2")
    rest = bench.get("/webhook", query={"RecordsPerPage": 2, "Cursor": page["next"]})
    assert (len(page["items"]), len(rest["items"]), rest["next"]) == (2, 1, None)
    assert bench.call("GET", "/webhook", query="RecordsPerPage=251").status == 400


def a_delivery(**switches: Any) -> tuple[Bench, Delivery]:
    bench = Bench(**switches)
    subscribe(bench)
    bench.command("fulfil", order_id=bench.order()["id"])
    return bench, bench.simulator.take_deliveries()[0]


def test_a_delivery_is_signed_over_the_raw_body_and_is_the_bare_order() -> None:
    bench, delivery = a_delivery()
    assert (delivery.url, delivery.headers["x-webhook-topic"]) == (URL, "order.shipped")
    assert delivery.headers["webhook-timestamp"] == str(int(bench.now.timestamp()))
    assert delivery.headers["webhook-id"].startswith("msg_")
    assert verified(delivery)
    body = json.loads(delivery.body)
    assert (body["reference_id"], len(body["shipments"])) == ("ACU-SO-001234", 1)
    assert bench.simulator.take_deliveries() == []


def test_signatures_may_come_without_padding() -> None:
    _, delivery = a_delivery(unpadded_signatures=True)
    assert len(delivery.headers["webhook-signature"]) == len("v1,") + 43
    assert verified(delivery)


def test_failures_come_back_on_the_schedule_with_the_same_id_and_a_fresh_timestamp() -> None:
    bench, delivery = a_delivery()
    first = delivery
    for wait in (5, 300, 1800, 7200, 18000, 36000, 36000):
        bench.simulator.report_delivery(delivery, accepted=False)
        bench.wait(wait - 1)
        assert bench.simulator.take_deliveries() == []
        bench.wait(1)
        delivery = bench.simulator.take_deliveries()[0]
        assert (delivery.id, delivery.body) == (first.id, first.body)
        assert delivery.headers["webhook-timestamp"] == str(int(bench.now.timestamp()))
        assert verified(delivery)
    bench.simulator.report_delivery(delivery, accepted=False)
    bench.wait(5 * DAY)
    assert bench.simulator.take_deliveries() == [], "after the last try nothing comes again"
    assert bench.simulator.holdings()["deliveries_given_up"] == 1


def test_five_days_of_failures_disable_the_endpoint_and_nothing_is_replayed() -> None:
    bench, delivery = a_delivery()
    bench.simulator.report_delivery(delivery, accepted=False)
    for day in range(6):
        bench.wait(DAY)
        bench.command("fulfil", order_id=bench.order(f"D-{day}")["id"])
        for each in bench.simulator.take_deliveries():
            bench.simulator.report_delivery(each, accepted=False)
    assert bench.get("/webhook")["items"][0]["enabled"] is False
    bench.command("fulfil", order_id=bench.order("LATER")["id"])
    bench.wait(DAY)
    assert bench.simulator.take_deliveries() == []


def test_one_success_starts_the_five_days_again() -> None:
    bench, delivery = a_delivery()
    bench.simulator.report_delivery(delivery, accepted=False)
    for day in range(6):
        bench.wait(DAY)
        bench.command("fulfil", order_id=bench.order(f"D-{day}")["id"])
        for each in bench.simulator.take_deliveries():
            bench.simulator.report_delivery(each, accepted=day == 3)
    assert bench.get("/webhook")["items"][0]["enabled"] is True


def test_duplicates_have_the_same_id_and_the_order_may_turn() -> None:
    bench = Bench(duplicate_deliveries=1, reorder_deliveries=True)
    subscribe(bench, topics=["order.shipped"])
    for reference in ("A", "B"):
        bench.command("fulfil", order_id=bench.order(reference)["id"])
    taken = bench.simulator.take_deliveries()
    assert [json.loads(each.body)["reference_id"] for each in taken] == ["B", "B", "A", "A"]
    assert len({each.id for each in taken}) == 2


def test_during_a_rotation_two_secrets_sign_and_for_one_day_only() -> None:
    bench = Bench()
    subscribe(bench, secret=OLD)
    bench.command("rotate_webhook_secret", secret=SECRET)
    bench.command("fulfil", order_id=bench.order("A")["id"])
    both = bench.simulator.take_deliveries()[0]
    assert (len(both.headers["webhook-signature"].split(" ")), verified(both, OLD), verified(both, SECRET)) == (
        2,
        True,
        True,
    )
    bench.wait(DAY)
    bench.command("fulfil", order_id=bench.order("B")["id"])
    one = bench.simulator.take_deliveries()[0]
    assert (verified(one, OLD), verified(one, SECRET)) == (False, True)


def topics(bench: Bench) -> list[str]:
    return [each.topic for each in bench.simulator.take_deliveries()]


EVERY = (
    "order.shipped order.delivered order.shipment.tracking.updated order.shipment.delivered order.shipment.exception"
    " order.shipment.on_hold order.shipment.cancelled return.created return.updated return.completed"
    " wro.created wro.updated wro.completed wro.box.arrived wro.box.stowed"
    " billing.charge.created billing.refund.created billing.credit.created"
)


def test_every_act_fires_its_topic() -> None:
    bench = Bench()
    subscribe(bench, topics=EVERY.split(" "))
    number = bench.order()["id"]
    bench.command("hold", order_id=number)
    bench.command("release", order_id=number)
    bench.command("exception", order_id=number)
    bench.command("release", order_id=number)
    assert topics(bench) == ["order.shipment.on_hold", "order.shipment.exception"]
    bench.command("fulfil", order_id=number)
    bench.command("move", order_id=number, status="InTransit")
    bench.command("move", order_id=number, status="Delivered")
    moved = "order.shipment.tracking.updated"
    assert topics(bench) == ["order.shipped", moved, moved, "order.shipment.delivered", "order.delivered"]
    cancelled = bench.order("B")["id"]
    bench.call("POST", f"/order/{cancelled}:cancel")
    by_hand = bench.order("C")["id"]
    bench.command("cancel_shipment", order_id=by_hand)
    assert topics(bench) == ["order.shipment.cancelled"], "not for what people cancel by hand"
    for kind, amount in (("Charge", "1"), ("Refund", "-1"), ("Credit", "-1")):
        bench.command("add_charge", fee="Pick Fee", amount=amount, type=kind)
    assert topics(bench) == [f"billing.{kind}.created" for kind in ("charge", "refund", "credit")]


def test_returns_and_receiving_orders_ring_too() -> None:
    bench = Bench()
    subscribe(bench, topics=EVERY.split(" "))
    line = {"id": bench.shirt["inventory_id"], "quantity": 1, "requested_action": "Restock"}
    body = {"fulfillment_center": {"id": 8}, "reference_id": "R", "inventory": [line]}
    bench.call("POST", "/return", body, channel=PAT_CHANNEL)
    bench.command("process_return", reference_id="R", step="arrive")
    bench.command("process_return", reference_id="R", step="complete")
    assert topics(bench) == ["return.created", "return.updated", "return.completed"]
    item = {"inventory_id": bench.shirt["inventory_id"], "quantity": 1}
    wro = {
        "fulfillment_center": {"id": 8},
        "package_type": "Package",
        "box_packaging_type": "EverythingInOneBox",
        "expected_arrival_date": "2026-04-06T00:00:00Z",
        "purchase_order_number": "PO-1",
        "boxes": [{"tracking_number": None, "box_items": [item]}],
    }
    assert bench.call("POST", "/receiving", wro).status == 201
    for step in ("arrive", "stow", "complete"):
        bench.command("receive", purchase_order_number="PO-1", step=step)
    fired = topics(bench)
    assert fired == ["wro.created", "wro.box.arrived", "wro.updated", "wro.box.stowed", "wro.updated", "wro.completed"]


def test_order_shipped_waits_for_all_labels_or_comes_per_label() -> None:
    partly = [{"lines": [{"sku": "TSHIRT-BLU-M", "quantity": 1}]}]
    for per_label, counts in ((False, (0, 1)), (True, (1, 1))):
        bench = Bench(shipped_per_shipment=per_label)
        subscribe(bench, topics=["order.shipped"])
        number = bench.order()["id"]
        bench.command("fulfil", order_id=number, packages=partly)
        first = len(bench.simulator.take_deliveries())
        bench.command("fulfil", order_id=number)
        assert (first, len(bench.simulator.take_deliveries())) == counts


def test_delivery_does_not_always_fire() -> None:
    bench = Bench()
    subscribe(bench, topics=["order.shipment.delivered", "order.delivered"])
    number = bench.order()["id"]
    bench.command("fulfil", order_id=number)
    bench.command("move", order_id=number, status="Delivered", silent_delivery=True)
    assert topics(bench) == []
    assert bench.get(f"/order/{number}/shipment")[0]["delivery_date"] is not None
