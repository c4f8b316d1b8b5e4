"""The doctor against both simulators: each planted fault is found, named and has a fix; nothing is written."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import timedelta
from email.utils import format_datetime
from typing import Any

import pytest

from connector.transport import Reply, Request
from local.simulators.acumatica.seed import item
from local.simulators.base import Fault
from local.simulators.shipbob.gateway import SCOPES
from local.simulators.shipbob.simulator import DEFAULT_PAT, PAT_CHANNEL
from tests.support.desk import StageDesk
from tests.support.stage import NAME, Stage, document

Findings = dict[str, dict[str, str]]


def healthy() -> StageDesk:
    """A stage that has run for a while and is registered."""
    stage = Stage()
    stage.run(minutes=8)
    desk = StageDesk(stage)
    assert desk.run("webhooks", "register", NAME).exit_code == 0
    return desk


def examined(desk: StageDesk, *words: str) -> Findings:
    found = desk.json("doctor", NAME, *words, codes=[0, 1])
    assert all(finding["fix"] for finding in found if finding["severity"] in ("error", "warning"))
    return {finding["check"]: finding for finding in found}


def changed(change: Callable[[dict[str, Any]], object]) -> StageDesk:
    """A stage whose connection file was changed."""
    stage = Stage()
    raw = document()
    change(raw)
    stage.apply(raw)
    return StageDesk(stage)


def test_a_healthy_connection_has_neither_warning_nor_error() -> None:
    desk = healthy()
    found = desk.json("doctor", NAME)
    assert {finding["severity"] for finding in found} == {"ok", "note"}
    by_check = {finding["check"]: finding["what"] for finding in found}
    assert by_check["SKU coverage"].startswith("100 percent")
    assert "2026-03-02" in by_check["flow orders"]
    shown = desk.run("doctor", NAME)
    assert shown.exit_code == 0
    assert "0 errors, 0 warnings" in shown.stdout


def test_the_doctor_writes_nothing_at_either_side() -> None:
    desk = healthy()
    stage = desk.stage
    before = (stage.acumatica.holdings(), stage.shipbob.holdings(), stage.world.secrets.names())
    desk.json("doctor", NAME)
    assert (stage.acumatica.holdings(), stage.shipbob.holdings(), stage.world.secrets.names()) == before


def set_in(*path: str, to: Any) -> Callable[[dict[str, Any]], object]:
    def change(raw: dict[str, Any]) -> None:
        node = raw
        for step in path[:-1]:
            node = node.setdefault(step, {})
        node[path[-1]] = to

    return change


@pytest.mark.parametrize(
    ("change", "check", "severity", "words"),
    [
        (set_in("systems", "acumatica", "endpoint_version", to="19.200.001"), "Acumatica endpoint", "error",
         "does not serve Default 19.200.001: it serves Default 20.200.001, 22.200.001"),
        (set_in("systems", "acumatica", "tenant", to="Other"), "secret acumatica", "error", "belongs to the tenant"),
        (set_in("systems", "shipbob", "channel", to="Shopify"), "ShipBob channel", "error", "'Shopify'"),
        (set_in("tables", "warehouses", to={"NOWHERE": {"location_id": 8}}), "warehouse NOWHERE", "error",
         "does not exist in Acumatica"),
        (set_in("tables", "warehouses", to={"3PL-WEST": {"location_id": 8, "location_bin": "Z9"}}),
         "warehouse 3PL-WEST", "error", "has no location Z9"),
        (set_in("tables", "warehouses", to={"3PL-WEST": {"location_id": 99}}), "fulfilment centre 99", "error",
         "is not one of this account"),
        (set_in("tables", "ship_methods", to={"": "2-Day"}), "shipping method 2-Day", "error",
         "it would ship as Standard"),
        (set_in("tables", "ship_methods", to={"PIGEON": "Standard"}), "Ship Via PIGEON", "error", "does not exist"),
        (set_in("tables", "carriers", to={"*": {"ship_via": "UPSPLUGIN"}}), "Ship Via UPSPLUGIN", "error",
         "would buy a second label"),
        (set_in("tables", "carriers", to={"*": {"ship_via": "PIGEON"}}), "Ship Via PIGEON", "error", "does not exist"),
        (set_in("settings", "shipments", "order_field", to="AttributeNOPE"), "field Document.AttributeNOPE", "error",
         "no such field"),
        (set_in("settings", "shipments", "order_field", to="AttributeTRACKINGNBR"),
         "field Document.AttributeTRACKINGNBR", "ok", "exists"),
        (set_in("settings", "charges", "vendor", to="NOBODY"), "vendor NOBODY", "error", "does not exist"),
        (set_in("settings", "charges", "currency", to="EUR"), "vendor FULFILLER", "error",
         "has the currency USD, not EUR"),
        (set_in("settings", "stock", "mode", to="report_only"), "stock", "note", "report_only"),
        (set_in("schedule", "stock", to={"every_seconds": 60, "enabled": False}), "flow stock", "note", "switched off"),
        (set_in("systems", "shipbob", "billing_token", to=True), "secret shipbob_billing", "error", "does not exist"),
    ],
)  # fmt: skip
def test_what_the_file_says_wrong(
    change: Callable[[dict[str, Any]], object], check: str, severity: str, words: str
) -> None:
    finding = examined(changed(change), "--quick")[check]
    assert finding["severity"] == severity, finding
    assert words in finding["what"]


def test_a_lost_token_is_found_once_and_the_other_side_is_still_looked_at() -> None:
    desk = healthy()
    desk.stage.world.secrets.write(f"{NAME}/shipbob", json.dumps({"token": "revoked"}))
    found = examined(desk)
    assert found["ShipBob channel"]["severity"] == "error"
    assert "shipping methods" not in found
    assert found["warehouse 3PL-WEST"]["severity"] == "ok"


def test_missing_secrets_and_webhook_secrets() -> None:
    desk = healthy()
    for name in ("acumatica", "shipbob_webhook"):
        desk.stage.world.secrets.remove(f"{NAME}/{name}")
    found = examined(desk, "--quick")
    assert found["secret acumatica"]["fix"] == f"ml-connector secrets set {NAME} acumatica"
    assert "no signing secret" in found["webhooks"]["what"]


def test_a_token_without_billing_says_how_to_get_one() -> None:
    desk = healthy()
    scopes = frozenset(SCOPES) - {"billing_read"}
    desk.stage.shipbob.gate.admit(DEFAULT_PAT, "123/SMA/0", PAT_CHANNEL, scopes)
    finding = examined(desk, "--quick")["ShipBob billing"]
    assert finding["severity"] == "error"
    assert "billing_read" in finding["fix"]
    assert f"secrets set {NAME} shipbob_billing" in finding["fix"]


def test_a_channel_without_the_right_to_write() -> None:
    desk = healthy()
    channels = desk.stage.shipbob.world.channels
    kept = tuple(scope for scope in SCOPES if scope not in ("products_write", "locations_read"))
    channels[PAT_CHANNEL] = replace(channels[PAT_CHANNEL], scopes=kept)
    finding = examined(desk, "--quick")["ShipBob scopes"]
    assert (finding["severity"], finding["what"]) == ("error", "the channel lacks products_write")
    channels[PAT_CHANNEL] = replace(channels[PAT_CHANNEL], scopes=(*kept, "products_write"))
    finding = examined(desk, "--quick")["ShipBob scopes"]
    assert (finding["severity"], finding["what"]) == ("note", "the channel does not list locations_read")


def test_a_paused_connection_and_a_failing_poll() -> None:
    desk = healthy()
    desk.stage.acumatica.dial.plan(Fault.ERROR_500_BEFORE, match="/entity/Default", times=50)
    desk.stage.run(minutes=10)
    desk.stage.acumatica.dial.clear()
    desk.run("connections", "pause", NAME)
    found = examined(desk, "--quick")
    assert found["connection"]["severity"] == "warning"
    assert found["connection"]["fix"] == f"ml-connector connections resume {NAME}"
    assert found["flow orders"]["severity"] == "warning"
    assert "in a row failed" in found["flow orders"]["what"]


def test_a_disabled_subscription() -> None:
    desk = healthy()
    held = desk.stage.shipbob.world.subscriptions
    for key, subscription in list(held.items()):
        held[key] = replace(subscription, enabled=False)
    finding = examined(desk, "--quick")["webhooks (core)"]
    assert finding["severity"] == "warning"
    assert "disabled" in finding["what"]
    assert finding["fix"] == f"ml-connector webhooks register {NAME}"


def test_skus_that_shipbob_does_not_know_are_counted_and_named() -> None:
    desk = healthy()
    desk.stage.acumatica.command("stock_item", item("NEW-1", "New"))
    finding = examined(desk)["SKU coverage"]
    assert finding["severity"] == "warning"
    assert finding["what"] == "80 percent: 4 of 5 active stock items are at ShipBob; not NEW-1"
    assert "SKU coverage" not in examined(desk, "--quick")


def test_too_many_token_calls() -> None:
    desk = healthy()
    desk.stage.world.tables.add("state", f"tokens/{NAME}/acumatica/2026-03-02", "-", "taken", 150)
    assert examined(desk, "--quick")["token calls acumatica"]["severity"] == "warning"


def test_a_sign_in_that_the_vendor_has_refused() -> None:
    desk = healthy()
    desk.stage.world.secrets.write(
        f"{NAME}/acumatica",
        json.dumps({**acumatica_members(desk), "password": "wrong"}),
    )
    desk.stage.acumatica.command("expire_tokens", {"refresh_tokens": True})
    desk.stage.clock.advance(hours=2)
    first = examined(desk, "--quick")
    assert first["Acumatica endpoint"]["severity"] == "error"
    second = examined(desk, "--quick")
    assert second["sign-in acumatica"]["severity"] == "error"
    assert "connections authorize demo --system acumatica" in second["sign-in acumatica"]["fix"]


def acumatica_members(desk: StageDesk) -> dict[str, str]:
    found = desk.stage.world.secrets.read(f"{NAME}/acumatica")
    assert found is not None
    members: dict[str, str] = json.loads(found.current)
    return members


@pytest.mark.parametrize(
    ("seconds", "severity"), [(0, "ok"), (4, "ok"), (30, "warning"), (-30, "warning"), (600, "error")]
)
def test_a_clock_that_is_wrong(seconds: int, severity: str) -> None:
    desk = healthy()
    exchange = desk.stage.wire.exchange

    def skewed(request: Request) -> Reply:
        reply = exchange(request)
        headers: Mapping[str, str] = reply.headers
        if ":7002" in request.url:
            date = format_datetime(desk.stage.clock() + timedelta(seconds=seconds), usegmt=True)
            headers = {**headers, "date": date}
        return Reply(reply.status, headers, reply.body)

    desk.stage.wire.exchange = skewed  # type: ignore[method-assign]
    clocks = [f for f in desk.json("doctor", NAME, "--quick", codes=[0, 1]) if f["check"] == "clock"]
    assert [finding["severity"] for finding in clocks if "7002" in finding["what"]] == [severity]


# ---- what the simulator's endpoint does not serve, and a site that shows less ----------------------------------


def answering(desk: StageDesk, part: str, status: int, body: Any) -> None:
    """Puts an answer of its own before the simulator for addresses that hold `part`."""
    exchange = desk.stage.wire.exchange

    def other(request: Request) -> Reply:
        if part in request.url:
            return Reply(status, {"content-type": "application/json"}, json.dumps(body).encode())
        return exchange(request)

    desk.stage.wire.exchange = other  # type: ignore[method-assign]


NO_RECORD = {
    "message": "An error has occurred.",
    "exceptionMessage": "No entity satisfies the condition.",
    "exceptionType": "PX.Api.ContractBased.NoEntitySatisfiesTheConditionException",
}


@pytest.mark.parametrize(
    ("status", "body", "severity", "words"),
    [
        (200, {"AccountCD": {"value": "54000"}}, "ok", "exists"),
        (500, NO_RECORD, "error", "does not exist"),
        (403, {"message": "no rights"}, "note", "cannot be read through this endpoint"),
        (404, {}, "note", "cannot be read through this endpoint"),
    ],
)
def test_accounts_are_looked_for_as_far_as_the_site_shows_them(
    status: int, body: Any, severity: str, words: str
) -> None:
    desk = healthy()
    answering(desk, "/Account/", status, body)
    found = {check: f for check, f in examined(desk, "--quick").items() if check.startswith("Account ")}
    assert {finding["severity"] for finding in found.values()} == {severity}
    assert all(words in finding["what"] for finding in found.values())
    assert "54200" in " ".join(found)


def test_a_site_that_hides_the_plug_in_is_a_warning_with_the_form() -> None:
    desk = healthy()
    body = {"id": "0" * 36, "rowNumber": 1, "note": {"value": ""}, "CarrierID": {"value": "GROUND"}, "custom": {}}
    answering(desk, "/ShipVia/GROUND", 200, body)
    finding = examined(desk, "--quick")["Ship Via plug-ins"]
    assert finding["severity"] == "warning"
    assert "GROUND" in finding["what"]
    assert "CS207500" in finding["fix"]
    assert "plug_in_ship_vias" in finding["fix"]
