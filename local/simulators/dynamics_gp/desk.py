"""The desk of the SOAP endpoint: transport, envelope, type, company, role and policy are judged, then GP works."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from local.simulators.base import Reply, Request
from local.simulators.dynamics_gp import envelope, inventory, items, masters, policies, sales
from local.simulators.dynamics_gp.limits import cut
from local.simulators.dynamics_gp.operations import ACTION, Operation
from local.simulators.dynamics_gp.problems import (
    VALIDATION,
    Invalid,
    Problem,
    Refused,
    SoapFault,
    fault_reply,
    not_found,
    refuse,
    system,
)
from local.simulators.dynamics_gp.reading import Rules
from local.simulators.dynamics_gp.sales_kinds import ROOTS
from local.simulators.dynamics_gp.world import World

LEGACY = ("/dynamicsgpwebservices", "/dynamicsgpwebservices/dynamicsgpservice.asmx")
NATIVE = "/dynamics/gpservice"
HELP = b"<html><head><title>DynamicsGP Service</title></head><body>You have created a service.</body></html>"

Reader = Callable[[World, Any], Any]

_READERS: dict[str, Reader] = {
    "GetCompanyByKey": masters.company_get,
    "GetCompanyList": masters.company_list,
    "GetPolicyByOperation": policies.by_operation,
    "GetPolicyByKey": lambda world, key: policies.by_key(world, key["Id"]),
    "GetSalesDocumentList": lambda world, criteria: sales.list_of(world, criteria, None),
    "GetInventoriedItemByKey": items.get_inventoried,
    "GetInventoriedItemList": lambda world, criteria: items.list_of(world, criteria, inventoried=True),
    "GetItemByKey": items.get,
    "GetItemList": items.list_of,
    "GetCustomerByKey": masters.customer_get,
    "GetCustomerList": masters.customer_list,
    "GetWarehouseByKey": masters.site_get,
    "GetWarehouseList": masters.site_list,
    "GetItemWarehouseByKey": items.site_get,
    "GetItemWarehouseList": items.site_list,
    "GetShippingMethodByKey": masters.method_get,
    "GetShippingMethodList": masters.method_list,
    "GetBatchByKey": masters.batch_get,
    "GetBatchList": masters.batch_list,
}


def soap_path(path: str) -> bool:
    """Whether a path is the legacy endpoint's; letter case does not matter."""
    return path.rstrip("/").lower() in LEGACY


def seen_path(request: Request) -> str:
    """The path with the operation's name behind `#`: what fault plans and the log of calls match on."""
    action = (request.header("SOAPAction") or "").strip().strip('"')
    return f"{request.path}#{action.removeprefix(ACTION)}" if action.startswith(ACTION) else request.path


def answer(world: World, request: Request) -> Reply:
    """One request to the legacy endpoint."""
    try:
        _transport(world, request)
        if request.method == "GET":
            return Reply(200, {"Content-Type": "text/html; charset=utf-8"}, HELP)
        root = envelope.parse(request.body)
        operation, element = envelope.operation_of(request, root, world.switches.strict)
        given = envelope.arguments(operation, element, Rules(world.switches.omissions))
        return envelope.answer(operation, _work(world, operation, given))
    except Refused as refused:
        world.strict_violations.append(f"{request.method} {request.path}: {refused}")
        return refused.reply
    except Invalid as invalid:
        guid = world.guid("validation")
        world.validation_results[guid] = invalid.problems
        return fault_reply(VALIDATION, guid=guid)
    except SoapFault as fault:
        if fault.code not in ("Client", "Server"):
            world.strict_violations.append(f"{request.method} {seen_path(request)}: {fault.text}")
        return fault_reply(fault.text, fault.code)


def _transport(world: World, request: Request) -> None:
    """T1 to T4: verb, content type and size, before a single element is looked at."""
    if request.method not in ("GET", "POST"):
        raise refuse(405, "Method Not Allowed")
    if request.method == "GET":
        return
    if len(request.body) > world.switches.maximum_request_bytes:
        raise refuse(413, "Request Entity Too Large")
    kind, _, parameters = (request.header("Content-Type") or "").partition(";")
    charset = parameters.strip().lower().replace('"', "")
    if kind.strip().lower() != "text/xml" or charset not in ("", "charset=utf-8"):
        text = (
            "Cannot process the message because the content type was not the expected type 'text/xml; charset=utf-8'."
        )
        raise refuse(415, text)


def _work(world: World, operation: Operation, given: dict[str, Any]) -> Any:
    """Company and role, then the operation itself."""
    if operation.name in world.denied:  # D2
        raise SoapFault("The user does not have a role that allows this operation.", "Security")
    if operation.name == "GetWSEnabledCompanyForUserList":
        return [masters.company(world)]
    company = given["context"].get("OrganizationKey", {}).get("Id")
    if company != world.company_id:  # D1
        world.strict_violations.append(f"{operation.name}: the company {company} is unknown")
        raise system()
    if operation.subject is not None and operation.subject.name not in given:  # D3
        raise system()
    subject: Any = given[operation.subject.name] if operation.subject else None
    return _write(world, operation, subject, given) if operation.writes else _read(world, operation, subject)


def _read(world: World, operation: Operation, subject: Any) -> Any:
    if operation.name == "GetLoggedValidationResultByKey":
        return _validation_result(world, subject)
    reader = _READERS.get(operation.name)
    if reader is not None:
        return reader(world, subject)
    name = operation.name.removeprefix("Get")
    root, by_key = (name[:-5], True) if name.endswith("ByKey") else (name[:-4], False)
    if root in ROOTS:
        kind = ROOTS[root]
        return sales.get(world, kind, subject) if by_key else sales.list_of(world, subject, kind)
    return inventory.get(world, root, subject) if by_key else inventory.list_of(world, root, subject)


def _write(world: World, operation: Operation, subject: dict[str, Any], given: dict[str, Any]) -> None:
    options = policies.resolve(world, operation.name, given["policy"])
    assert operation.subject is not None  # noqa: S101 - every write has one
    stored, lost = cut(operation.subject.type, subject)
    world.cut.extend(lost)
    for verb, act in (("Create", sales.save_new), ("Update", sales.save_changes)):
        kind = ROOTS.get(operation.name.removeprefix(verb))
        if operation.name.startswith(verb) and kind is not None:
            act(world, kind, stored, options)
            return
    if operation.name.startswith("Void"):
        sales.void(world, ROOTS[operation.name.removeprefix("Void")], stored)
    elif operation.name.startswith("Delete"):
        sales.delete(world, ROOTS[operation.name.removeprefix("Delete")], stored)
    else:
        inventory.create(world, operation.name.removeprefix("Create"), stored)


def _validation_result(world: World, guid: str) -> dict[str, Any]:
    """The rows behind a GUID; they can be fetched once."""
    problems = world.validation_results.get(guid)
    if problems is None:
        raise not_found()
    if world.switches.validation_results_once:
        del world.validation_results[guid]
    return {"Errors": [_row(each) for each in problems], "Warnings": []}


def _row(problem: Problem) -> dict[str, Any]:
    return {
        "ObjectType": problem.object_type,
        "PropertyNames": list(problem.properties),
        "Message": problem.message,
        "Id": problem.id,
    }
