"""Addresses: keys, options, filters, and links that must not lead away."""

from __future__ import annotations

from urllib.parse import parse_qsl, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vendors.acumatica import urls
from vendors.acumatica.settings import AcumaticaSystem

SYSTEM = AcumaticaSystem(
    base_url="https://erp.example.com/AcumaticaERP", tenant="T", time_zone="UTC", endpoint_version="24.200.001"
)
ROOT = "https://erp.example.com/AcumaticaERP/entity/Default/24.200.001"


def test_keys_are_percent_encoded() -> None:
    assert urls.record_url(SYSTEM, "SalesOrder", "SO", "SO 1ü") == f"{ROOT}/SalesOrder/SO/SO%201%C3%BC"


@pytest.mark.parametrize("key", ["A/B", "A|B", "A\\B", "A:B", "50%", "A&B", "A?", "A#", "A+B", "A*", "<A>", "A.", ".."])
def test_keys_that_cannot_stand_in_a_path(key: str) -> None:
    assert not urls.addressable({"InventoryID": key})


@pytest.mark.parametrize("key", ["", "  "])
def test_an_empty_key_would_address_everything(key: str) -> None:
    with pytest.raises(ValueError, match="InventoryID is empty"):
        urls.addressable({"InventoryID": key})


def test_options_as_the_vendor_writes_them() -> None:
    condition = "Status eq 'Open' and LastModified ge datetimeoffset'2026-03-01T14:05:09.250+00:00'"
    url = urls.with_options(f"{ROOT}/SalesOrder", {"$filter": condition, "$select": "A,B/C", "$custom": ""})
    assert url.endswith(
        "?$filter=Status%20eq%20'Open'%20and%20LastModified%20ge%20"
        "datetimeoffset'2026-03-01T14%3A05%3A09.250%2B00%3A00'&$select=A,B/C"
    )


@given(st.text(min_size=1))
def test_no_text_escapes_from_its_option(text: str) -> None:
    text = text.encode("utf-8", "ignore").decode() or "x"
    url = urls.with_options(ROOT, {"$filter": urls.equals("A", text), "$top": "5"})
    assert parse_qsl(urlsplit(url).query) == [("$filter", urls.equals("A", text)), ("$top", "5")]


@given(st.text(alphabet="'a"))
def test_quotes_are_doubled(text: str) -> None:
    literal = urls.equals("A", text).removeprefix("A eq ")
    assert literal[1:-1].replace("''", "'") == text
    assert literal.count("'") % 2 == 0


def test_links_already_hold_the_virtual_directory() -> None:
    link = "/AcumaticaERP/entity/Default/24.200.001/files/G/V/1/a.gif"
    assert urls.resolve(SYSTEM, link) == f"https://erp.example.com{link}"
    assert urls.resolve(SYSTEM, f"https://ERP.example.com{link}") == f"https://ERP.example.com{link}"


@pytest.mark.parametrize(
    "link",
    [
        "https://evil.example.com/AcumaticaERP/entity/x", "//evil.example.com/AcumaticaERP/entity/x",
        "http://erp.example.com/AcumaticaERP/entity/x", "https://erp.example.com:444/AcumaticaERP/entity/x",
        "https://erp.example.com@evil.example.com/AcumaticaERP/entity/x", "@evil.example.com/AcumaticaERP/entity/",
        "/Other/entity/x", "/AcumaticaERP/entity/../../x", "relative", "", "javascript:x",
    ],
)
def test_links_that_lead_away_are_not_followed(link: str) -> None:
    with pytest.raises(ValueError, match="not followed"):
        urls.resolve(SYSTEM, link)
