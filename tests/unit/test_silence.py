"""Silent webhooks: measured only when polls find what webhooks used to tell."""

from __future__ import annotations

from connector.silence import rung, silent_for
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
    stage.run(minutes=5)
    assert metric(stage)
    assert min(metric(stage)) >= 36_000


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
