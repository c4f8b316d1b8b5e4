"""The command line for the pair Dynamics GP - ShipBob: secrets, ping, doctor, webhooks, explain, plan, on a stage."""

from __future__ import annotations

import json
from typing import Any

import pytest

from connector.faults import VendorFault
from local.simulators.base import Fault
from tests.support.desk import StageDesk
from tests.support.gp_stage import CORD, GP_URL, ITEMS, GpStage, document, line
from tests.support.stage import NAME
from vendors.dynamics_gp.sba import open_sba
from vendors.dynamics_gp.settings import DynamicsGpSystem

PEM = "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n"


def findings(desk: StageDesk, *words: str) -> dict[str, tuple[str, str]]:
    """What the doctor found, by check: severity and text."""
    rows = desk.json("doctor", NAME, *words, codes=[0, 1])
    assert all(row["fix"] for row in rows if row["severity"] in ("error", "warning"))
    return {row["check"]: (row["severity"], row["what"]) for row in rows}


def test_a_healthy_connection_has_nothing_to_mend() -> None:
    stage = GpStage(tables={"sites": {"8": "WAREHOUSE"}})
    stage.subscribe()
    stage.run(minutes=3)
    found = findings(StageDesk(stage))
    assert found["Dynamics GP company"] == ("ok", "-1 (Fabrikam, Inc.)")
    assert {check for check, (severity, _) in found.items() if severity == "error"} == set()
    assert found["Dynamics GP unit prices (CreateSalesOrder)"][0] == "ok"
    assert stage.violations() == []


def test_the_doctor_names_what_does_not_exist() -> None:
    stage = GpStage(
        calculate_prices=True,
        tables={
            "sites": {"8": "NOWHERE", "999999": "NORTH"},
            "methods": {"": "BY CAMEL"},
            "items": {**ITEMS, CORD: {"item": "NO-ITEM", "unit": "Each"}},
            "channels": {"433100": {"customer": "NOBODY"}},
        },
    )
    found = findings(StageDesk(stage))
    assert found["GP sites"] == ("error", "GP has no NOWHERE")
    assert found["GP shipping methods"] == ("error", "GP has no BY CAMEL")
    assert found["GP items"] == ("error", "GP has no inventoried item NO-ITEM")
    assert found["GP customers"] == ("error", "GP has no NOBODY")
    assert found["ShipBob fulfilment centres"] == ("error", "ShipBob has no centre 999999")
    assert found["ShipBob channels"][0] == "warning"
    assert found["Dynamics GP unit prices (CreateSalesOrder)"][0] == "warning"


def test_the_doctor_says_which_right_is_missing() -> None:
    stage = GpStage()
    stage.user("deny", operations=["GetInventoryVarianceList"])
    severity, what = findings(StageDesk(stage))["right GetInventoryVarianceList"]
    assert severity == "error"
    assert "lacks a right" in what


def test_the_doctor_shows_an_open_circuit_and_makes_no_call() -> None:
    stage = GpStage()
    stage.gp.dial.plan(Fault.TOKEN_EXPIRED, "POST", times=9)
    stage.order(line(CORD, 1, 9.95))
    stage.run(minutes=3)
    before = len(stage.gp.calls)
    found = findings(StageDesk(stage))
    assert found["Dynamics GP sign-in"][0] == "error"
    assert "account was not accepted" in found["Dynamics GP sign-in"][1]
    assert len(stage.gp.calls) == before


def test_an_sba_address_alone_is_refused_with_the_way_out() -> None:
    url = GP_URL.partition("/Dynamics")[0] + "/GPService/Tenants(DefaultTenant)/Companies(Fabrikam,%20Inc.)"
    stage = GpStage(gp={"url": url})
    assert "configure the SOAP address" in findings(StageDesk(stage))["Dynamics GP address"][1]
    order_id = stage.order(line(CORD, 1, 9.95))
    stage.run(minutes=3)
    status, why = stage.state("orders", order_id)
    assert status == "held"
    assert "SBA has no sales order service" in why
    stage.apply(document())
    stage.replay("orders", str(order_id))
    stage.run(minutes=3)
    assert stage.state("orders", order_id)[0] == "done"


SBA = GP_URL.partition("/Dynamics")[0] + "/GPService/Tenants(DefaultTenant)/Companies(Fabrikam,%20Inc.)"


