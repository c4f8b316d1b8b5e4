"""Silent webhooks: measured only when polls find what webhooks used to tell."""

from __future__ import annotations

from connector.silence import judged, rung, silent_for
from local.simulators.acumatica.seed import line, order
from tests.support.stage import NAME, Stage
from tests.support.world import World


def metric(stage: Stage) -> list[float]:
    return stage.world.metrics().get("SilentWebhookSeconds", [])


def sell(stage: Stage) -> None:
    stage.acumatica.command("sales_order", order("QUILL", line("0041", 1), country="US"))


def test_a_connection_without_webhooks_is_never_called_silent() -> None:
    stage = Stage()
    sell(stage)
    stage.run(minutes=10)
    assert set(stage.states("orders").values()) == {"done"}
    assert metric(stage) == []


def test_polls_that_find_what_webhooks_used_to_tell_measure_the_silence() -> None:
    stage = Stage()
    rung(stage.process, NAME, "orders")
    stage.run(minutes=600)
    assert metric(stage) == []  # a night without orders is no silence
    sell(stage)
    stage.run(minutes=4)
    assert metric(stage) == []  # its webhook still has time
    stage.run(minutes=5)
    assert len(metric(stage)) == 1
    assert min(metric(stage)) >= 36_000


def test_a_webhook_that_comes_a_moment_after_the_poll_is_no_silence() -> None:
    stage = Stage()
    rung(stage.process, NAME, "orders")
    stage.run(minutes=600)
    sell(stage)
    stage.run(minutes=2)
    assert set(stage.states("orders").values()) == {"done"}  # the poll was first
    rung(stage.process, NAME, "orders")
    stage.run(minutes=8)
    assert metric(stage) == [0.0]


def test_a_silent_topic_does_not_hide_behind_another_one_of_its_stream() -> None:
    world = World()
    rung(world.services, "acme", "shipments", "order.shipment.delivered")
    rung(world.services, "acme", "shipments", "order.shipped")
    world.clock.advance(hours=7)
    rung(world.services, "acme", "shipments", "order.shipment.delivered")
    news = ["order.shipped", "order.shipment.delivered", "order.shipment.exception"]
    waiting, measured = judged(world.services, "acme", "shipments", {}, news)
    assert (sorted(waiting), measured) == (sorted(news), [])
    world.clock.advance(minutes=5)
    waiting, measured = judged(world.services, "acme", "shipments", waiting, [])
    assert waiting == {}
    assert sorted(measured) == [0.0, 7 * 3600 + 300]  # of exceptions none has ever told


def test_a_webhook_ends_the_silence() -> None:
    world = World()
    assert silent_for(world.services, "acme", "orders") is None
    rung(world.services, "acme", "orders")
    world.clock.advance(hours=7)
    assert silent_for(world.services, "acme", "orders") == 25_200
    assert silent_for(world.services, "acme", "items") is None
    rung(world.services, "acme", "orders")
    assert silent_for(world.services, "acme", "orders") == 0


def test_a_thousand_webhooks_are_one_write() -> None:
    world = World()
    writes: list[str] = []
    world.step = writes.append
    for _ in range(1000):
        rung(world.services, "acme", "orders")
    assert writes.count("tables.put.before") == 1
    world.clock.advance(minutes=6)
    rung(world.services, "acme", "orders")
    assert writes.count("tables.put.before") == 2


def test_a_delivered_webhook_rings_for_its_stream() -> None:
    stage = Stage()
    stage.subscribe()
    sell(stage)
    stage.run(minutes=5)
    key = next(iter(stage.states("orders"))).replace("/", "-")
    stage.shipbob.command("fulfil", {"reference_id": f"ACU-{key}"})
    stage.run(minutes=5, webhooks=True)
    assert silent_for(stage.process, NAME, "shipments") is not None
    assert silent_for(stage.process, NAME, "orders") is None
