"""Dynamics GP: a Windows account of the customer's domain, and the certificates to trust where they are private."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from cli.systems.shapes import SecretShape, System
from connector.faults import FaultKind, VendorFault

if TYPE_CHECKING:
    from vendors.dynamics_gp.client import DynamicsGp
    from vendors.dynamics_gp.settings import DynamicsGpSystem

ACCOUNT = {
    "username": "DOMAIN\\user (or user@domain) of the service account that has a role in the Dynamics Security Console",
    "password": "the account's password in the domain",
}
BUNDLE = {"ca_bundle": "certificates to trust instead of the public ones, as PEM text in a JSON object"}
BEGIN = "-----BEGIN CERTIFICATE-----"


def _check(values: Mapping[str, str]) -> None:
    bundle = values.get("ca_bundle")
    if bundle is not None and (BEGIN not in bundle or "PRIVATE KEY" in bundle):
        raise ValueError(f"ca_bundle must hold certificates as PEM text ({BEGIN}) and no key")


def secret_shapes(settings: DynamicsGpSystem | None) -> Sequence[SecretShape]:
    """The secret `dynamics_gp`."""
    return [SecretShape("dynamics_gp", ACCOUNT, check=_check, optional=BUNDLE)]


def ping(client: DynamicsGp) -> str:
    """Signs in and finds the company among those that the account may see. Raises VendorFault, ConfigurationFault."""
    companies = client.companies()
    mine = [company.name for company in companies if company.company_id == client.system.company_id]
    if not mine:
        names = ", ".join(f"{company.company_id} ({company.name})" for company in companies) or "none"
        text = f"signed in, but the account does not see company {client.system.company_id}; it sees {names}"
        raise VendorFault("dynamics_gp", FaultKind.CONFIGURATION, text)
    return f"company {client.system.company_id} ({mine[0]})"


SYSTEM = System("dynamics_gp", secret_shapes, ping, one_password=True)
