"""Webhook subscriptions against the simulator, the header for Acumatica, and the quarantine."""

from __future__ import annotations

import json
import stat
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from acumatica_shipbob.senders import SENDERS
from cli.failures import Refused
from cli.operations.addresses import webhook_url
from connector.edge.receiver import receiver
from connector.instants import day_text
from connector.journal import lines_of
from local.simulators.acumatica.seed import line, order
from local.simulators.base import Fault
from tests.support.desk import PUBLIC_BASE, StageDesk
from tests.support.stage import NAME, Stage, edge_event

URL = f"{PUBLIC_BASE}/acumatica_shipbob/{NAME}/shipbob"


@pytest.fixture
def desk() -> StageDesk:
    return StageDesk(Stage())


def subscriptions(desk: StageDesk) -> list[Any]:
    return list(desk.stage.shipbob.world.subscriptions.values())


def stored(desk: StageDesk, name: str = "shipbob_webhook") -> Any:
    found = desk.stage.world.secrets.read(f"{NAME}/{name}")
    return json.loads(found.current) if found is not None else None


def states(found: dict[str, Any]) -> dict[str, str]:
    return {group["group"]: group["state"] for group in found["shipbob"]["subscriptions"]}


def test_register_makes_the_core_and_survives_the_refusal_of_newer_topics(desk: StageDesk) -> None:
    found = desk.json("webhooks", "register", NAME)
    assert states(found) == {"core": "created", "newer": "refused"}
    (made,) = subscriptions(desk)
    assert made.url == URL
    assert set(made.topics) == {
        "order.shipped", "order.shipment.delivered", "order.shipment.exception", "order.shipment.on_hold",
        "order.shipment.cancelled",
    }  # fmt: skip
    assert stored(desk)["secrets"] == [made.secret]
    assert made.secret not in json.dumps(found)


def test_newer_topics_have_a_subscription_of_their_own(desk: StageDesk) -> None:
    desk.stage.shipbob.switches.newer_topics = True
    assert states(desk.json("webhooks", "register", NAME)) == {"core": "created", "newer": "created"}
    assert len(subscriptions(desk)) == 2
    assert {made.secret for made in subscriptions(desk)} == set(stored(desk)["secrets"])


def test_a_second_time_changes_nothing(desk: StageDesk) -> None:
    desk.run("webhooks", "register", NAME)
    before, secret = subscriptions(desk), stored(desk)
    assert states(desk.json("webhooks", "register", NAME))["core"] == "enabled"
    assert subscriptions(desk) == before
    assert stored(desk) == secret


def test_a_disabled_subscription_is_replaced_with_the_secret_we_hold(desk: StageDesk) -> None:
    desk.run("webhooks", "register", NAME)
    (old,) = subscriptions(desk)
    old_id, secret = old.id, old.secret
    desk.stage.shipbob.world.subscriptions[old_id] = replace(old, enabled=False)
    assert desk.json("webhooks", "status", NAME, codes=[1])["subscriptions"][0]["state"] == "disabled"
    desk.json("webhooks", "register", NAME)
    (new,) = subscriptions(desk)
    assert new.id != old_id
    assert new.enabled
    assert new.secret == secret == stored(desk)["secrets"][0]


def test_a_subscription_whose_secret_is_lost_is_replaced(desk: StageDesk) -> None:
    desk.run("webhooks", "register", NAME)
    (old,) = subscriptions(desk)
    desk.stage.world.secrets.remove(f"{NAME}/shipbob_webhook")
    desk.json("webhooks", "register", NAME)
    (new,) = subscriptions(desk)
    assert new.id != old.id
    assert stored(desk)["secrets"] == [new.secret]


def test_replace_rotates_the_secret_and_keeps_the_old_one_valid(desk: StageDesk) -> None:
    desk.run("webhooks", "register", NAME)
    (old,) = subscriptions(desk)
    desk.json("webhooks", "register", NAME, "--replace")
    (new,) = subscriptions(desk)
    assert new.secret != old.secret
    assert stored(desk)["secrets"] == [new.secret, old.secret]


def test_the_secret_is_stored_before_shipbob_hears_of_it(desk: StageDesk) -> None:
    desk.stage.shipbob.dial.plan(Fault.DROP_BEFORE, match="POST .*webhook")
    result = desk.run("webhooks", "register", NAME)
    assert result.exit_code == 3
    assert subscriptions(desk) == []
    assert stored(desk)["secrets"][0].startswith("whsec_")


def test_a_lost_answer_makes_no_second_subscription(desk: StageDesk) -> None:
    desk.stage.shipbob.dial.plan(Fault.DROP_AFTER, match="POST .*webhook")
    assert desk.run("webhooks", "register", NAME).exit_code == 3
    assert len(subscriptions(desk)) == 1
    assert states(desk.json("webhooks", "register", NAME))["core"] == "enabled"
    (made,) = subscriptions(desk)
    assert made.secret == stored(desk)["secrets"][0]


def test_subscriptions_of_others_are_left_alone(desk: StageDesk) -> None:
    desk.stage.subscribe()
    (other,) = subscriptions(desk)
    assert other.url != URL
    desk.json("webhooks", "register", NAME, "--replace")
    assert other.id in {made.id for made in subscriptions(desk)}


