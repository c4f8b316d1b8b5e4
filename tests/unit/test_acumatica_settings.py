"""The `acumatica` part of a connection document."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from vendors.acumatica.settings import AcumaticaSystem


def _system(**changes: Any) -> AcumaticaSystem:
    fields = {"base_url": "https://erp.example.com/Erp", "tenant": "Company", "time_zone": "America/New_York"}
    return AcumaticaSystem.model_validate({**fields, **changes})


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("https://acme.example.com", "https://acme.example.com"),
        ("https://acme.example.com/", "https://acme.example.com"),
        ("https://ERP.Example.com/AcumaticaERP/", "https://erp.example.com/AcumaticaERP"),
        ("https://erp.example.com/Erp/(W(10))/Main?ScreenId=SO301000", "https://erp.example.com/Erp"),
        ("https://erp.example.com/Erp/Main.aspx", "https://erp.example.com/Erp"),
        ("https://erp.example.com/Erp/Frames/Login.aspx?x=1#y", "https://erp.example.com/Erp"),
        ("https://erp.example.com/entity/Default/25.200.001", "https://erp.example.com"),
        ("https://erp.example.com:8443/Erp", "https://erp.example.com:8443/Erp"),
        ("http://127.0.0.1:9001/Acme", "http://127.0.0.1:9001/Acme"),
    ],
)
def test_an_address_as_people_copy_it(given: str, kept: str) -> None:
    assert _system(base_url=given).base_url == kept


@pytest.mark.parametrize(
    "address", ["http://erp.example.com", "ftp://erp.example.com", "erp.example.com", "https://u:p@erp.example.com", ""]
)
def test_an_address_that_would_not_be_safe(address: str) -> None:
    with pytest.raises(ValidationError, match="base_url"):
        _system(base_url=address)


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"endpoint_version": "26.200.001"}, "contract 5"),
        ({"endpoint_version": "27.100.001"}, "contract 5"),
        ({"endpoint_version": "25"}, "25.200.001"),
        ({"time_zone": "Eastern"}, "IANA"),
        ({"time_zone": "../../etc/passwd"}, "IANA"),
        ({"scope": "api"}, "offline_access"),
        ({"auth": "password", "scope": "openid"}, "api"),
        ({"scope": "api offline_access api:concurrent_access"}, "concurrent_access"),
        ({"tenant": ""}, "tenant"),
        ({"branch": "A\r\nX: y"}, "branch"),
        ({"endpoint": "De/fault"}, "endpoint"),
        ({"per_minute": 0}, "per_minute"),
        ({"unknown": 1}, "unknown"),
    ],
)
def test_what_cannot_work_is_refused_by_name(changes: dict[str, Any], says: str) -> None:
    with pytest.raises(ValidationError) as caught:
        _system(**changes)
    assert says in str(caught.value)


def test_addresses_of_the_service() -> None:
    system = _system()
    assert system.entity_url == "https://erp.example.com/Erp/entity/Default/25.200.001"
    assert system.origin == "https://erp.example.com"
    assert system.zone.key == "America/New_York"
    assert _system(endpoint="MyExtension", endpoint_version="0001").contract == "25.200.001"
    assert _system(endpoint_version="22.200.001").contract == "22.200.001"


def test_every_field_is_explained() -> None:
    for name, schema in AcumaticaSystem.model_json_schema()["properties"].items():
        assert len(schema.get("description", "")) > 20, name


def test_settings_are_frozen() -> None:
    with pytest.raises(ValidationError):
        _system().tenant = "other"
