"""Every pair's doctor looks at everything that can stop it: what a pair lacks here, it has no such thing of."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from connector.budget import AccountGate, Limits
from connector.certificates import Ending
from connector.closing import close
from connector.instants import day_text
from connector.transport import Request
from tests.support.desk import StageDesk
from tests.support.gp_stage import GpStage
from tests.support.netsuite_stage import NetSuiteStage
from tests.support.shipstation_stage import ShipStationStage
from tests.support.stage import NAME, Stage
from tests.support.ups_stage import UpsStage

Findings = dict[str, dict[str, str]]

STAGES: dict[str, Callable[[], Stage]] = {
    "acumatica_shipbob": Stage, "acumatica_ups": UpsStage, "acumatica_shipstation": ShipStationStage,
    "netsuite_shipbob": NetSuiteStage, "dynamicsgp_shipbob": GpStage,
}  # fmt: skip
EVERY = ("connection", "secret ", "token calls ", "calls ", "deliveries of ", "certificate ", "clock", "flow ")
ERP = ("Acumatica endpoint", "Acumatica licence", "Acumatica time zone", "Ship Via ", "sessions acumatica")
SHIPBOB = ("ShipBob channel", "ShipBob scopes", "webhooks", "SKU coverage")
EXPECTED = {
    "acumatica_shipbob": (*ERP, *SHIPBOB, "warehouse ", "shipping method", "fee types"),
    "acumatica_ups": (*ERP, "UPS Tracking", "UPS Rating", "UPS Track Alert"),
    "acumatica_shipstation": (*ERP, "ShipStation store", "ShipStation's Acumatica channel", "webhooks", "SKUs without"),
    "netsuite_shipbob": (
        *SHIPBOB, "NetSuite sign-in", "NetSuite role", "NetSuite time zone", "NetSuite licence", "NetSuite certificate",
    ),
    "dynamicsgp_shipbob": (
        *SHIPBOB, "Dynamics GP company", "right Get", "Dynamics GP time zone", "sessions dynamics_gp",
    ),
}  # fmt: skip


def examined(stage: Stage, *words: str) -> Findings:
    found = StageDesk(stage).json("doctor", NAME, *words, codes=[0, 1])
    assert all(each["fix"] for each in found if each["severity"] in ("error", "warning"))
    return {each["check"]: each for each in found}


@pytest.mark.parametrize("pair", STAGES)
def test_the_doctor_of_every_pair_looks_at_everything(pair: str, monkeypatch: pytest.MonkeyPatch) -> None:
    stage = STAGES[pair]()
    stage.run(minutes=2)
    shown = [Ending("a server", "its certificate", stage.clock() + timedelta(days=400))]  # the stage speaks plain http
    monkeypatch.setattr("cli.doctor.common.endings", lambda *given, **more: shown)
    checks = list(examined(stage))
    lacking = [name for name in (*EVERY, *EXPECTED[pair]) if not any(check.startswith(name) for check in checks)]
    assert lacking == []


# ---- budgets ------------------------------------------------------------------------------------------------------


def with_tokens(stage: Stage, system: str, taken: int) -> dict[str, str]:
    place = f"tokens/{NAME}/{system}/{day_text(stage.clock())}"
    present = stage.world.tables.get("state", place, "-") or {"taken": 0}
    stage.world.tables.add("state", place, "-", "taken", taken - int(present["taken"]))
    return examined(stage, "--quick")[f"token calls {system}"]


@pytest.mark.parametrize(
    ("taken", "severity", "words"),
    [(12, "ok", "12 of 250 today (UTC), 238 left"), (200, "warning", "50 left"), (250, "error", "nothing is sent")],
)
def test_the_tokens_that_are_left_today(taken: int, severity: str, words: str) -> None:
    stage = UpsStage()
    examined(stage, "--quick")  # brings the token of the day
    found = with_tokens(stage, "ups", taken)
    assert (found["severity"], words in found["what"]) == (severity, True), found


def test_calls_used_of_the_limit_and_who_has_the_session() -> None:
    stage = Stage()
    stage.run(minutes=1)
    other = AccountGate(stage.process, f"{NAME}/acumatica", Limits(None, 1), "live", "demo/orders/SO/1")
    found = examined(stage, "--quick")
    assert (found["sessions acumatica"]["severity"], found["sessions acumatica"]["what"]) == ("ok", "0 of 1 in use")
    assert " of 150 a minute used" in found["calls shipbob"]["what"]
    assert int(found["calls shipbob"]["what"].split()[0]) > 0
    stage.clock.advance(minutes=2)
    asked: list[Any] = []

    def taken(request: Request) -> None:  # another piece of work comes in when the doctor is through with the site
        if "7002" in request.url and not asked:
            asked.append(request)
            stage.world.tables.delete("state", f"lease/slot/{NAME}/acumatica/0", "-")
            other.enter(Request("GET", "https://erp.example", "read", timeout=30))

    stage.wire.before = taken
    found = examined(stage, "--quick")
    assert found["sessions acumatica"]["what"] == "1 of 1 in use, by demo/orders/SO/1"


def test_an_account_that_the_vendor_has_closed_says_until_when_and_what_to_do() -> None:
    stage = Stage()
    stage.run(minutes=1)

    def closed(request: Request) -> None:
        if "/webhook" in request.url:  # the doctor's last call
            close(stage.process, f"{NAME}/shipbob", stage.clock() + timedelta(minutes=30), None)

    stage.wire.before = closed
    found = examined(stage, "--quick")["calls shipbob"]
    assert found["severity"] == "warning"
    assert found["what"].startswith("closed until 2026-03-02T")
    assert "systems.shipbob" in found["fix"]
