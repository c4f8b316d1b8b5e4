"""ShipBob disables an endpoint that failed for days and tells nobody here: the watch puts the subscription right."""

from __future__ import annotations

from local.simulators.acumatica.seed import line
from tests.flow.test_shipments import of_order, sent, shipped
from tests.support.stage import Stage


def subscriptions(stage: Stage) -> list[tuple[str, bool]]:
    found = stage.shipbob.holdings()["subscriptions"].values()
    return [(subscription["url"], subscription["enabled"]) for subscription in found]


def test_a_disabled_subscription_is_created_anew_at_its_address_and_works() -> None:
    stage = Stage(schedule={"shipments": {"every_seconds": 86_400}})
    stage.subscribe()
    before = subscriptions(stage)
    (first,) = stage.shipbob.holdings()["subscriptions"]
    for _ in range(14):  # the endpoint is down: a new event every half day, each retried and failing
        number = sent(stage, line("0041", 1))
        shipped(stage, number)
        for _ in range(12):
            for delivery in stage.shipbob.take_deliveries():
                stage.shipbob.report_delivery(delivery, False)
            stage.clock.advance(3600)
    stage.run(minutes=65)
    assert "a disabled webhook subscription was created anew" in [line.get("text") for line in stage.world.lines()]
    assert first not in stage.shipbob.holdings()["subscriptions"]
    assert set(before) <= {found for found in subscriptions(stage) if found[1]}
    number = sent(stage, line("0041", 1))
    shipped(stage, number)
    stage.run(minutes=3, webhooks=True)
    assert [found["Status"] for found in of_order(stage, number)] == ["Confirmed"]


def test_a_healthy_subscription_is_left_alone() -> None:
    stage = Stage()
    stage.subscribe()
    before = stage.shipbob.holdings()["subscriptions"]
    stage.run(minutes=130)
    assert stage.shipbob.holdings()["subscriptions"] == before
