"""What a site is and has: build, endpoints, custom fields. For `connections ping` and `doctor`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from connector.faults import Executed, FaultKind, VendorFault
from connector.transport import Reply
from vendors.acumatica.calls import Calls
from vendors.acumatica.faults import VENDOR
from vendors.acumatica.rows import Row, read_row
from vendors.acumatica.settings import AcumaticaSystem
from vendors.acumatica.urls import record_url


@dataclass(frozen=True)
class Endpoint:
    """One web service endpoint of a site."""

    name: str
    version: str


@dataclass(frozen=True)
class Site:
    """What `GET {instance}/entity` says. `build` is empty on sites that answer the older form."""

    build: str
    endpoints: tuple[Endpoint, ...]

    def versions(self, name: str) -> tuple[str, ...]:
        """The versions of one endpoint, oldest first."""
        return tuple(sorted(endpoint.version for endpoint in self.endpoints if endpoint.name == name))


def read_site(calls: Calls) -> Site:
    """The build and the endpoints. Signed in, it also lists the tenant's own endpoints. Raises VendorFault."""
    # Retrieve the Acumatica ERP Version and the List of Endpoints.
    document = calls.document(f"{calls.system.base_url}/entity", "list endpoints")
    return calls.understood("list of endpoints", lambda: parse_site(document))


def parse_site(document: Any) -> Site:
    """Both forms: an object with version and endpoints, or (older builds) the bare list. Raises ValueError."""
    rows = document.get("endpoints") if isinstance(document, Mapping) else document
    version = document.get("version") if isinstance(document, Mapping) else None
    if not isinstance(rows, list) or not all(isinstance(row, Mapping) for row in rows):
        raise ValueError("base_url does not lead to an Acumatica web service: no list of endpoints there")
    build = version.get("acumaticaBuildVersion") if isinstance(version, Mapping) else None
    found = tuple(Endpoint(str(row.get("name", "")), str(row.get("version", ""))) for row in rows)
    return Site(str(build or ""), found)


def check_endpoint(calls: Calls) -> Site:
    """Raises VendorFault(CONFIGURATION) in one sentence when the pinned endpoint is not served. Picks no other one."""
    site, system = read_site(calls), calls.system
    served = site.versions(system.endpoint)
    if system.endpoint_version in served:
        return site
    have = f"it serves {system.endpoint} {', '.join(served)}" if served else "it has no endpoint of this name"
    message = (
        f"{system.base_url} (build {site.build or 'unknown'}) does not serve {system.endpoint} "
        f"{system.endpoint_version}: {have}; set endpoint_version in the connection to one of those below 26.200.001"
    )
    raise VendorFault(VENDOR, FaultKind.CONFIGURATION, message, Executed.NO)


def missing_custom_fields(calls: Calls, entity: str, names: Sequence[str]) -> Sequence[str]:
    """Which of these custom fields do not exist on the form. Raises VendorFault."""
    # Retrieve the Schema of Custom Fields and Workflow Actions.
    document = calls.document(f"{record_url(calls.system, entity)}/$adHocSchema", f"custom fields of {entity}")
    return [name for name in names if not _has(document, name)]


def on_file(calls: Calls, entity: str, key: str) -> bool | None:
    """Whether a master record that no flow reads (Account, Subaccount, ShippingBox) exists, by its only key.

    None when the endpoint does not serve the entity or the API user may not see it. Raises VendorFault.
    """
    # Retrieve a Record by Key Fields.
    try:
        calls.document(record_url(calls.system, entity, key), f"look for {entity}")
    except VendorFault as fault:
        if fault.kind is FaultKind.NOT_FOUND:
            return False
        if fault.kind in (FaultKind.CONFIGURATION, FaultKind.FORBIDDEN):
            return None
        raise
    return True


def _has(document: Any, name: str) -> bool:
    path, _, field = name.rpartition("/")
    node = document
    for step in path.split("/") if path else ():
        node = node.get(step) if isinstance(node, Mapping) else None
        node = node[0] if isinstance(node, list) and node else node
    view, _, column = field.partition(".")
    views = node.get("custom") if isinstance(node, Mapping) else None
    return isinstance(views, Mapping) and column in (views.get(view) or {})


def row_of(entity: str, reply: Reply, system: AcumaticaSystem) -> Row:
    """The record in a (stored) reply. Raises ValueError."""
    return read_row(reply.json(), entity, system.zone)
