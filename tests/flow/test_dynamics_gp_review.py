"""What of Dynamics GP waits for a person: variances that nobody can mend, and documents that GP cannot show."""

from __future__ import annotations

from typing import Any

import pytest

from cli.failures import Refused
from cli.operations.resolving import cause_named, end_all, members
from connector.patience import AGE, ATTEMPTS
from connector.transport import AnswerLost, Request
from tests.flow.test_dynamics_gp_shipments import entered, tracking
from tests.flow.test_dynamics_gp_stock import ITEM, stage_with_stock
from tests.support.desk import StageDesk, StagePlace
from tests.support.gp_stage import CORD, HEADSET, ITEMS, GpStage, line
from tests.support.stage import NAME

RECORD = f"{NAME}/stock/{ITEM}"
LONG = int(AGE.total_seconds() / 60) + 45


def moved(stage: GpStage, units: int, item: str = ITEM) -> None:
    """GP posts an adjustment, and both looks pass."""
    stage.user("enter_inventory", kind="adjustment", lines=[{"item": item, "quantity": units, "site": "WAREHOUSE"}])
    stage.run(minutes=20)


def varied(units: int = 4, **changes: Any) -> GpStage:
    """A stage with one variance."""
    stage = stage_with_stock(**changes)
    stage.run(minutes=5)
    moved(stage, units)
    assert stage.state("stock", ITEM)[0] == "held"
    return stage


# ---- accepting ----------------------------------------------------------------------------------------------------


def test_an_accepted_variance_stays_quiet_at_its_figures_and_opens_at_others() -> None:
    stage = varied(schedule={"stock": {"every_seconds": 3600}})
    desk = StageDesk(stage)
    done = desk.json("records", "accept", RECORD, "--reason", "four for the showroom")
    assert done["status"] == "done"
    assert "accepted by anna: four for the showroom" in done["why"]
    stage.run(minutes=62)  # the sweep finds the same
    status, why = stage.state("stock", ITEM)
    assert status == "done"
    assert "the one that anna accepted" in why
    moved(stage, 1)
    status, why = stage.state("stock", ITEM)
    assert status == "held", why
    assert "5 more in GP" in why
    told = desk.run("explain", RECORD).output
    assert "Accepted by anna: four for the showroom" in told


def test_a_variance_that_was_gone_and_comes_back_is_open_again() -> None:
    stage = varied()
    StageDesk(stage).json("records", "accept", RECORD, "--reason", "x")
    moved(stage, -4)
    assert "agree" in stage.state("stock", ITEM)[1]
    moved(stage, 4)
    assert stage.state("stock", ITEM)[0] == "held"


def test_a_cause_is_accepted_as_a_whole_by_the_command_and_by_the_api() -> None:
    stage = varied()
    moved(stage, 2, ITEMS[HEADSET]["item"])
    desk, call = StageDesk(stage), StagePlace(stage).operator_api()
    (cause,) = desk.json("review", "list", codes=[1])
    assert (cause["acceptable"], cause["count"]) == (True, 2)
    assert desk.run("review", "resolve", cause["id"], "--accept", "--yes").exit_code == 2  # without a reason
    assert desk.json("review", "resolve", cause["id"], "--accept", "--reason", "counted", "--yes")["records"] == 2
    assert desk.json("review", "list") == []
    moved(stage, 2)
    (cause,) = desk.json("review", "list", codes=[1])
    values = {"id": cause["id"], "way": "accept", "reason": "counted"}
    assert call("POST", "review/resolve", {**values, "figures": [f"{RECORD}: 4 at WAREHOUSE"]})[0] == 409
    values["figures"] = [f"{RECORD}: 6 at WAREHOUSE"]
    assert call("POST", "review/resolve", values)[0] == 200
    assert desk.json("review", "list") == []
    status, _ = call("POST", "records/accept", {"id": RECORD, "reason": "again"})
    assert status == 409  # nothing is held any more


def test_every_figure_is_shown_before_a_cause_is_accepted_and_what_changed_meanwhile_is_not() -> None:
    stage = varied()
    moved(stage, 2, ITEMS[HEADSET]["item"])
    desk = StageDesk(stage)
    (cause,) = desk.json("review", "list", codes=[1])
    ways = ["review", "resolve", cause["id"], "--accept", "--reason", "counted"]
    refused = desk.run(*ways, given="n\n").output
    for shown in (f"{RECORD}: 4 at WAREHOUSE", f"{NAME}/stock/{ITEMS[HEADSET]['item']}: 2 at WAREHOUSE"):
        assert shown in refused
    assert set(stage.states("stock").values()) == {"held", "done"}
    before = members(stage.process, cause_named(stage.process, cause["id"]))
    moved(stage, 1)
    with pytest.raises(Refused, match="figures are others by now"):
        end_all(stage.process, before, "anna", "counted", "accept")
    assert stage.state("stock", ITEM)[0] == "held"
    assert stage.state("stock", ITEMS[HEADSET]["item"])[0] == "done"
    assert "accepted at 5 at WAREHOUSE" in desk.run("records", "accept", RECORD, "--reason", "x").output


