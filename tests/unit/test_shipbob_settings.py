"""The `shipbob` part of a connection document."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from vendors.shipbob.settings import ShipBobSystem


def test_defaults_reach_production_with_the_complete_version() -> None:
    system = ShipBobSystem()
    assert system.api == "https://api.shipbob.com/2026-01"
    assert system.auth_url == "https://auth.shipbob.com"
    assert (system.per_minute, system.timeout_seconds, system.auth) == (150, 30.0, "pat")


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("https://sandbox-api.shipbob.com/", "https://sandbox-api.shipbob.com"),
        ("http://127.0.0.1:8031/shipbob/", "http://127.0.0.1:8031/shipbob"),
        ("http://localhost:8031", "http://localhost:8031"),
        ("http://[::1]:8031", "http://[::1]:8031"),
    ],
)
def test_addresses(given: str, kept: str) -> None:
    assert ShipBobSystem(base_url=given).base_url == kept


@pytest.mark.parametrize(
    "given",
    [
        "http://api.shipbob.com",
        "http://127.0.0.1.example.com",
        "http://localhost.example.com",
        "ftp://api.shipbob.com",
        "api.shipbob.com",
        "https://",
        "https://user:word@api.shipbob.com",
        "https://api.shipbob.com?version=2026-01",
        "https://api.shipbob.com#x",
    ],
)
def test_addresses_that_are_refused(given: str) -> None:
    with pytest.raises(ValidationError):
        ShipBobSystem(base_url=given)
    with pytest.raises(ValidationError):
        ShipBobSystem(auth_url=given)


@pytest.mark.parametrize(
    "given",
    [
        {"version": "1.0"},
        {"version": "2.0"},
        {"auth": "client_credentials"},
        {"per_minute": 5},
        {"scopes": []},
        {"authorize_path": "https://elsewhere"},
        {"response_mode": "fragment"},
        {"base_uri": "https://api.shipbob.com"},
        {"account": "two words"},
    ],
)
def test_what_is_refused(given: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        ShipBobSystem.model_validate(given)


def test_it_cannot_be_changed() -> None:
    with pytest.raises(ValidationError):
        ShipBobSystem().version = "2025-07"


@pytest.mark.parametrize(("given", "kept"), [(433700, 433700), ("433700", "433700"), ("SMA", "SMA"), (None, None)])
def test_the_channel_is_an_id_or_an_application_name(given: object, kept: object) -> None:
    assert ShipBobSystem.model_validate({"channel": given}).channel == kept


def test_every_field_is_described() -> None:
    schema = ShipBobSystem.model_json_schema()
    assert all(len(field.get("description", "")) > 20 for field in schema["properties"].values())
