"""The command line for the pair Acumatica - ShipStation: secrets, webhooks, doctor, on a stage."""

from __future__ import annotations

import json
from typing import Any

import pytest

from local.simulators.acumatica.seed import line
from local.simulators.base import Fault
from local.simulators.shipstation.records import Subscription
from tests.support.desk import PUBLIC_BASE, StageDesk
from tests.support.shipstation_stage import TOKEN, ShipStationStage
from tests.support.stage import NAME

ADDRESS = f"{PUBLIC_BASE}/acumatica_shipstation/{NAME}/shipstation"


@pytest.fixture
def desk() -> StageDesk:
    return StageDesk(ShipStationStage())


def hooks(desk: StageDesk) -> list[dict[str, Any]]:
    return list(desk.stage.shipstation.holdings()["webhooks"])  # type: ignore[attr-defined]


def stored(desk: StageDesk) -> Any:
    found = desk.stage.world.secrets.read(f"{NAME}/shipstation_webhook")
    assert found is not None
    return json.loads(found.current)


def states(found: dict[str, Any]) -> dict[str, str]:
    return {group["group"]: group["state"] for group in found["shipstation"]["subscriptions"]}


def finding(desk: StageDesk, check: str) -> dict[str, Any]:
    """The doctor's finding of a check, whatever else it finds."""
    found = desk.json("doctor", NAME, codes=[0, 1])
    return next(each for each in found if each["check"] == check)


def test_register_subscribes_once_and_shows_no_token(desk: StageDesk) -> None:
    found = desk.json("webhooks", "register", NAME)
    assert set(states(found).values()) == {"created"}
    assert {hook["event"] for hook in hooks(desk)} == {"SHIP_NOTIFY", "FULFILLMENT_SHIPPED", "ORDER_NOTIFY"}
    assert {hook["url"] for hook in hooks(desk)} == {f"{ADDRESS}/{TOKEN}"}
    assert {hook["storeId"] for hook in hooks(desk)} == {12345}
    assert TOKEN not in json.dumps(found)
    before = hooks(desk)
    assert set(states(desk.json("webhooks", "register", NAME)).values()) == {"enabled"}
    assert hooks(desk) == before
    assert desk.json("webhooks", "status", NAME)["subscriptions"]


def test_replace_brings_a_new_token_and_leaves_other_peoples_hooks_alone(desk: StageDesk) -> None:
    desk.run("webhooks", "register", NAME)
    theirs = "https://other.example/hook"
    subscriptions = desk.stage.shipstation.world.subscriptions  # type: ignore[attr-defined]
    subscriptions[999] = Subscription(999, "SHIP_NOTIFY", theirs, "theirs", None)
    desk.json("webhooks", "register", NAME, "--replace")
    tokens = stored(desk)["tokens"]
    assert tokens[1] == TOKEN
    assert {hook["url"] for hook in hooks(desk)} == {f"{ADDRESS}/{tokens[0]}", theirs}


def test_a_hook_that_was_switched_off_is_made_anew_also_by_the_watchdog(desk: StageDesk) -> None:
    desk.run("webhooks", "register", NAME)
    stage = desk.stage
    stage.shipstation.command("deactivate_webhook", {"webhook": hooks(desk)[0]["id"]})  # type: ignore[attr-defined]
    assert "disabled" in [each["state"] for each in desk.json("webhooks", "status", NAME, codes=[1])["subscriptions"]]
    stage.run(minutes=60 * 7)
    assert [hook["active"] for hook in hooks(desk)] == [True, True, True]
    desk.json("webhooks", "status", NAME)


@pytest.mark.parametrize("fault", [Fault.DROP_AFTER, Fault.ERROR_500_AFTER, Fault.GARBAGE_AFTER])
def test_a_lost_answer_leaves_no_double_subscription(desk: StageDesk, fault: Fault) -> None:
    desk.stage.shipstation.dial.plan(fault, r"POST /webhooks/subscribe")  # type: ignore[attr-defined]
    desk.run("webhooks", "register", NAME)
    desk.json("webhooks", "register", NAME)
    assert sorted(hook["event"] for hook in hooks(desk)) == ["FULFILLMENT_SHIPPED", "ORDER_NOTIFY", "SHIP_NOTIFY"]


