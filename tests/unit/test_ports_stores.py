"""What every implementation of `Bodies`, `Secrets` and `Alerts` promises, on each engine."""

from __future__ import annotations

import json

import pytest

from connector.aws.alerts import alert_subject, alert_text
from connector.ports import Alerts, Bodies, Secret, Secrets
from tests.support.engines import Engine
from tests.support.memory import MemoryBodies


@pytest.fixture
def bodies(engine: Engine) -> Bodies:
    return engine.services.bodies


@pytest.fixture
def secrets(engine: Engine) -> Secrets:
    return engine.services.secrets


@pytest.mark.parametrize(
    "content", [b"", b"{}", bytes(range(256)), b"x" * 3_000_000], ids=["empty", "json", "raw", "3 MB"]
)
def test_body_comes_back(bodies: Bodies, content: bytes) -> None:
    bodies.put("webhooks/shop/shipbob/2026-03-02/abc.json", content, "application/json")
    assert bodies.get("webhooks/shop/shipbob/2026-03-02/abc.json") == content


def test_same_key_overwrites(bodies: Bodies) -> None:
    bodies.put("labels/1Z", b"first")
    bodies.put("labels/1Z", b"second", "image/gif")
    assert bodies.get("labels/1Z") == b"second"


def test_absent_body_is_a_key_error(bodies: Bodies) -> None:
    with pytest.raises(KeyError, match="labels/1Z"):
        bodies.get("labels/1Z")


def test_twin_keeps_keys_and_types() -> None:
    twin = MemoryBodies()
    twin.put("b", b"", "text/plain")
    twin.put("a", b"")
    assert twin.keys() == ["a", "b"]
    assert twin.content_type("b") == "text/plain"
    with pytest.raises(ValueError, match="1 to 1024 bytes"):
        twin.put("", b"")


def test_absent_secret_is_none(secrets: Secrets) -> None:
    assert secrets.read("shop/shipbob") is None


def test_first_write_creates_the_secret(secrets: Secrets) -> None:
    version = secrets.write("shop/shipbob", '{"token": "pat-1"}')
    assert version
    assert secrets.read("shop/shipbob") == Secret('{"token": "pat-1"}', None, version)


def test_rotation_keeps_the_current_and_the_previous_version(secrets: Secrets) -> None:
    """Whoever verifies a webhook during a rotation accepts both."""
    versions = [secrets.write("shop/shipbob_webhook", json.dumps({"secrets": [f"whsec_{n}"]})) for n in range(3)]
    assert len(set(versions)) == 3
    found = secrets.read("shop/shipbob_webhook")
    assert found == Secret('{"secrets": ["whsec_2"]}', '{"secrets": ["whsec_1"]}', versions[2])


def test_secrets_do_not_mix(secrets: Secrets) -> None:
    secrets.write("shop/shipbob", "credentials")
    secrets.write("shop/shipbob/token", "token")
    secrets.write("shop/shipbob_billing", "billing")
    found = {name: secrets.read(name) for name in ("shop/shipbob", "shop/shipbob/token", "shop/shipbob_billing")}
    assert [secret.current for secret in found.values() if secret] == ["credentials", "token", "billing"]
    assert [secret.previous for secret in found.values() if secret] == [None, None, None]


@pytest.mark.parametrize("text", ["", "sesame" * 11_000], ids=["empty", "too long"])
def test_secret_that_cannot_be_stored_is_not_in_the_error(secrets: Secrets, text: str) -> None:
    with pytest.raises(ValueError, match=r"secret shop/shipbob: .* bytes") as caught:
        secrets.write("shop/shipbob", text)
    assert "sesame" not in str(caught.value)
    assert secrets.read("shop/shipbob") is None


def test_longest_secret_fits(secrets: Secrets) -> None:
    secrets.write("shop/shipbob", "x" * 65_536)
    found = secrets.read("shop/shipbob")
    assert found is not None
    assert len(found.current) == 65_536


def test_secret_hides_its_text() -> None:
    assert "sesame" not in repr(Secret("sesame", "open sesame", "v1"))


@pytest.fixture
def alerts(engine: Engine) -> Alerts:
    return engine.services.alerts


def test_alert_reaches_people(engine: Engine, alerts: Alerts) -> None:
    alerts.send("Token of shop/shipbob was refused", "Run:\n  ml-connector connections authorize shop --system shipbob")
    assert engine.alerts() == [
        ("Token of shop/shipbob was refused", "Run:\n  ml-connector connections authorize shop --system shipbob")
    ]


def test_alert_never_fails_for_its_subject(engine: Engine, alerts: Alerts) -> None:
    alerts.send("Größe\n" + "x" * 200, "")
    ((subject, text),) = engine.alerts()
    assert subject == "Gr??e " + "x" * 94
    assert text == "(no text)"


@pytest.mark.parametrize(
    ("subject", "sent"),
    [("", "ml-connector alert"), (" \t\n", "ml-connector alert"), ("a\x07b", "a b"), ("a  b", "a b")],
)
def test_alert_subject(subject: str, sent: str) -> None:
    assert alert_subject(subject) == sent


def test_long_alert_is_cut_and_says_so() -> None:
    text = alert_text("ü" * 150_000)
    assert len(text.encode()) < 200_100
    assert text.endswith("ü\n[cut: the whole text has 300000 bytes]")
