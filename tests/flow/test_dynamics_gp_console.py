"""The console's page accepts the variances of a cause at the figures that it has shown."""

from __future__ import annotations

from typing import Any

import pytest

from cli.operations.resolving import all_causes
from tests.flow.test_console import pages, server
from tests.flow.test_dynamics_gp_review import moved, varied
from tests.flow.test_dynamics_gp_stock import ITEM
from tests.support.gp_stage import HEADSET, ITEMS, GpStage

__all__ = ["pages", "server"]


@pytest.fixture
def stage() -> GpStage:
    """Two variances of one cause."""
    made = varied()
    moved(made, 2, ITEMS[HEADSET]["item"])
    return made


def test_a_cause_is_accepted_on_the_page_that_shows_every_figure(pages: Any, stage: GpStage) -> None:
    (cause,) = all_causes(stage.process)
    shown, accepted = pages({"open": f"#/cause?id={cause.id}"}, {"answer": "counted", "press": "Accept all"})
    assert "4 more in GP" in shown["view"]
    assert "2 more in GP" in shown["view"]
    assert "2 records are accepted" in accepted["message"], accepted
    assert stage.state("stock", ITEM)[0] == "done"
