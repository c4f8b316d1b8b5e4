"""SOAP 1.1 in and out: one operation element in the body, no headers, document/literal."""

from __future__ import annotations

from typing import Any

from lxml import etree

from local.simulators.base import Reply, Request
from local.simulators.dynamics_gp.operations import ACTION, OPERATIONS, Operation
from local.simulators.dynamics_gp.problems import XML, SoapFault, refuse
from local.simulators.dynamics_gp.reading import Misread, Rules, children, read_sequence
from local.simulators.dynamics_gp.schema import DYNAMICS, GP, SOAP, XSI
from local.simulators.dynamics_gp.writing import write, write_list

NOT_SUPPORTED = (
    "The message with Action '{action}' cannot be processed at the receiver, due to a ContractFilter mismatch at the "
    "EndpointDispatcher."
)


def parse(body: bytes) -> etree._Element:
    """The document element; a DTD is refused, entities are never resolved."""
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    if b"<!DOCTYPE" in body:
        raise refuse(400, "Bad Request: a DTD is not allowed in a SOAP message")
    try:
        return etree.fromstring(body, parser)
    except etree.XMLSyntaxError as error:
        raise refuse(400, f"Bad Request: {error}") from error


def operation_of(request: Request, root: etree._Element, strict: bool) -> tuple[Operation, etree._Element]:
    """The operation that the body asks for; the SOAPAction header must say the same."""
    if root.tag != f"{{{SOAP}}}Envelope":
        raise SoapFault("The incoming message has an unexpected envelope: SOAP 1.1 is expected.", "VersionMismatch")
    parts = children(root, "Envelope")
    headers = [part for part in parts if part.tag == f"{{{SOAP}}}Header"]
    if strict and any(len(header) for header in headers):
        raise SoapFault("The SOAP header is not understood: this endpoint takes none.", "MustUnderstand")
    bodies = [part for part in parts if part.tag == f"{{{SOAP}}}Body"]
    if len(bodies) != 1 or len(parts) != len(headers) + 1 or len(children(bodies[0], "Body")) != 1:
        raise SoapFault("The message must hold one Body with one element.")
    element = children(bodies[0], "Body")[0]
    action = (request.header("SOAPAction") or "").strip()
    name = etree.QName(element).localname
    if action != f'"{ACTION}{name}"' or etree.QName(element).namespace != GP or name not in OPERATIONS:
        raise SoapFault(NOT_SUPPORTED.format(action=action.strip('"')), "ActionNotSupported")
    return OPERATIONS[name], element


def arguments(operation: Operation, element: etree._Element, rules: Rules) -> dict[str, Any]:
    """What the request holds, read strictly by its type."""
    try:
        if element.attrib:
            raise Misread(operation.name, "has attributes")
        return read_sequence(element, operation.request, operation.name, rules)
    except Misread as misread:
        raise SoapFault(
            f"The formatter threw an exception while trying to deserialize the message: {misread}",
            "DeserializationFailed",
        ) from misread


def answer(operation: Operation, result: Any) -> Reply:
    """The answer's envelope; a write answers an empty element."""
    envelope = etree.Element(f"{{{SOAP}}}Envelope", nsmap={"s": SOAP})
    body = etree.SubElement(envelope, f"{{{SOAP}}}Body")
    name = f"{{{GP}}}{operation.name}Response"
    response = etree.SubElement(body, name, nsmap={None: GP, "dyn": DYNAMICS, "xsi": XSI})  # type: ignore[dict-item]
    if operation.result is not None:
        element = f"{operation.name}Result"
        if operation.many:
            write_list(response, element, operation.result, result)
        else:
            write(response, element, operation.result, result)
    return Reply(200, XML, etree.tostring(envelope, xml_declaration=True, encoding="utf-8"))
