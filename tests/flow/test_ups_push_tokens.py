"""Track Alert v2 with OAuth, from the portal to the parcel's record."""

from __future__ import annotations

import json
from typing import Any

import pytest

from local.simulators.ups import DEFAULT_CLIENT
from tests.support.desk import StageDesk
from tests.support.stage import NAME
from tests.support.ups_stage import UpsStage, parcel

FORM = {"Content-Type": "application/x-www-form-urlencoded"}
BODY = b"grant_type=client_credentials"


def registered() -> tuple[UpsStage, str]:
    """A connection with OAuth, a parcel that UPS pushes, and the client secret that a person has typed at UPS."""
    stage = UpsStage(ups={"track_alert": "v2"}, tracking={"push_credentials": "oauth"})
    desk = StageDesk(stage)
    found = desk.json("webhooks", "register", NAME)["ups"]
    kept = json.loads(stage.world.secrets.read(f"{NAME}/ups_webhook").current)  # type: ignore[union-attr]
    assert found["token_url"] == f"{found['url']}/token"
    assert kept["client_id"] == found["client_id"]
    shown = desk.run("webhooks", "register", NAME).output
    assert found["token_url"] in shown
    assert kept["secrets"][0] not in shown
    stage.ups.command(
        "set_portal",
        {
            "app": DEFAULT_CLIENT.id,
            "url": found["url"],
            "kind": "oauth",
            "token_url": found["token_url"],
            "client_id": found["client_id"],
            "client_secret": kept["secrets"][0],
        },
    )
    stage.shipment(parcel())
    stage.run(minutes=12)
    return stage, kept["secrets"][0]


def scan(stage: UpsStage, event: str) -> None:
    stage.ups.command("scan", {"tracking_number": stage.alive()[0], "event": event})


def test_ups_fetches_a_token_and_its_pushes_are_stored() -> None:
    stage, secret = registered()
    scan(stage, "origin_scan")
    [call] = stage.ups.take_deliveries()
    answer = stage.call("ups", call.headers, call.body, "token")
    assert (answer["statusCode"], answer["headers"]["Cache-Control"]) == (200, "no-store")
    stage.ups.report_delivery(call, True, answer["body"].encode())
    [push] = stage.ups.take_deliveries()
    assert stage.post("ups", push.headers, push.body) == 200
    assert stage.post("ups", {**push.headers, "Authorization": ""}, push.body) == 401
    scan(stage, "delivered")
    assert stage.push_webhooks() == [200], "the token is fresh"
    stage.run(minutes=15)
    assert "DELIVERED" in str(stage.erp("SalesOrder")["SO000001"]).upper()
    lines = str(stage.world.lines())
    token = json.loads(answer["body"])["access_token"]
    for word in (secret, token, token.partition(".")[2], call.headers["Authorization"].partition(" ")[2]):
        assert word not in lines
    assert stage.world.metrics().get("WebhookNotStored") is None


def test_an_expired_token_is_401_and_ups_fetches_another() -> None:
    stage, _ = registered()
    scan(stage, "origin_scan")
    assert stage.push_webhooks() == [200]
    [push] = stage.ups.take_deliveries()
    stage.clock.advance(900)
    assert stage.post("ups", push.headers, push.body) == 401
    scan(stage, "departed")
    assert stage.push_webhooks() == [200]
    assert stage.push_webhooks() == [200]


def test_a_secret_that_is_replaced_is_taken_until_it_is_typed_at_ups() -> None:
    stage, secret = registered()
    StageDesk(stage).json("webhooks", "register", NAME, "--replace")
    now = json.loads(stage.world.secrets.read(f"{NAME}/ups_webhook").current)["secrets"]  # type: ignore[union-attr]
    assert now[1:] == [secret] != now[:1]
    scan(stage, "origin_scan")
    assert [stage.push_webhooks(), stage.push_webhooks()] == [[200], [200]]


@pytest.mark.parametrize(
    ("authorization", "status", "error"), [("Basic YTpi", 401, "invalid_client"), ("", 401, "invalid_client")]
)
def test_a_wrong_secret_is_401_and_nothing_is_kept(authorization: str, status: int, error: str) -> None:
    stage, _ = registered()
    before = len(stage.world.tables.items("events"))
    answer = stage.call("ups", {**FORM, "Authorization": authorization}, BODY, "token")
    assert (answer["statusCode"], json.loads(answer["body"])) == (status, {"error": error})
    assert answer["headers"]["WWW-Authenticate"].startswith("Basic ")
    assert answer["headers"]["Cache-Control"] == "no-store"
    assert len(stage.world.tables.items("events")) == before
    assert "YTpi" not in str(stage.world.lines())


@pytest.mark.parametrize("changes", [{}, {"ups": {"track_alert": "v2"}, "tracking": {"push_credentials": "bearer"}}])
def test_without_oauth_there_is_no_token_endpoint(changes: dict[str, Any]) -> None:
    stage = UpsStage(**changes)
    StageDesk(stage).json("webhooks", "register", NAME)
    answer = stage.call("ups", {**FORM, "Authorization": "Basic YTpi"}, BODY, "token")
    unknown = stage.call("nobody", FORM, BODY, "token")
    assert answer["statusCode"] == 404
    assert answer == unknown


def test_the_doctor_finds_a_setting_that_was_not_registered() -> None:
    stage = UpsStage(ups={"track_alert": "v2"}, tracking={"push_credentials": "oauth"})
    desk = StageDesk(stage)

    def alert() -> str:
        findings = desk.json("doctor", NAME, "--quick", codes=(0, 1))
        rows = findings["findings"] if isinstance(findings, dict) else findings
        return next(str(row["severity"]) for row in rows if row["check"] == "UPS Track Alert")

    assert alert() == "error"
    desk.json("webhooks", "register", NAME)
    assert alert() != "error"
