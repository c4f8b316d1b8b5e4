"""A day of Dynamics GP - ShipBob, good and bad: no log line, audit line or alert holds a secret or personal data."""

from __future__ import annotations

import json

from local.simulators.base import Fault
from tests.support.gp_stage import CORD, RECIPIENT, SHIRT, GpStage, line

PERSONAL = ("Jane Example", "jane@example.com", "555-555", "5555555555", "Nowhere Blvd", "Suite 100", "Wayne", "Gotham")
SECRETS = ("simulated-password", "svc-mlc")


def test_nothing_personal_and_no_secret_leaves() -> None:
    stage = GpStage()
    for fault, match in (
        (Fault.DROP_AFTER, "#CreateSalesOrder"), (Fault.GARBAGE_AFTER, "#CreateSalesOrder"),
        (Fault.ERROR_500_BEFORE, "#Get"), (Fault.THROTTLED, "#UpdateSalesOrder"),
    ):  # fmt: skip
        stage.gp.dial.plan(fault, match)
    good = stage.order(line(SHIRT, 2, 19.99))
    stage.order(line(CORD, 1, 9.95))
    long = {**RECIPIENT, "name": "Jane Example " * 10}
    stage.order(line(CORD, 1, 9.95), recipient=long)
    stage.run(minutes=10)
    stage.ship(good)
    stage.user("open", number=f"SB{good}", user="lessonuser1")
    stage.run(minutes=15)
    stage.gp.dial.plan(Fault.TOKEN_EXPIRED, "POST")
    stage.order(line(CORD, 1, 9.95))
    stage.run(minutes=5)
    assert {record.status.value for record in stage.records("orders").values()} >= {"done", "held"}
    told = [json.dumps(row, ensure_ascii=False) for row in stage.world.lines()]
    told += [json.dumps(item, ensure_ascii=False) for item in stage.world.tables.items("audit")]
    told += [record.why + " ".join(record.notes) for record in stage.all_records()]
    told += [str(alert) for alert in stage.world.alerts.sent]
    assert len(told) > 50
    for word in (*PERSONAL, *SECRETS):
        assert [text for text in told if word in text] == [], word