def test_sba_beside_soap_is_looked_at_and_offers_a_few_reads() -> None:
    stage = GpStage(gp={"sba_url": SBA})
    severity, what = findings(StageDesk(stage))["SBA"]
    assert severity == "note"
    assert "no sales documents" in what
    system = DynamicsGpSystem(url=GP_URL, sba_url=SBA, company_id=-1, time_zone="America/Chicago")
    sba = open_sba(stage.process, NAME, system, lane="live", holder="test")
    assert sba is not None
    assert "ACCS-CRD-12WH" in json.dumps(sba.read("Inventory/Items", "ACCS-CRD-12WH"))
    with pytest.raises(VendorFault, match="configure the SOAP address"):
        sba.read("Sales/Orders", "SB1")
    assert open_sba(stage.process, NAME, system.model_copy(update={"sba_url": None}), lane="live", holder="x") is None


def test_ping_names_the_company_or_what_the_account_sees() -> None:
    desk = StageDesk(GpStage())
    rows = {row["system"]: row for row in desk.json("connections", "ping", NAME)}
    assert rows["dynamics_gp"]["text"] == "company -1 (Fabrikam, Inc.)"
    other = StageDesk(GpStage(gp={"company_id": 7}))
    text = {row["system"]: row["text"] for row in other.json("connections", "ping", NAME, codes=(1,))}["dynamics_gp"]
    assert "does not see company 7; it sees -1 (Fabrikam, Inc.)" in text


def test_the_secret_takes_certificates_and_frees_what_waited_for_it() -> None:
    stage = GpStage()
    desk = StageDesk(stage)
    stage.gp.dial.plan(Fault.TOKEN_EXPIRED, "POST", times=1)
    order_id = stage.order(line(CORD, 1, 9.95))
    stage.run(minutes=10)
    assert stage.state("orders", order_id)[0] == "held"
    given: dict[str, Any] = {"username": "FABRIKAM\\svc-mlc", "password": "new", "ca_bundle": PEM}
    stored = desk.json("secrets", "set", NAME, "dynamics_gp", given=json.dumps(given))
    assert stored["members"] == ["ca_bundle", "password", "username"]
    assert stored["records_resumed"] >= 1
    stage.run(minutes=5)
    assert stage.state("orders", order_id)[0] == "done"
    wrong = desk.run("secrets", "set", NAME, "dynamics_gp", given=json.dumps({**given, "ca_bundle": "nonsense"}))
    assert wrong.exit_code != 0
    assert "must hold certificates" in wrong.stderr
    assert findings(desk)["secret dynamics_gp"][0] == "ok"


def test_a_new_password_is_tried_without_touching_the_stored_one() -> None:
    stage = GpStage()
    desk = StageDesk(stage)
    stage.run(minutes=3)
    stage.gp.dial.plan(Fault.TOKEN_EXPIRED, "POST", times=1)
    given = json.dumps({"username": "FABRIKAM\\svc-mlc", "password": "mistyped"})
    refused = desk.run("secrets", "rotate", NAME, "dynamics_gp", given=given)
    assert refused.exit_code != 0
    assert "nothing was stored" in refused.stderr
    assert "lock-out" in refused.stderr
    assert "the old one goes on" not in refused.stderr  # the domain knows one password at a time
    order_id = stage.order(line(CORD, 1, 9.95))
    stage.run(minutes=3)
    assert stage.state("orders", order_id)[0] == "done"
    assert stage.world.alerts.sent == []
    good = json.dumps({"username": "FABRIKAM\\svc-mlc", "password": "right"})
    rotated = desk.run("secrets", "rotate", NAME, "dynamics_gp", given=good)
    assert rotated.exit_code == 0
    assert "end the old one" not in rotated.output


def test_webhooks_are_registered_for_this_pair() -> None:
    stage = GpStage()
    desk = StageDesk(stage)
    assert desk.run("webhooks", "register", NAME).exit_code == 0
    topics = {topic for row in stage.shipbob.holdings()["subscriptions"].values() for topic in row["topics"]}
    assert {"order.shipped", "order.shipment.cancelled", "return.completed"} <= topics


def test_a_record_is_explained_and_planned_in_words() -> None:
    stage = GpStage()
    desk = StageDesk(stage)
    order_id = stage.order(line(CORD, 1, 9.95))
    stage.run(minutes=3)
    said = desk.run("explain", f"SB{order_id}").stdout
    assert f"GP order SB{order_id} holds it" in said
    stage.apply(document(tables={"methods": {}}))
    waiting = stage.order(line(CORD, 1, 9.95))
    stage.run(minutes=3)
    calls = len(stage.sales())
    stage.apply(document())
    planned = desk.run("plan", NAME, "--record", f"{NAME}/orders/{waiting}").stdout
    assert "a GP sales order" in planned
    assert len(stage.sales()) == calls