def test_the_poller_keeps_the_published_keys_beside_the_tokens(desk: StageDesk) -> None:
    desk.stage.run(minutes=3)
    document = stored(desk)
    assert document["tokens"] == [TOKEN]
    assert [sorted(key) for key in document["keys"]] == [["e", "kid", "n"]] * len(document["keys"])
    old = [key["kid"] for key in document["keys"]]
    made = desk.stage.shipstation.command("rotate_webhook_key", {})  # type: ignore[attr-defined]
    desk.stage.run(minutes=65)
    assert made in [key["kid"] for key in stored(desk)["keys"]]
    assert made not in old


def test_secrets_are_asked_for_by_name(desk: StageDesk) -> None:
    given = json.dumps({"api_key": "k", "api_secret": "s"})
    assert desk.run("secrets", "set", NAME, "shipstation", given=given).exit_code == 0
    bad = json.dumps({"tokens": ["short"]})
    refused = desk.run("secrets", "set", NAME, "shipstation_webhook", given=bad)
    assert refused.exit_code == 1
    assert "22 to 128" in refused.output


def test_the_doctor_says_nothing_of_polls_that_there_are_not(desk: StageDesk) -> None:
    desk.stage.run(minutes=2)
    checks = {each["check"] for each in desk.json("doctor", NAME, codes=[0, 1])}
    assert "flow orders" in checks
    assert checks & {"flow labels", "flow notices"} == set()


def test_the_doctor_finds_everything_in_order(desk: StageDesk) -> None:
    desk.run("webhooks", "register", NAME)
    desk.stage.run(minutes=10)
    found = desk.json("doctor", NAME, codes=[0, 1])
    serious = [each for each in found if each["severity"] in ("error", "warning")]
    assert serious == []
    assert finding(desk, "ShipStation store")["what"] == "12345 (Acumatica orders) takes the orders"


def test_the_doctor_warns_of_shipstations_own_acumatica_channel(desk: StageDesk) -> None:
    desk.stage.shipstation.command("activate_acumatica_channel", {})  # type: ignore[attr-defined]
    found = finding(desk, "ShipStation's Acumatica channel")
    assert found["severity"] == "error"
    assert "every order arrives twice" in found["what"]
    desk.stage.shipstation.command("activate_acumatica_channel", {"active": False})  # type: ignore[attr-defined]
    assert finding(desk, "ShipStation's Acumatica channel")["severity"] == "ok"


def test_the_doctor_names_a_wrong_store_a_missing_plan_and_a_wrong_key() -> None:
    desk = StageDesk(ShipStationStage(shipstation={"store_id": 99}))
    assert "does not exist" in finding(desk, "ShipStation store")["what"]
    desk.stage.shipstation.command("set", {"v2_available": False})  # type: ignore[attr-defined]
    assert "plan" in finding(desk, "ShipStation V2")["what"]
    desk.stage.shipstation.command("regenerate_key", {"key": "x", "secret": "y"})  # type: ignore[attr-defined]
    assert "key" in finding(desk, "ShipStation account")["what"]


def test_explain_tells_the_story_of_an_order(desk: StageDesk) -> None:
    stage = desk.stage
    number = stage.sales_order(line("0041", 2))  # type: ignore[attr-defined]
    stage.run(minutes=3)
    stage.act("buy_label", order=number)  # type: ignore[attr-defined]
    stage.run(minutes=8)
    told = desk.run("explain", number).output
    assert "ShipStation order" in told
    assert "SH000001" in told


def test_a_partner_key_is_stored_beside_the_key_and_the_secret() -> None:
    stage = ShipStationStage()
    held = stage.world.secrets.read(f"{NAME}/shipstation")
    assert held is not None
    given = {**json.loads(held.current), "partner_key": "partner-1"}
    found = StageDesk(stage).json("secrets", "rotate", NAME, "shipstation", given=json.dumps(given))
    assert "partner_key" in found["members"]
    kept = stage.world.secrets.read(f"{NAME}/shipstation")
    assert kept is not None
    assert json.loads(kept.current)["partner_key"] == "partner-1"
