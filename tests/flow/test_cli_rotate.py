"""Rotating secrets: a wrong credential changes nothing, a right one causes no gap, two webhook secrets are accepted."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from acumatica_shipbob.senders import SENDERS
from connector.edge.receiver import receiver
from connector.journal import lines_of
from connector.message import enqueue
from connector.records import Origin, RecordStore, Seen
from local.simulators.acumatica.seed import line, order
from local.simulators.shipbob.simulator import PAT_CHANNEL, SCOPES
from tests.support.desk import StageDesk
from tests.support.stage import NAME, PUSH_SECRET, Stage, document, edge_event

NEW = "pat-new"


def stored(desk: StageDesk, name: str) -> Any:
    found = desk.stage.world.secrets.read(f"{NAME}/{name}")
    assert found is not None
    return json.loads(found.current)


def admit(stage: Stage, token: str) -> None:
    """ShipBob knows a second token, as in the days of a rotation."""
    stage.shipbob.gate.admit(token, f"{stage.shipbob.world.user_id}/SMA/9", PAT_CHANNEL, SCOPES)


def sell(stage: Stage) -> None:
    stage.acumatica.command("sales_order", order("QUILL", line("0041", 1), country="US"))


def pushed(desk: StageDesk, secret: str) -> int:
    """Acumatica pushes a change with this header; the status that it hears."""
    edge = receiver(SENDERS, desk.stage.process, pair="acumatica_shipbob")
    body = {
        "Inserted": [{"OrderType": "SO", "OrderNbr": "SO000001"}], "Deleted": [], "Query": "q", "CompanyId": "Company",
        "Id": secret[:8], "TimeStamp": 1, "AdditionalInfo": {},
    }  # fmt: skip
    status: int = edge(edge_event("acumatica", {"X-MLC-Token": secret}, json.dumps(body).encode()), None)["statusCode"]
    return status


# ---- credentials ------------------------------------------------------------------------------------------------


def test_a_credential_that_does_not_work_changes_nothing() -> None:
    desk = StageDesk(Stage())
    before = stored(desk, "shipbob")
    result = desk.run("secrets", "rotate", NAME, "shipbob", given="token=pat-wrong")
    assert result.exit_code == 1
    assert "nothing was stored and the old one goes on" in result.stderr
    assert "pat-wrong" not in result.stderr
    assert stored(desk, "shipbob") == before
    sell(desk.stage)
    desk.stage.run(minutes=5)
    assert set(desk.stage.states("orders").values()) == {"done"}


def test_a_credential_that_works_is_stored_and_the_old_one_may_end() -> None:
    desk = StageDesk(Stage())
    sell(desk.stage)
    desk.stage.run(minutes=5)
    admit(desk.stage, NEW)
    found = desk.json("secrets", "rotate", NAME, "shipbob", given=json.dumps({"token": NEW}))
    assert found["changed"] is True
    assert "channels" in found["tried"]
    assert stored(desk, "shipbob") == {"token": NEW}
    desk.stage.run(minutes=6)
    sell(desk.stage)
    desk.stage.run(minutes=5)
    assert set(desk.stage.states("orders").values()) == {"done"}
    assert NEW not in json.dumps(desk.stage.world.lines())
    lines, broken = lines_of(desk.stage.process, "2026-03-02")
    assert (broken, [each.text for each in lines]) == (None, [f"anna: rotates the secret {NAME}/shipbob"])


def test_a_new_password_signs_in_on_trial_and_its_token_is_used() -> None:
    desk = StageDesk(Stage())
    desk.stage.run(minutes=3)
    members = stored(desk, "acumatica")
    wrong = json.dumps({**members, "password": "no"})
    token = stored(desk, "acumatica/token")
    assert desk.run("secrets", "rotate", NAME, "acumatica", given=wrong).exit_code == 1
    assert stored(desk, "acumatica/token") == token  # no mark, and nobody is told: the person looks at the answer
    assert desk.json("connections", "show", NAME)["reconnect_needed"] == {}
    sell(desk.stage)
    desk.stage.run(minutes=5)
    assert set(desk.stage.states("orders").values()) == {"done"}
    assert stored(desk, "acumatica") == members
    desk.stage.acumatica.identity.users["mlc-api"].password = "a-new-password"
    right = json.dumps({**members, "password": "a-new-password"})
    found = desk.json("secrets", "rotate", NAME, "acumatica", given=right)
    assert "25.200.001 is used" in found["tried"]
    sell(desk.stage)
    desk.stage.run(minutes=5)
    assert set(desk.stage.states("orders").values()) == {"done"}
    assert desk.stage.world.alerts.sent == []


def test_what_waited_for_a_right_credential_goes_on() -> None:
    desk = StageDesk(Stage())
    stage = desk.stage
    made = stage.acumatica.command("sales_order", order("QUILL", line("0041", 1), country="US"))
    stage.world.secrets.write(f"{NAME}/shipbob", json.dumps({"token": ""}))
    stage.restart()
    origin = Origin(NAME, "acumatica_shipbob", "orders", "webhook", "c0ffee")
    enqueue(stage.process, RecordStore(stage.process).see(origin, [Seen(f"SO/{made['key']}")]))
    stage.settle()
    assert set(stage.states("orders").values()) == {"held"}
    admit(desk.stage, NEW)
    assert desk.json("secrets", "rotate", NAME, "shipbob", given=f"token={NEW}")["records_resumed"] == 1
    desk.stage.run(minutes=5)
    assert set(desk.stage.states("orders").values()) == {"done"}


def test_a_consent_is_never_spent_by_a_trial() -> None:
    stage = Stage()
    raw = document()
    raw["systems"]["acumatica"]["auth"] = "authorization_code"
    stage.apply(raw)
    members = {name: stored(StageDesk(stage), "acumatica")[name] for name in ("client_id", "client_secret")}
    calls = len(stage.acumatica.calls)
    found = StageDesk(stage).json("secrets", "rotate", NAME, "acumatica", given=json.dumps(members))
    assert found["tried"] == ""
    assert "spend the consent" in found["advice"]
    assert len(stage.acumatica.calls) == calls


@pytest.mark.parametrize(
    ("words", "given"),
    [(("nothing",), "token=x"), (("shipbob", "--finish"), "token=x"), (("shipbob",), ""), (("shipbob",), "tokn=x")],
)
def test_wrong_calls(words: tuple[str, ...], given: str) -> None:
    desk = StageDesk(Stage())
    assert desk.run("secrets", "rotate", NAME, *words, given=given).exit_code in (1, 2)
    assert lines_of(desk.stage.process, "2026-03-02") == ([], None)


# ---- webhook secrets --------------------------------------------------------------------------------------------


def test_both_headers_are_accepted_until_the_rotation_is_finished(tmp_path: Path) -> None:
    desk = StageDesk(Stage())
    file = tmp_path / "value.txt"
    said = desk.run("secrets", "rotate", NAME, "acumatica_webhook", "--value-file", str(file))
    assert said.exit_code == 0
    value = file.read_text("utf-8").strip()
    assert file.stat().st_mode & 0o777 == 0o600
    assert value not in said.stdout
    assert (pushed(desk, PUSH_SECRET), pushed(desk, value)) == (200, 200)
    assert desk.run("secrets", "rotate", NAME, "acumatica_webhook", "--finish").exit_code == 0
    desk.stage.restart()
    assert (pushed(desk, PUSH_SECRET), pushed(desk, value)) == (401, 200)
    assert stored(desk, "acumatica_webhook") == {"header_name": "X-MLC-Token", "secrets": [value]}
    assert desk.run("secrets", "rotate", NAME, "acumatica_webhook", "--finish").exit_code == 1


def test_a_secret_that_belongs_to_a_subscription_says_how() -> None:
    desk = StageDesk(Stage())
    desk.stage.subscribe()
    result = desk.run("secrets", "rotate", NAME, "shipbob_webhook")
    assert result.exit_code == 1
    assert f"webhooks register {NAME} --replace" in result.stderr
