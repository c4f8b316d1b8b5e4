"""A new credential of every vendor is tried before it replaces the old one: a wrong one is refused, without a trace."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from functools import cache, partial
from typing import Any

import pytest

from connector.cursor import read_cursors
from connector.instants import instant_text
from local.simulators.netsuite import DEFAULT_CLIENT
from local.simulators.shipbob.simulator import PAT_CHANNEL, SCOPES
from tests.support.clock import START
from tests.support.desk import StageDesk
from tests.support.gp_stage import GpStage
from tests.support.netsuite_stage import NetSuiteStage
from tests.support.shipstation_stage import ShipStationStage
from tests.support.stage import NAME, Stage, document
from tests.support.ups_stage import UpsStage
from vendors.netsuite.certificates import make_certificate


def with_billing() -> Stage:
    stage = Stage()
    stage.shipbob.gate.admit("pat-billing", f"{stage.shipbob.world.user_id}/SMA/9", PAT_CHANNEL, SCOPES)
    stage.world.secrets.write(f"{NAME}/shipbob_billing", json.dumps({"token": "pat-billing"}))
    raw = document()
    raw["systems"]["shipbob"]["billing_token"] = True
    stage.apply(raw)
    return stage


@cache
def never_mapped() -> dict[str, str]:
    """A key and certificate that fit each other, and that no administrator has mapped."""
    made = make_certificate("other", "ES256", START)
    return {"client_id": DEFAULT_CLIENT, "private_key": made.private_key, "certificate": made.certificate}


CASES: dict[str, tuple[Callable[[], Stage], Callable[[], Mapping[str, str]]]] = {
    "ups": (UpsStage, lambda: {"client_secret": "wrong"}),
    "shipstation": (ShipStationStage, lambda: {"api_secret": "wrong"}),
    "shipstation_v2": (ShipStationStage, lambda: {"api_key": "wrong"}),
    "netsuite": (partial(NetSuiteStage, algorithm="ES256"), never_mapped),
    "shipbob_billing": (with_billing, lambda: {"token": "wrong"}),
    "acumatica": (Stage, lambda: {"password": "wrong"}),
    "shipbob": (Stage, lambda: {"token": "wrong"}),
}


def secrets_of(stage: Stage) -> dict[str, str]:
    found = {name: stage.world.secrets.read(name) for name in stage.world.secrets.names()}
    return {name: secret.current for name, secret in found.items() if secret is not None}


def marks(stage: Stage) -> list[str]:
    """What a refused sign-in leaves behind."""
    kept = ("reconnect/", "circuit/", "alert/")
    return [str(item["pk"]) for item in stage.world.tables.items("state") if str(item["pk"]).startswith(kept)]


@pytest.mark.parametrize("secret", CASES)
def test_a_wrong_one_is_refused_before_it_replaces_the_old_one(secret: str) -> None:
    made, wrong = CASES[secret]
    stage = made()
    desk = StageDesk(stage)
    assert desk.run("connections", "ping", NAME).exit_code == 0
    before = secrets_of(stage)
    members = json.loads(before[f"{NAME}/{secret}"])
    result = desk.run("secrets", "rotate", NAME, secret, given=json.dumps({**members, **wrong()}))
    assert result.exit_code == 1, result.output
    assert "nothing was stored and the old one goes on" in result.stderr
    assert secrets_of(stage) == before
    assert marks(stage) == []
    assert stage.world.alerts.sent == []
    assert not [value for value in wrong().values() if value in result.output and value != DEFAULT_CLIENT]
    assert desk.run("connections", "ping", NAME).exit_code == 0


@pytest.mark.parametrize("secret", CASES)
def test_one_that_works_is_tried_and_stored(secret: str) -> None:
    stage = CASES[secret][0]()
    members = json.loads(secrets_of(stage)[f"{NAME}/{secret}"])
    found = StageDesk(stage).json("secrets", "rotate", NAME, secret, given=json.dumps(members))
    assert found["tried"]
    assert StageDesk(stage).run("connections", "ping", NAME).exit_code == 0


def test_polls_that_a_dead_token_has_slowed_down_run_at_once_with_the_new_one() -> None:
    stage = Stage()
    desk = StageDesk(stage)
    stage.run(minutes=3)
    held = json.loads(secrets_of(stage)[f"{NAME}/shipbob"])["token"]
    stage.shipbob.command("revoke_token", {"token": held})
    stage.run(minutes=90)
    cursors = read_cursors(stage.world.tables, NAME, ["shipments", "stock"])
    now = instant_text(stage.clock())
    assert [cursor.failures > 1 and cursor.next_at > now for cursor in cursors.values()] == [True, True]
    stage.shipbob.gate.admit("pat-new", f"{stage.shipbob.world.user_id}/SMA/9", PAT_CHANNEL, SCOPES)
    desk.json("secrets", "set", NAME, "shipbob", given="token=pat-new")
    stage.run(minutes=2)
    assert [it.failures for it in read_cursors(stage.world.tables, NAME, ["shipments", "stock"]).values()] == [0, 0]


def test_an_account_of_dynamics_gp_that_does_not_see_the_company_is_refused() -> None:
    """Its sign-in works; the connection would not."""
    stage = GpStage(gp={"company_id": 77})
    before = secrets_of(stage)
    given: Any = {"username": "FABRIKAM\\other", "password": "of another company"}
    result = StageDesk(stage).run("secrets", "rotate", NAME, "dynamics_gp", given=json.dumps(given))
    assert result.exit_code == 1
    assert "does not see company 77" in result.stderr
    assert secrets_of(stage) == before
    assert marks(stage) == []
