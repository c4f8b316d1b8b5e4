"""NetSuite: a certificate that an administrator maps once; nobody has to consent."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from cli.systems.shapes import SecretShape, System

if TYPE_CHECKING:
    from vendors.netsuite.client import NetSuite
    from vendors.netsuite.settings import NetSuiteSystem

MEMBERS = {
    "client_id": "Setup > Integration > Manage Integrations, shown once when the integration record is saved",
    "private_key": "made by `ml-connector netsuite certificate`, PEM",
    "certificate": "made by the same command, PEM",
}
PEM = frozenset({"private_key", "certificate"})


def secret_shapes(settings: NetSuiteSystem | None) -> Sequence[SecretShape]:
    """The secret `netsuite`."""
    algorithm = settings.algorithm if settings is not None else ""

    def check(values: Mapping[str, str]) -> None:
        from vendors.netsuite.certificates import key_problem

        found = [key_problem(values["private_key"], values["certificate"], each) for each in _algorithms(algorithm)]
        if all(found):
            raise ValueError(found[0])

    return [SecretShape("netsuite", MEMBERS, check=check, several_lines=PEM)]


def _algorithms(algorithm: str) -> Sequence[str]:
    return [algorithm] if algorithm else ["PS256", "ES256"]


def ping(client: NetSuite) -> str:
    """Signs in and lists the locations that the role may see. Raises VendorFault."""
    return f"account {client.system.account_id} at {client.system.host}, {len(client.locations())} locations"


SYSTEM = System("netsuite", secret_shapes, ping)
