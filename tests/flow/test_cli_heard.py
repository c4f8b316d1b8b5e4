"""What each topic told and missed: fast polls take nothing from a webhook that comes in a fair time, dead ones show."""

from __future__ import annotations

from typing import Any

import pytest

from local.simulators.acumatica.seed import line, order
from tests.support.desk import StageDesk
from tests.support.stage import NAME, Stage

EVERY_MINUTE = {"shipments": {"every_seconds": 60}}


def shipped(stage: Stage, count: int) -> None:
    """Orders that the warehouse ships, one after the other."""
    for _ in range(count):
        made = stage.acumatica.command("sales_order", order("QUILL", line("0041", 1), country="US"))
        stage.run(minutes=3)
        stage.shipbob.command("fulfil", {"reference_id": f"ACU-SO-{made['key']}"})


def heard(desk: StageDesk, *words: str) -> dict[tuple[str, str], dict[str, Any]]:
    document = desk.json("webhooks", "status", NAME, *words, codes=(0, 1))
    return {(row["stream"], row["topic"]): row for row in document["first_heard"]}


def told(row: dict[str, Any]) -> tuple[int, int, int, float | None]:
    return row["by_webhook"], row["by_poll"], row["waiting"], row["missed_percent"]


SHIPPED = ("shipments", "order.shipped")


def test_with_working_webhooks_the_shipments_are_told_by_them() -> None:
    desk = StageDesk(Stage())
    desk.stage.subscribe()
    shipped(desk.stage, 2)
    desk.stage.run(minutes=40, webhooks=True)
    assert told(heard(desk)[SHIPPED]) == (2, 0, 0, 0.0)
    assert "order.shipped" in desk.run("webhooks", "status", NAME).stdout


def test_without_webhooks_the_polls_find_everything_and_what_no_webhook_tells_is_not_missed() -> None:
    desk = StageDesk(Stage())
    shipped(desk.stage, 2)
    desk.stage.run(minutes=40)
    rows = heard(desk)
    assert told(rows[SHIPPED]) == (0, 2, 0, 100.0)
    assert told(rows[("orders", "")]) == (0, 2, 0, None)  # nobody has set up pushes of Acumatica


def test_a_poll_that_is_faster_than_the_webhook_takes_nothing_from_it() -> None:
    stage = Stage(schedule=EVERY_MINUTE)
    desk = StageDesk(stage)
    stage.subscribe()
    shipped(stage, 1)
    stage.run(minutes=2)
    assert stage.states("shipments")  # the poll was first
    assert told(heard(desk)[SHIPPED]) == (0, 0, 1, None)
    stage.push_webhooks()
    stage.run(minutes=10)
    assert told(heard(desk)[SHIPPED]) == (1, 0, 0, 0.0)


def test_one_topic_that_never_arrives_shows_beside_one_that_does() -> None:
    stage = Stage(schedule=EVERY_MINUTE)
    stage.subscribe()
    shipped(stage, 1)
    stage.run(minutes=8, webhooks=True)
    stage.shipbob.command("move", {"reference_id": "ACU-SO-SO000001", "status": "Delivered"})
    stage.shipbob.take_deliveries()  # lost
    stage.run(minutes=130)
    rows = heard(StageDesk(stage))
    assert told(rows[SHIPPED]) == (1, 0, 0, 0.0)
    assert told(rows[("shipments", "order.shipment.delivered")]) == (0, 1, 0, 100.0)


def test_another_connection_and_another_day_do_not_count() -> None:
    desk = StageDesk(Stage())
    shipped(desk.stage, 1)
    desk.stage.run(minutes=40)
    assert heard(desk)[SHIPPED]["by_poll"]
    desk.stage.clock.advance(days=3)
    assert SHIPPED not in heard(desk)
    assert SHIPPED in heard(desk, "--days", "5")


@pytest.mark.parametrize("days", ["0", "15"])
def test_days_have_bounds(days: str) -> None:
    assert StageDesk(Stage()).run("webhooks", "status", NAME, "--days", days).exit_code == 2
