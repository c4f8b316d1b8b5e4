"""Who told first: with working webhooks the polls find nothing new, with dead ones they find everything."""

from __future__ import annotations

import pytest

from local.simulators.acumatica.seed import line, order
from tests.support.desk import StageDesk
from tests.support.stage import NAME, Stage


def shipped(stage: Stage, count: int) -> None:
    """Orders that the warehouse ships, one after the other."""
    for _ in range(count):
        made = stage.acumatica.command("sales_order", order("QUILL", line("0041", 1), country="US"))
        stage.run(minutes=3)
        stage.shipbob.command("fulfil", {"reference_id": f"ACU-SO-{made['key']}"})


def heard(desk: StageDesk) -> dict[str, dict[str, object]]:
    document = desk.json("webhooks", "status", NAME, codes=(0, 1))
    return {row["stream"]: row for row in document["first_heard"]}


def test_with_working_webhooks_the_shipments_are_told_by_them() -> None:
    desk = StageDesk(Stage())
    desk.stage.subscribe()
    shipped(desk.stage, 2)
    desk.stage.run(minutes=40, webhooks=True)
    row = heard(desk)["shipments"]
    assert (row["by_poll"], row["missed_percent"]) == (0, 0.0)
    assert int(str(row["by_webhook"])) >= 2
    assert "order.shipped" in row["topics"]
    assert "order.shipped" in desk.run("webhooks", "status", NAME).stdout


def test_without_webhooks_the_polls_find_everything() -> None:
    desk = StageDesk(Stage())
    shipped(desk.stage, 2)
    desk.stage.run(minutes=40)
    row = heard(desk)["shipments"]
    assert (row["by_webhook"], row["missed_percent"], row["topics"]) == (0, 100.0, [])


def test_another_connection_and_another_day_do_not_count() -> None:
    desk = StageDesk(Stage())
    shipped(desk.stage, 1)
    desk.stage.run(minutes=40)
    assert heard(desk)["shipments"]["by_poll"]
    desk.stage.clock.advance(days=3)
    assert "shipments" not in heard(desk)
    assert desk.json("webhooks", "status", NAME, "--days", "5", codes=(0, 1))["first_heard"]


@pytest.mark.parametrize("days", ["0", "15"])
def test_days_have_bounds(days: str) -> None:
    assert StageDesk(Stage()).run("webhooks", "status", NAME, "--days", days).exit_code == 2
