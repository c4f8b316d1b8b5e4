"""The command line for the pair Acumatica - UPS: labels, secrets, webhooks, doctor, on a stage."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.support.desk import StageDesk
from tests.support.stage import NAME
from tests.support.ups_stage import UpsStage, document, parcel


def labelled(**changes: Any) -> tuple[StageDesk, UpsStage, str]:
    """A desk at a stage with one labelled shipment of two packages."""
    stage = UpsStage(**changes)
    number = stage.shipment(parcel(4.5), parcel(7))
    stage.run(minutes=3)
    return StageDesk(stage), stage, number


def test_reprint_writes_what_was_bought_and_calls_nobody(tmp_path: Path) -> None:
    desk, stage, number = labelled()
    calls = len(stage.ups_calls())
    found = desk.json("label", "reprint", number, "--directory", str(tmp_path))
    assert sorted(found["files"]) == stage.alive()
    assert [path.read_bytes().strip()[:3] for path in sorted(tmp_path.iterdir())] == [b"^XA", b"^XA"]
    assert len(stage.ups_calls()) == calls


def test_reprint_asks_ups_for_a_label_that_was_not_kept(tmp_path: Path) -> None:
    desk, stage, number = labelled()
    for key in list(stage.world.bodies.keys()):
        del stage.world.bodies._contents[key]
    desk.json("label", "reprint", number, "--directory", str(tmp_path))
    assert len(list(tmp_path.iterdir())) == 2
    assert len(stage.ups_calls("/recovery")) == 2


def test_void_leaves_a_wish_and_the_worker_voids_once() -> None:
    desk, stage, number = labelled()
    found = desk.json("label", "void", number, "--reason", "repacked", "--new-label")
    assert found["new_label"] is True
    stage.run(minutes=5)
    assert len(stage.labels()) == 4
    assert len(stage.alive()) == 2
    assert stage.packages(number) == stage.alive()
    desk.json("label", "void", number, "--reason", "cancelled")
    stage.run(minutes=5)
    assert stage.alive() == []
    assert desk.run("label", "void", number, "--reason", "again").exit_code == 1
    assert desk.run("label", "reprint", number).exit_code == 1
    assert len(stage.labels()) == 4


def test_quote_lists_offers_and_buys_nothing() -> None:
    stage = UpsStage()
    number = stage.shipment(parcel(4.5))
    stage.edit(number, Hold=True)
    stage.run(minutes=3)
    desk = StageDesk(stage)
    stage.edit(number, Hold=False)
    stage.run(minutes=3)
    found = desk.json("label", "quote", number)
    prices = [float(offer["price"].split()[0]) for offer in found["offers"]]
    assert prices == sorted(prices)
    assert len(prices) >= 3
    assert len(stage.labels()) == 1


def test_track_says_where_the_parcels_are() -> None:
    desk, stage, number = labelled()
    stage.ups.command("progress", {"shipment_id": stage.alive()[0], "to": "out_for_delivery"})
    found = desk.json("label", "track", number)
    assert {row["state"] for row in found["parcels"]} == {"out for delivery"}
    assert stage.saves().count("PUT Shipment") == 1


@pytest.mark.parametrize("command", ["reprint", "quote", "track"])
def test_an_unknown_shipment_is_said_in_words(command: str) -> None:
    desk, _, _ = labelled()
    result = desk.run("label", command, "SH999999")
    assert result.exit_code == 1
    assert "no label record of shipment" in result.output


def test_ping_secrets_and_doctor_know_the_pair() -> None:
    desk, stage, _ = labelled(ups={"track_alert": "v1"})
    found = {row["system"]: row for row in desk.json("connections", "ping", NAME)}
    assert set(found) == {"acumatica", "ups"}
    assert desk.run("secrets", "set", NAME, "ups", given=json.dumps({"client_id": "x"})).exit_code == 1
    desk.json("webhooks", "register", NAME)
    findings = desk.json("doctor", NAME, codes=(0, 1))
    rows = findings["findings"] if isinstance(findings, dict) else findings
    bad = [row for row in rows if row["severity"] == "error"]
    assert [row["check"] for row in bad] == ["Ship Via UPSPLUGIN"], bad
    checks = {row["check"] for row in rows if row["severity"] == "ok"}
    assert {"UPS Tracking", "UPS Rating", "UPS Track Alert", "Ship Via GROUND", "list of shipments"} <= checks
    assert len(stage.labels()) == 2


def test_the_doctor_finds_what_would_stop_the_pair() -> None:
    stage = UpsStage(services={"NOSUCH": {"domestic": "03"}}, ups={"track_alert": "v1"},
                     labels={"box": "NOBOX"}, tracking={"order_fields": {"status": "AttributeNONE"}})
    stage.acumatica.command("switch", {"shipment_list": "empty"})
    stage.shipment(parcel())
    stage.ups.world.negotiating.clear()
    desk = StageDesk(stage)
    findings = desk.json("doctor", NAME, codes=(0, 1))
    rows = findings["findings"] if isinstance(findings, dict) else findings
    bad = {row["check"]: row["severity"] for row in rows if row["severity"] in ("error", "warning")}
    assert bad["Ship Via NOSUCH"] == "error"
    assert bad["list of shipments"] == "error"
    assert bad["UPS Rating"] == "warning"
    assert bad["UPS Track Alert"] == "error"
    assert bad["field Document.AttributeNONE"] == "error"


def test_the_registered_address_is_the_one_that_ups_is_given() -> None:
    stage = UpsStage(ups={"track_alert": "v1"})
    desk = StageDesk(stage)
    found = desk.json("webhooks", "register", NAME)
    assert found["ups"]["by_hand"] is False
    assert found["acumatica"]["queries"]
    stage.shipment(parcel())
    stage.run(minutes=12)
    (kept,) = stage.ups.holdings()["subscriptions"]
    assert kept["url"] == found["ups"]["url"]
    before = stage.world.secrets.read(f"{NAME}/ups_webhook").current  # type: ignore[union-attr]
    desk.json("webhooks", "register", NAME, "--replace")
    after = json.loads(stage.world.secrets.read(f"{NAME}/ups_webhook").current)  # type: ignore[union-attr]
    assert after["secrets"][1:] == json.loads(before)["secrets"][:1]
    text = desk.run("webhooks", "register", NAME).output
    assert not any(entry in text for entry in after["secrets"])


def test_what_an_operator_is_shown_names_no_person() -> None:
    stage = UpsStage(ups={"track_alert": "v1"})
    stage.shipment(parcel())
    stage.run(minutes=12, webhooks=True)
    stage.ups.command("scan", {"tracking_number": stage.alive()[0], "event": "delivered", "received_by": "ZEBRAMANN"})
    stage.run(minutes=15, webhooks=True)
    assert "received by ZEBRAMANN" in stage.erp("SalesOrder")["SO000001"]["note"]
    desk = StageDesk(stage)
    for record in stage.all_records():
        shown = desk.run("records", "show", record.id).output
        for word in ("ZEBRAMANN", "Quill", "Marta", "Harbor", "555 0141", "2535550141", "^XA"):
            assert word not in shown, (record.id, word)
    kept = str(stage.world.tables.items("audit")) + str(stage.world.lines())
    assert "ZEBRAMANN" not in kept


def test_a_connection_file_of_the_pair_is_applied(tmp_path: Path) -> None:
    stage = UpsStage()
    file = tmp_path / "ups.json"
    file.write_text(json.dumps({**document(), "connection": "second"}))
    desk = StageDesk(stage)
    assert desk.run("connections", "validate", str(file)).exit_code == 0
    assert desk.run("connections", "apply", str(file)).exit_code == 0
    assert "second" in desk.run("connections", "list").output
