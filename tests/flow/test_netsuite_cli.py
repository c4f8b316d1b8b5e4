"""The commands for a NetSuite connection: certificate, secrets, ping, doctor, webhooks, explain."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from cli.operations.story import references
from local.simulators.netsuite import DEFAULT_CLIENT
from tests.support.desk import StageDesk
from tests.support.netsuite_stage import NetSuiteStage, key
from tests.support.stage import NAME
from tests.support.stored_stories import STORIES


def desk(**changes: Any) -> StageDesk:
    stage = NetSuiteStage(**changes)
    stage.run(minutes=3)
    return StageDesk(stage)


def examined(at: StageDesk) -> dict[str, dict[str, str]]:
    found = at.json("doctor", NAME, codes=[0, 1])
    assert all(finding["fix"] for finding in found if finding["severity"] in ("error", "warning"))
    return {finding["check"]: finding for finding in found}


def netsuite(at: StageDesk) -> Any:
    return at.stage.netsuite  # type: ignore[attr-defined]


# ---- certificate


def test_a_certificate_is_made_mapped_and_used(tmp_path: Path) -> None:
    at = desk()
    file = tmp_path / "new.pem"
    shown = at.run("netsuite", "certificate", NAME, "--file", str(file))
    assert shown.exit_code == 0, shown.output
    assert "M2M" in shown.stdout
    assert "PRIVATE KEY" not in shown.output + file.read_text()
    used = at.stage.world.secrets.read(f"{NAME}/netsuite")
    assert used is not None
    assert json.loads(used.current)["certificate"] == key().certificate, "nothing changed yet"
    refused = at.run("netsuite", "activate", NAME)
    assert refused.exit_code == 1
    assert "nothing was changed" in refused.output
    netsuite(at).command("upload_certificate", {"client_id": DEFAULT_CLIENT, "pem": file.read_text()})
    done = at.json("netsuite", "activate", NAME)
    assert done["certificate_id"] in shown.stdout
    used = at.stage.world.secrets.read(f"{NAME}/netsuite")
    assert used is not None
    assert json.loads(used.current)["certificate"] == file.read_text()
    assert json.loads(used.current)["client_id"] == DEFAULT_CLIENT
    netsuite(at).command("revoke_certificate", {"certificate_id": key().certificate_id})
    at.stage.clock.advance(3600)
    assert at.json("connections", "ping", NAME)


def test_a_file_is_never_overwritten(tmp_path: Path) -> None:
    file = tmp_path / "there.pem"
    file.write_text("mine")
    result = desk().run("netsuite", "certificate", NAME, "--file", str(file))
    assert result.exit_code == 2
    assert file.read_text() == "mine"


def test_activating_without_a_new_certificate_says_what_to_do() -> None:
    result = desk().run("netsuite", "activate", NAME)
    assert result.exit_code == 1
    assert "ml-connector netsuite certificate" in result.output


def test_an_algorithm_that_does_not_exist(tmp_path: Path) -> None:
    words = ("netsuite", "certificate", NAME, "--algorithm", "RS256", "--file", str(tmp_path / "x.pem"))
    result = desk().run(*words)
    assert result.exit_code == 2
    assert "PS256 or ES256" in result.output


# ---- secrets


def test_a_key_with_its_line_breaks_can_be_stored_and_a_wrong_one_is_refused() -> None:
    at = desk()
    made = key()
    members = {"client_id": "c" * 64, "private_key": made.private_key, "certificate": made.certificate}
    stored = at.run("secrets", "set", NAME, "netsuite", given=json.dumps(members))
    assert stored.exit_code == 0, stored.output
    wrong = {**members, "certificate": key("ES256").certificate}
    refused = at.run("secrets", "set", NAME, "netsuite", given=json.dumps(wrong))
    assert refused.exit_code == 1
    assert "does not belong to the certificate" in refused.output
    assert "BEGIN" not in refused.output


# ---- doctor


def test_a_healthy_connection_has_neither_warning_nor_error() -> None:
    at = desk()
    assert at.run("webhooks", "register", NAME).exit_code == 0
    found = examined(at)
    worse = {check: finding["what"] for check, finding in found.items() if finding["severity"] in ("warning", "error")}
    assert worse == {}
    assert found["NetSuite certificate"]["what"].startswith(key().certificate_id)
    assert found["location 6"]["what"] == "is ShipBob Cicero"
    assert found["account 311"]["severity"] == "ok"


@pytest.mark.parametrize(
    ("changes", "check", "severity"),
    [
        ({"tables": {"locations": {"66": {"location_id": 8}}}}, "location 66", "error"),
        ({"tables": {"locations": {"6": {"location_id": 77}}}}, "fulfilment centre 77", "error"),
        ({"charges": {"vendor": "4711"}}, "vendor 4711", "error"),
        ({"charges": {"rounding_account": "4712"}}, "account 4712", "error"),
        ({"returns": {"quarantine_location": "68"}}, "location 68", "error"),
        ({"shipments": {"ship_method": "69"}}, "shipitem 69", "error"),
    ],
)
def test_what_the_file_names_and_does_not_exist_is_found(changes: Any, check: str, severity: str) -> None:
    assert examined(desk(**changes))[check]["severity"] == severity


def test_a_wiped_mapping_and_a_certificate_that_ends_are_found() -> None:
    at = desk()
    netsuite(at).command("refresh_sandbox", {})
    at.stage.clock.advance(86_400 * 700)
    found = examined(at)
    assert found["NetSuite certificate"]["severity"] == "warning"
    assert found["NetSuite sign-in"]["severity"] == "error"
    assert "sandbox refresh" in found["NetSuite sign-in"]["fix"] + found["NetSuite sign-in"]["what"]


def test_a_role_without_workbook_is_found() -> None:
    at = desk()
    netsuite(at).command("set_permission", {"permission": "REPO_ANALYTICS", "granted": False})
    found = examined(at)
    assert any(finding["severity"] == "error" for check, finding in found.items() if check.startswith("NetSuite"))


def test_the_doctor_writes_nothing() -> None:
    at = desk()
    before = (netsuite(at).holdings()["transactions"], at.stage.shipbob.holdings())
    examined(at)
    assert (netsuite(at).holdings()["transactions"], at.stage.shipbob.holdings()) == before


# ---- webhooks, explain


def test_webhooks_are_registered_in_groups_and_the_newer_ones_may_be_refused() -> None:
    at = desk()
    shown = at.json("webhooks", "register", NAME)
    states = {group["group"]: group["state"] for group in shown["shipbob"]["subscriptions"]}
    assert states["core"] == "created"
    assert set(states) == {"core", "tracking", "receiving"}
    again = at.json("webhooks", "register", NAME)
    assert {group["state"] for group in again["shipbob"]["subscriptions"]} <= {"enabled", "refused"}


def test_explain_names_both_sides() -> None:
    stage = NetSuiteStage()
    order = stage.purchase_order(("TEE", 12))
    stage.run(minutes=3)
    stage.stow(order["tran_id"])
    stage.run(minutes=20)
    shown = StageDesk(stage).run("explain", order["tran_id"])
    assert shown.exit_code == 0, shown.output
    assert "expects it" in shown.stdout
    assert "NetSuite" in shown.stdout


# ---- asking


def test_a_receipt_leads_to_its_purchase_order() -> None:
    at = StageDesk(STORIES["netsuite_shipbob"]())
    (receipt,) = at.stage.records("receipts").values()
    (number,) = [value for kind, value in references(at.stage.process, receipt) if kind == "receipt"]
    told = at.json("explain", number)["records"]
    assert [each["id"].split("/")[1] for each in told] == ["purchase_orders", "receipts"]


def test_an_item_that_shipbob_lacks_is_told_with_what_to_do_and_cannot_be_accepted() -> None:
    at = desk()
    netsuite(at).command("seed_item", {"sku": "HAT", "name": "HAT", "cost": 2})
    at.stage.purchase_order(("HAT", 5))  # type: ignore[attr-defined]
    at.stage.run(minutes=4)
    (cause,) = at.json("review", "list", codes=[1])
    assert cause["advice"].startswith("create the product HAT at ShipBob")
    shown = at.run("review", "show", cause["id"]).stdout
    assert "--skip" in shown
    assert "--accept" not in shown, "nothing here shows figures that could be accepted"
    (chapter,) = at.json("explain", "HAT")["records"]
    assert chapter["commands"] == [cause["advice"]]
