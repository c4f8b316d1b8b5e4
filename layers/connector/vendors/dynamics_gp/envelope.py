"""The SOAP 1.1 envelope of a request: operation, its parts, the context, and for writes the policy.

No WS-Addressing headers: the service's description names actions, but the endpoint wants none.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from vendors.dynamics_gp.settings import DynamicsGpSystem
from vendors.dynamics_gp.xml import DYNAMICS, GP, SECURITY, SOAP, XSI, lxml_etree, serialized

if TYPE_CHECKING:
    from vendors.dynamics_gp.xml import Element

_NAMES: Any = {None: GP, "dyn": DYNAMICS, "xsi": XSI}

CONTENT_TYPE = "text/xml; charset=utf-8"


def action(operation: str) -> str:
    """The value of the SOAPAction header, quotes included."""
    return f'"{GP}/{operation}"'


def envelope(operation: str, parts: Sequence[Element], system: DynamicsGpSystem, policy: Element | None) -> bytes:
    """The whole request. `parts` stand before the context, the policy of a write behind it."""
    etree = lxml_etree()
    root = etree.Element(f"{{{SOAP}}}Envelope", nsmap={"s": SOAP})
    body = etree.SubElement(root, f"{{{SOAP}}}Body")
    call = etree.SubElement(body, f"{{{GP}}}{operation}", nsmap=_NAMES)
    call.extend(parts)
    call.append(_context(system, whole_server=operation in WHOLE_SERVER))
    if policy is not None:
        call.append(policy)
    return serialized(root)


WHOLE_SERVER = frozenset({"GetWSEnabledCompanyForUserList"})
"""Operations that are about no company."""


def text_part(name: str, value: str) -> Element:
    """A part that is plain text."""
    element: Element = lxml_etree().Element(f"{{{GP}}}{name}", nsmap=_NAMES)
    element.text = value
    return element


def key_part(value: str, name: str = "key") -> Element:
    """The key of a document, item, customer ... to be read."""
    etree = lxml_etree()
    element: Element = etree.Element(f"{{{GP}}}{name}", nsmap=_NAMES)
    etree.SubElement(element, f"{{{GP}}}Id").text = value
    return element


def _context(system: DynamicsGpSystem, *, whole_server: bool) -> Element:
    """Who asks for which company. OrganizationKey is abstract: without its type the server could not read it."""
    etree = lxml_etree()
    context: Element = etree.Element(f"{{{GP}}}context", nsmap={**_NAMES, "sec": SECURITY})
    if not whole_server:
        company = etree.SubElement(context, f"{{{DYNAMICS}}}OrganizationKey")
        company.set(f"{{{XSI}}}type", "dyn:CompanyKey")
        etree.SubElement(company, f"{{{DYNAMICS}}}Id").text = str(system.company_id)
    etree.SubElement(context, f"{{{DYNAMICS}}}CultureName").text = system.culture
    etree.SubElement(context, f"{{{DYNAMICS}}}CurrencyType").text = "Transactional"
    if system.role is not None:
        role = etree.SubElement(context, f"{{{DYNAMICS}}}RoleKey")
        etree.SubElement(role, f"{{{SECURITY}}}Id").text = system.role
    if system.tenant is not None:
        etree.SubElement(context, f"{{{DYNAMICS}}}TenantName").text = system.tenant
    return context
