"""A whole day of the pair, good and bad: no log line and no audit line holds a secret or personal data."""

from __future__ import annotations

import json
import re

from local.simulators.acumatica.seed import line, seed_orders
from local.simulators.base import Fault
from local.simulators.shipbob.simulator import DEFAULT_PAT
from tests.flow.test_orders import put
from tests.support.stage import PUSH_SECRET, Stage, edge_event

PEOPLE = ("Marta", "Quill", "quill.example", "Harbor View", "98407", "253 555", "Zoë", "Lévesque", "Érables", "G1R 4S9",
          "Tanner", "LS1 4AP")  # fmt: skip


def told(word: str, text: str) -> bool:
    """Whether a text tells it. A number counts only by itself: five digits stand in a long hash by chance."""
    return bool(re.search(rf"(?<![0-9a-zA-Z]){word}(?![0-9a-zA-Z])", text)) if word.isdigit() else word in text


def eventful(stage: Stage) -> None:
    """Orders of every kind, a bad address, refusals, lost answers, garbage, expired tokens, a forged webhook."""
    seed_orders(stage.acumatica)
    stage.acumatica.command("sales_order", {
        "OrderType": "SO", "CustomerID": "QUILL", "ShipVia": "GROUND", "Details": [line("0041", 1)],
        "ShipToAddressOverride": True, "ShipToAddress": {"AddressLine1": "2210 Harbor View Rd", "Country": "US"},
    })  # fmt: skip
    for fault, match in (
        (Fault.DROP_AFTER, r"POST .*/order$"), (Fault.GARBAGE_AFTER, r"POST .*/order$"),
        (Fault.ERROR_500_BEFORE, "GET"), (Fault.TOKEN_EXPIRED, "GET"), (Fault.THROTTLED, "POST"),
    ):  # fmt: skip
        stage.shipbob.dial.plan(fault, match)
        stage.acumatica.dial.plan(fault, match.replace("/order$", "/SalesOrder$"))
    stage.run(minutes=20)
    for order in stage.shipbob.holdings()["orders"].values():
        if order["status"] == "Processing":
            stage.shipbob.command("fulfil", {"reference_id": order["reference_id"]})
    stage.acumatica.dial.plan(Fault.GARBAGE_AFTER, r"PUT .*/Shipment$")
    stage.acumatica.dial.plan(Fault.ERROR_500_AFTER, r"POST .*/ConfirmShipment$")
    stage.run(minutes=20, webhooks=True)


def test_nothing_personal_and_no_secret_is_in_any_log_or_audit_line() -> None:
    stage = Stage(schedule={"shipments": {"every_seconds": 300}})
    stage.subscribe()
    eventful(stage)
    put(stage, line("0041", 1))
    stage.run(minutes=3)
    from acumatica_shipbob.senders import SENDERS
    from connector.edge.receiver import receiver

    edge = receiver(SENDERS, stage.process, pair="acumatica_shipbob")
    forged = json.dumps({"order_id": 1, "recipient": {"name": "Marta Quill"}}).encode()
    headers = {
        "webhook-id": "msg_1",
        "webhook-timestamp": str(int(stage.clock().timestamp())),
        "webhook-signature": "v1,x",
    }
    assert edge(edge_event("shipbob", headers, forged), None)["statusCode"] == 401
    tokens = [row["data"] for row in stage.world.tables.items("state") if "access" in str(row)]
    secret = stage.world.secrets.read("demo/acumatica/token")
    assert secret is not None
    access = json.loads(secret.current)
    secrets = [DEFAULT_PAT, PUSH_SECRET, "simulated-password", "simulated-secret", "bWwtY29ubmVjdG9y"]
    secrets += [value for value in access.values() if isinstance(value, str) and len(value) > 20 and ":" not in value]
    lines = "\n".join(json.dumps(entry, ensure_ascii=False) for entry in stage.world.lines())
    trail = "\n".join(json.dumps(item, ensure_ascii=False) for item in stage.world.tables.items("audit"))
    assert len(stage.world.lines()) > 300
    assert [word for word in (*PEOPLE, *secrets) if told(word, lines)] == []
    assert [word for word in (*PEOPLE, *secrets) if told(word, trail)] == []
    assert tokens == []


def test_the_correlation_of_a_webhook_is_in_every_line_to_the_last_write() -> None:
    stage = Stage(schedule={"shipments": {"every_seconds": 86_400}})
    stage.subscribe()
    number = put(stage, line("0041", 1))
    stage.run(minutes=3)
    before = len(stage.world.lines())
    stage.shipbob.command("fulfil", {"reference_id": f"ACU-SO-{number}"})
    stage.push_webhooks()
    stage.settle()
    lines = [entry for entry in stage.world.lines()[before:] if entry.get("text")]
    assert len(lines) > 5
    assert len({entry["correlation"] for entry in lines}) == 1
    assert any(entry.get("purpose") == "write Shipment" for entry in lines)
