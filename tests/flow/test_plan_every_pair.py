"""A plan needs nothing of a pair: every flow runs up to its first write, and no vendor holds anything new."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from connector.connection import load_connection
from connector.pair import Window
from connector.rehearsal import Step, rehearse
from connector.survey import NoSurveys, reconcile
from local.simulators.acumatica.seed import line
from tests.support.gp_stage import SHIRT, GpStage
from tests.support.gp_stage import line as gp_line
from tests.support.netsuite_stage import NetSuiteStage
from tests.support.shipstation_stage import ShipStationStage
from tests.support.stage import NAME, Stage


def rehearsed(stage: Stage, pair: Any, stream: str) -> list[Step]:
    """What the work on every record of a stream would do now."""
    name = next(iter(stage.records(stream).values())).connection
    connection = load_connection(stage.world.tables, name, pair.document)
    assert connection is not None
    steps = []
    for record in stage.records(stream).values():
        for _ in range(20):
            step = rehearse(pair, stage.process, connection, record)
            if step.ends != "later":
                break
            stage.clock.advance(5)
        steps.append(step)
    return steps


def sighted(stage: Stage, stream: str) -> None:
    """Lets the polls run and takes away every message, so that records are known and nobody works on them."""
    for _ in range(4):
        stage.tick()
        while stage.world.deliver("jobs", lambda event, context: stage._poll(event, context), 1):
            pass
        stage.clock.advance(60)
    assert stage.records(stream)


def test_shipstation_orders_that_go_out_together_are_planned_one_by_one() -> None:
    from acumatica_shipstation.flows import PAIR

    stage = ShipStationStage()
    stage.sales_order(line("0041", 2))
    stage.sales_order(line("0041", 1))
    stage.clock.advance(30)
    sighted(stage, "orders")
    steps = rehearsed(stage, PAIR, "orders")
    assert {step.ends for step in steps} == {"write"}
    assert {step.method for step in steps} == {"POST"}
    assert stage.orders() == []


def test_gp_orders_are_planned_and_gp_holds_none() -> None:
    from dynamicsgp_shipbob.flows import PAIR

    stage = GpStage()
    stage.order(gp_line(SHIRT, 2, 19.99))
    stage.clock.advance(60)
    sighted(stage, "orders")
    (step,) = rehearsed(stage, PAIR, "orders")
    assert (step.ends, step.key != "") == ("write", True)
    assert stage.sales() == {}


def test_netsuite_purchase_orders_are_planned_and_shipbob_holds_none() -> None:
    from netsuite_shipbob.flows import PAIR

    stage = NetSuiteStage()
    stage.purchase_order(("TEE", 120), ("CAP", 60))
    stage.clock.advance(60)
    stream = next(flow.name for flow in PAIR.flows if "purchase" in flow.name)
    sighted(stage, stream)
    (step,) = rehearsed(stage, PAIR, stream)
    assert step.ends == "write", step
    assert stage.receiving_orders() == []


def test_a_pair_without_lists_refuses_to_be_reconciled_in_plain_words() -> None:
    from dynamicsgp_shipbob.flows import PAIR

    bare = replace(PAIR, surveys={})
    stage = GpStage()
    connection = load_connection(stage.world.tables, NAME, PAIR.document)
    assert connection is not None
    window = Window(stage.clock() - timedelta(days=1), stage.clock())
    with pytest.raises(NoSurveys, match="has no lists to compare in this version"):
        reconcile(bare, stage.process, connection, None, window, {})
