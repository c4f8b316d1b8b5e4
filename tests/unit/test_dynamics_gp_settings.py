"""The address of Dynamics GP tells what it offers; anything unsafe or unknown is refused with the way out."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from tests.unit.gp_samples import system
from vendors.dynamics_gp.settings import Kind, kind_of

SOAP = "https://gp.example.com:48620/DynamicsGPWebServices"
SBA = "https://gp.example.com/GPService/Tenants(DefaultTenant)/Companies(Fabrikam,%20Inc.)"


@pytest.mark.parametrize(
    ("url", "kind"),
    [
        (SOAP, Kind.SOAP),
        (SOAP.upper().replace("HTTPS", "https"), Kind.SOAP),
        (f"{SOAP}/DynamicsGPService.asmx", Kind.SOAP),
        (SBA, Kind.SBA),
        ("https://gp.example.com/gpservice", Kind.SBA),
        ("https://gp.example.com:8443/GPService/Tenants(DefaultTenant)/Companies(A (B))", Kind.SBA),
    ],
)
def test_the_path_tells_the_kind(url: str, kind: Kind) -> None:
    assert system(url=url).kind is kind


def test_a_soap_address_is_completed() -> None:
    assert system(url=f"{SOAP}/").url == f"{SOAP}/DynamicsGPService.asmx"
    assert system(url=f"{SOAP}/DynamicsGPService.asmx").url == f"{SOAP}/DynamicsGPService.asmx"


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("http://gp.example.com:48620/DynamicsGPWebServices", "must use https"),
        ("http://127.0.0.1:48620/DynamicsGPWebServices", "must use https"),
        ("https://gp.example.com:48620/Dynamics/GPService", "native endpoint"),
        ("https://gp.example.com/other", "no address of Dynamics GP"),
        ("https://user:secret@gp.example.com/DynamicsGPWebServices", "secret store"),
        ("https://gp.example.com/DynamicsGPWebServices?wsdl", "query"),
        ("gp.example.com", "not a web address"),
    ],
)
def test_what_cannot_work_is_refused_with_the_way_out(url: str, words: str) -> None:
    with pytest.raises(ValidationError, match=words):
        system(url=url)


def test_sba_beside_soap_must_be_sba() -> None:
    assert system(sba_url=SBA).sba_url == SBA
    with pytest.raises(ValidationError, match="sba_url is for"):
        system(sba_url=SOAP)
    with pytest.raises(ValidationError, match="SBA address already"):
        system(url=SBA, sba_url=SBA)


@pytest.mark.parametrize("name", ["Mars/Olympus", "America", "../etc"])  # unknown, a folder of the database, no name
def test_a_time_zone_must_exist(name: str) -> None:
    with pytest.raises(ValidationError, match="not a time zone"):
        system(time_zone=name)


def test_an_unknown_kind_is_an_error() -> None:
    with pytest.raises(ValueError, match="native"):
        kind_of("https://h/Dynamics/GPService/")
