"""Certificates: the days that are left are measured, a person hears of an end once and in time, outages are no end."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from acumatica_shipbob.flows import PAIR
from acumatica_shipbob.settings import AcumaticaShipBob
from cli.doctor.common import check_certificates
from cli.doctor.finding import Examination
from cli.operations.accounts import Patience
from connector.certificates import KEY, SOON, watch
from connector.connection import Connection, load_connection
from connector.services import Services
from tests.support.clock import START
from tests.support.stage import NAME, Stage, document


def certificate(days: float) -> str:
    """A certificate that ends in so many days, as PEM; one that has ended began before that."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "erp.example")])
    end = START + timedelta(days=days)
    made = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    made = made.serial_number(7).not_valid_before(min(START, end) - timedelta(days=400)).not_valid_after(end)
    return made.sign(key, hashes.SHA256()).public_bytes(Encoding.PEM).decode()


def prepared(shown: dict[str, float | OSError]) -> tuple[Stage, Services, Connection]:
    """A connection to https servers whose certificates end in so many days."""
    stage = Stage()
    raw = document()
    raw["systems"]["acumatica"]["base_url"] = "https://erp.example/Acme"
    raw["systems"]["shipbob"] |= {"base_url": "https://api.shipbob.com", "auth_url": "https://auth.shipbob.com"}
    stage.apply(raw)

    def peek(host: str, port: int) -> str:
        assert port == 443
        found = shown[host]
        if isinstance(found, OSError):
            raise found
        return certificate(found)

    stage.process.memory[KEY] = peek
    connection = load_connection(stage.world.tables, NAME, AcumaticaShipBob)
    assert connection is not None
    return stage, stage.process, connection


FINE: dict[str, float | OSError] = {"erp.example": 200.5, "api.shipbob.com": 90.5, "auth.shipbob.com": 91.5}


def test_the_days_left_are_measured_for_every_server_once() -> None:
    stage, services, connection = prepared(FINE)
    found = watch(services, connection)
    assert sorted(ending.system for ending in found) == ["acumatica", "shipbob", "shipbob"]
    assert sorted(stage.world.metrics()["CertificateDaysLeft"]) == [90, 91, 200]
    assert stage.world.alerts.sent == []


@pytest.mark.parametrize("days", [20.5, 0.5, -3])
def test_an_end_is_told_once(days: float) -> None:
    stage, services, connection = prepared({**FINE, "erp.example": days})
    for _ in range(3):
        watch(services, connection)
        stage.clock.advance(days=1)
    (alert,) = stage.world.alerts.sent
    assert NAME in alert.subject
    assert "the certificate of the server erp.example" in alert.text
    assert min(stage.world.metrics()["CertificateDaysLeft"]) < SOON.days


def test_one_that_a_connection_signs_in_with_is_watched_too() -> None:
    stage, services, connection = prepared(FINE)
    stored = {"token": "t", "certificate": certificate(5), "note": "-----BEGIN", "bad": "-----BEGIN CERTIFICATE-----"}
    stage.world.secrets.write(f"{NAME}/shipbob", json.dumps(stored))
    watch(services, connection)
    (alert,) = stage.world.alerts.sent
    assert f"certificate in the secret {NAME}/shipbob" in alert.text
    assert "-----BEGIN" not in alert.text
    assert any("cannot be read" in str(line.get("text")) for line in stage.world.lines())
    stage.world.alerts.sent.clear()
    watch(services, connection, stored=False)
    assert stage.world.alerts.sent == []


def test_a_server_that_cannot_be_reached_is_no_end() -> None:
    stage, services, connection = prepared({**FINE, "erp.example": ConnectionRefusedError("no")})
    assert len(watch(services, connection)) == 2
    assert stage.world.alerts.sent == []
    assert any(line.get("reason") == "ConnectionRefusedError" for line in stage.world.lines())


def test_the_poller_looks_once_a_day_and_never_at_plain_http() -> None:
    stage = Stage()
    looked: list[str] = []
    stage.run(minutes=3)
    stage.process.memory[KEY] = lambda host, port: looked.append(host) or certificate(9)
    stage.run(minutes=5)
    assert looked == []  # the stage's servers are on loopback, without TLS
    jobs = [line for line in stage.world.lines() if line.get("text") == "a message crashed"]
    assert jobs == []


@pytest.mark.parametrize(("days", "severity"), [(200.5, "ok"), (9.5, "warning"), (-2, "error")])
def test_the_doctor_says_when_a_certificate_ends(days: float, severity: str) -> None:
    _, services, connection = prepared({**FINE, "erp.example": days})
    examined = Examination(services, connection, None, Patience(services, lambda seconds: None), "https://hooks.example")
    check_certificates(examined, PAIR)
    found = [each for each in examined.findings if "erp.example" in each.what]
    assert [each.severity.value for each in found] == [severity]
    assert bool(found[0].fix) == (severity != "ok")