def test_the_api_accepts_one_record_in_the_callers_name() -> None:
    stage = varied()
    call = StagePlace(stage).operator_api()
    assert call("POST", "records/accept", {"id": RECORD})[0] == 400
    assert call("POST", "records/accept", {"id": RECORD, "reason": "counted"})[0] == 200
    assert "user/anna: counted" in stage.state("stock", ITEM)[1]


def test_what_shows_no_figures_cannot_be_accepted() -> None:
    stage = GpStage(tables={"methods": {}})
    order_id = stage.order(line(CORD, 1, 9.95))
    stage.run(minutes=3)
    refused = StageDesk(stage).run("records", "accept", f"{NAME}/orders/{order_id}", "--reason", "x")
    assert refused.exit_code != 0
    assert "nothing that can be accepted" in refused.output
    assert stage.state("orders", order_id)[0] == "held"


# ---- documents that GP cannot show --------------------------------------------------------------------------------


def test_a_damaged_order_goes_to_a_person_and_others_go_on() -> None:
    stage = GpStage()
    order_id, other = entered(stage, line(CORD, 1, 9.95)), entered(stage, line(CORD, 1, 9.95))
    stage.user("poison", number=f"SB{order_id}")
    stage.ship(order_id)
    stage.ship(other)
    stage.run(minutes=LONG)
    status, why = stage.state("shipments", order_id)
    assert status == "held", why
    assert f"read order SB{order_id}" in why
    assert "control character" in why
    assert "replay this record" in why
    assert stage.state("shipments", other)[0] == "done"
    assert len(tracking(stage, other)) == 1
    stage.user("poison", number=f"SB{order_id}", poisoned=False)
    stage.replay("shipments", str(order_id))
    stage.run(minutes=3)
    assert stage.state("shipments", order_id)[0] == "done"


def test_an_order_that_is_damaged_before_its_answer_came_is_not_sent_twice() -> None:
    stage = GpStage()
    order_id = stage.order(line(CORD, 1, 9.95))

    def lose(request: Request) -> None:
        if "/CreateSalesOrder" in request.headers.get("SOAPAction", ""):
            stage.user("poison", number=f"SB{order_id}")
            raise AnswerLost("reset")

    stage.wire.after = lose
    stage.run(minutes=LONG)
    status, why = stage.state("orders", order_id)
    assert status == "held", why
    assert "Whether it was written is not clear" in why
    assert stage.operations("CreateSalesOrder") == ["CreateSalesOrder"]


def test_an_answer_beyond_every_bound_goes_to_a_person() -> None:
    stage = stage_with_stock()
    tries = 0

    def large(request: Request) -> None:
        nonlocal tries
        if "GetInventoriedItemByKey" in request.headers.get("SOAPAction", "") and ITEM.encode() in request.body:
            tries += 1
            raise AnswerLost("the answer is larger than 20971520 bytes")

    stage.wire.before = large
    stage.run(minutes=LONG)
    status, why = stage.state("stock", ITEM)
    assert status == "held", why
    assert f"read item {ITEM}" in why
    assert tries >= ATTEMPTS
    assert {state for item, state in stage.states("stock").items() if item != ITEM} == {"done"}


def test_an_outage_of_gp_holds_nobody() -> None:
    stage = GpStage()

    def down(request: Request) -> None:
        if "dynamics" in request.url.casefold():
            raise AnswerLost("no answer in time")

    order_id = entered(stage, line(CORD, 1, 9.95))
    stage.wire.before = down
    stage.ship(order_id)
    stage.run(minutes=LONG * 2)
    assert stage.state("shipments", order_id)[0] == "waiting"
    stage.wire.before = lambda request: None
    stage.run(minutes=30)
    assert stage.state("shipments", order_id)[0] == "done"


def test_a_gp_that_answers_reads_and_fails_on_every_creation_holds_no_flow() -> None:
    stage = GpStage()
    ids = [stage.order(line(CORD, 1, 9.95)) for _ in range(2)]

    def down_in_part(request: Request) -> None:
        if "/CreateSalesOrder" in request.headers.get("SOAPAction", ""):
            raise AnswerLost("reset")

    stage.wire.before = down_in_part
    stage.run(minutes=LONG)
    told = [stage.state("orders", order_id) for order_id in ids]
    assert [status for status, _ in told] == ["unknown", "unknown"]
    assert "others of this flow fail there as well" in told[0][1] + told[1][1]
    alerts = [alert for alert in stage.world.alerts.sent if "fails on several" in alert.subject]
    assert len(alerts) == 1, "a person is told once a day"
    stage.wire.before = lambda request: None
    stage.run(minutes=30)
    assert [stage.state("orders", order_id)[0] for order_id in ids] == ["done", "done"]
    assert sorted(stage.sales()) == [f"SB{order_id}" for order_id in sorted(ids)]