def test_what_was_registered_is_proven_at_the_edge(desk: StageDesk) -> None:
    desk.json("webhooks", "register", NAME)
    stage = desk.stage
    stage.acumatica.command("sales_order", order("QUILL", line("0041", 1), country="US"))
    stage.run(minutes=8)
    held = stage.shipbob.holdings()["orders"]
    order_id = int(next(iter(held))) if isinstance(held, dict) else int(held[0]["id"])
    stage.shipbob.command("fulfil", {"order_id": order_id})
    assert stage.push_webhooks() == [200]
    stage.run(minutes=5)
    found = desk.json("webhooks", "status", NAME)
    arrived = {row["sender"]: row for row in found["arrivals"]}
    assert arrived["shipbob"]["events"] == 1
    assert arrived["shipbob"]["topics"] == {"order.shipped": 1}
    assert arrived["shipbob"]["last"]


def test_webhook_addresses_are_https_or_of_this_machine() -> None:
    assert webhook_url("http://127.0.0.1:4566/v1/", "p", "c", "s") == "http://127.0.0.1:4566/v1/p/c/s"
    with pytest.raises(Refused, match="PublicBaseUrl"):
        webhook_url("http://hooks.example", "p", "c", "s")


# ---- Acumatica ------------------------------------------------------------------------------------------------


def test_the_header_s_value_goes_into_a_file_of_its_owner(desk: StageDesk, tmp_path: Path) -> None:
    desk.stage.world.secrets.remove(f"{NAME}/acumatica_webhook")
    file = tmp_path / "header"
    found = desk.json("webhooks", "register", NAME, "--header-value-file", str(file))
    setup, kept = found["acumatica"], stored(desk, "acumatica_webhook")
    assert setup["address"] == f"{PUBLIC_BASE}/acumatica_shipbob/{NAME}/acumatica"
    assert setup["header_name"] == kept["header_name"] == "X-MLC-Token"
    assert setup["generated"] is True
    assert file.read_text().strip() == kept["secrets"][0]
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert kept["secrets"][0] not in json.dumps(found)
    again = desk.run("webhooks", "register", NAME, "--header-value-file", str(file))
    assert again.exit_code == 1
    assert "does not exist yet" in again.stderr
    assert stored(desk, "acumatica_webhook") == kept


def test_people_are_told_where_to_type_what(desk: StageDesk) -> None:
    shown = desk.run("webhooks", "register", NAME).stdout
    assert "SM302000" in shown
    assert "ml-connector/demo/acumatica_webhook" in shown
    assert stored(desk, "acumatica_webhook")["secrets"][0] not in shown


# ---- quarantine -----------------------------------------------------------------------------------------------


def test_reverify_takes_out_what_a_late_secret_proves(desk: StageDesk) -> None:
    stage, late = desk.stage, "1f" * 32
    body = json.dumps({"Inserted": [{"OrderType": "SO", "OrderNbr": "SO000077"}], "Deleted": [], "Query": "q"}).encode()
    headers = {"X-MLC-Token": late, "Content-Type": "application/json"}
    edge = receiver(SENDERS, stage.process, pair="acumatica_shipbob")
    assert edge(edge_event("acumatica", headers, body), None)["statusCode"] == 401
    status = desk.json("webhooks", "status", NAME, codes=[1])
    assert {row["sender"]: row["quarantined"] for row in status["arrivals"]} == {"acumatica": 1, "shipbob": 0}

    none = desk.json("webhooks", "reverify", NAME, "acumatica")
    assert (none["enqueued"], none["unproven"]) == (0, 1)
    given = json.dumps({"header_name": "X-MLC-Token", "secrets": [late]})
    assert desk.run("secrets", "set", NAME, "acumatica_webhook", given=given).exit_code == 0
    assert desk.json("webhooks", "reverify", NAME, "acumatica")["enqueued"] == 1
    stage.world.deliver("events", lambda event, context: stage._work(event, context))
    assert list(stage.states("orders")) == ["SO/SO000077"]
    assert desk.json("webhooks", "reverify", NAME, "acumatica")["enqueued"] == 0


def test_what_strangers_left_is_deleted_with_a_reason(desk: StageDesk) -> None:
    edge = receiver(SENDERS, desk.stage.process, pair="acumatica_shipbob")
    edge(edge_event("acumatica", {"X-MLC-Token": "forged", "Content-Type": "application/json"}, b"{}"), None)
    assert desk.run("webhooks", "reverify", NAME, "acumatica", "--discard").exit_code == 2
    found = desk.json("webhooks", "reverify", NAME, "acumatica", "--discard", "--reason", "a stranger")
    assert (found["unproven"], found["discarded"]) == (1, 1)
    assert desk.json("webhooks", "reverify", NAME, "acumatica")["unproven"] == 0
    lines, _ = lines_of(desk.stage.process, day_text(desk.stage.clock()))
    assert any("the rest deleted: a stranger" in each.text for each in lines)


def test_the_quarantine_is_told_of_while_the_vendor_is_down(desk: StageDesk) -> None:
    desk.stage.shipbob.dial.plan(Fault.ERROR_500_BEFORE, ".*", times=50)
    found = desk.json("webhooks", "status", NAME, codes=[1])
    assert "HTTP 500" in found["trouble"]
    assert [row["sender"] for row in found["arrivals"]] == ["acumatica", "shipbob"]
    assert "The subscriptions cannot be read" in desk.run("webhooks", "status", NAME).stdout


def test_reverify_of_a_sender_that_there_is_not(desk: StageDesk) -> None:
    result = desk.run("webhooks", "reverify", NAME, "ups")
    assert result.exit_code == 1
    assert "has no sender 'ups'" in result.stderr
