"""The `ups` part of a connection document: what it accepts, and what it says about the rest."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from tests.unit.ups_samples import SHIPPER, system
from vendors.ups.settings import PRODUCTION, TEST, UpsSystem


def test_defaults() -> None:
    found = system()
    assert found.host == PRODUCTION
    assert found.ship_version == found.void_version == found.rate_version == "v2409"
    assert (found.ship_subversion, found.rate_subversion) == ("2205", "2409")
    assert (found.token_daily_limit, found.per_minute, found.track_alert) == (250, 300, "off")
    assert found.negotiated_rates
    assert UpsSystem.model_validate_json(found.model_dump_json()) == found


def test_hosts() -> None:
    assert system(cie=True).host == TEST
    assert system(cie=True, base_url="http://127.0.0.1:7004/").host == "http://127.0.0.1:7004"
    assert system(base_url="https://onlinetools.ups.com/api/").host == PRODUCTION


@pytest.mark.parametrize("number", ["012345", "1E2345", "a1b2c3", " A1B2C3 "])
def test_account_numbers_stay_text(number: str) -> None:
    assert system(account_number=number).account_number == number.strip().upper()


def problem(**changes: Any) -> str:
    with pytest.raises(ValidationError) as caught:
        system(**changes)
    return str(caught.value)


@pytest.mark.parametrize("number", [12345, 100.0])
def test_an_account_number_that_became_a_number_is_refused(number: float) -> None:
    assert "write the account number in quotes" in problem(account_number=number)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"account_number": "12345"}, "6 letters or digits"),
        ({"account_number": None}, "account_number"),
        ({"base_url": "onlinetools.ups.com"}, "is not a web address"),
        ({"base_url": "http://onlinetools.ups.com"}, "must use https"),
        ({"base_url": "https://user:pass@onlinetools.ups.com"}, "secret store"),
        ({"base_url": "https://onlinetools.ups.com?x=1"}, "query"),
        ({"ship_version": "2409"}, "ship_version"),
        ({"ship_subversion": "v2409"}, "ship_subversion"),
        ({"label_format": "PDF"}, "label_format"),
        ({"dimension_unit": "CM"}, "IN with LBS"),
        ({"weight_unit": "KGS"}, "IN with LBS"),
        ({"track_alert": "v3"}, "track_alert"),
        ({"locale": "english"}, "locale"),
        ({"per_minute": 0}, "per_minute"),
        ({"transaction_source": "näme"}, "transaction_source"),
        ({"unknown": 1}, "unknown"),
        ({"shipper": {**SHIPPER, "phone": "555-0100"}}, "phone: is no number that UPS takes"),
        ({"shipper": {**SHIPPER, "postal_code": "1093"}}, "postal_code: must have 5 or 9 digits"),
        ({"shipper": {**SHIPPER, "state": ""}}, "state: is needed"),
        ({"shipper": {**SHIPPER, "state": "PR", "postal_code": "00901"}}, "must be PR"),
        ({"shipper": {**SHIPPER, "address": ["x" * 36]}}, "address"),
        ({"shipper": {**SHIPPER, "address": []}}, "address"),
        ({"shipper": {**SHIPPER, "name": "Łódź Parts"}}, "name: holds characters"),
        ({"shipper": {**SHIPPER, "name": "x" * 36}}, "name"),
        ({"shipper": {**SHIPPER, "country": "usa"}}, "country"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said(changes: dict[str, Any], words: str) -> None:
    assert words in problem(**changes)


def test_every_setting_is_described() -> None:
    shipper = UpsSystem.model_fields["shipper"].annotation
    assert shipper is not None
    for fields in (UpsSystem.model_fields, shipper.model_fields):
        assert all(field.description for field in fields.values())
