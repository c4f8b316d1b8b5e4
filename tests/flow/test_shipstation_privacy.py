"""Days of Acumatica - ShipStation, good and bad: no log line and no audit line holds a secret or personal data."""

from __future__ import annotations

import json

from local.simulators.acumatica.seed import line, seed_orders
from local.simulators.base import Fault
from local.simulators.shipstation.simulator import DEFAULT_KEY, DEFAULT_SECRET, DEFAULT_V2_KEY
from tests.flow.test_privacy import PEOPLE, told
from tests.support.shipstation_stage import TOKEN, ShipStationStage
from tests.support.stage import PUSH_SECRET


def test_nothing_personal_and_no_secret_is_in_any_log_or_audit_line() -> None:
    stage = ShipStationStage()
    stage.act("set", sign_webhooks=True)
    stage.hook()
    stage.hook("ORDER_NOTIFY")
    seed_orders(stage.acumatica)
    stage.sales_order(line("0041", 1), ShipToAddressOverride=True, ShipToAddress={
        "AddressLine1": "2210 Harbor View Rd", "Country": "US"})  # fmt: skip
    for fault, match in (
        (Fault.GARBAGE_AFTER, "POST .*/createorders"), (Fault.DROP_AFTER, "POST .*/createorder$"),
        (Fault.ERROR_500_BEFORE, "GET /shipments"), (Fault.TOKEN_EXPIRED, "GET"), (Fault.THROTTLED, "POST"),
    ):  # fmt: skip
        stage.shipstation.dial.plan(fault, match)
        stage.acumatica.dial.plan(fault, "GET")
    stage.run(minutes=30, webhooks=True)
    sent = [order for order in stage.orders() if order["orderStatus"] == "awaiting_shipment"]
    assert len(sent) > 2
    stage.act("edit_order", order=sent[0]["orderId"], members={"shipTo": {"name": "Zoë Lévesque", "city": "Leeds"}})
    stage.edit(sent[0]["orderNumber"], Description="changed")
    for order in sent[1:]:
        stage.act("buy_label", order=order["orderId"])
    stage.act("mark_as_shipped", order=sent[0]["orderId"], carrier="UPS")
    stage.acumatica.dial.plan(Fault.GARBAGE_AFTER, r"PUT .*/Shipment$")
    stage.run(minutes=20, webhooks=True)
    forged = {"resource_type": "SHIP_NOTIFY", "resource_url": "https://evil.example/?name=Marta Quill"}
    assert stage.post("shipstation", {}, json.dumps(forged).encode(), TOKEN) == 200
    assert stage.post("shipstation", {}, json.dumps(forged).encode(), "x" * 30) == 401
    stage.run(minutes=3)
    secrets = [DEFAULT_KEY, DEFAULT_SECRET, DEFAULT_V2_KEY, TOKEN, PUSH_SECRET, "simulated-password"]
    lines = "\n".join(json.dumps(entry, ensure_ascii=False) for entry in stage.world.lines())
    trail = "\n".join(json.dumps(item, ensure_ascii=False) for item in stage.world.tables.items("audit"))
    assert len(stage.world.lines()) > 300
    assert [word for word in (*PEOPLE, *secrets) if told(word, lines)] == []
    assert [word for word in (*PEOPLE, *secrets) if told(word, trail)] == []
    assert len(stage.erp_shipments()) >= len(sent) - 1
