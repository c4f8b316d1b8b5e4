"""The door of the REST services: which path goes where, after the token and the role were looked at."""

from __future__ import annotations

from datetime import UTC
from urllib.parse import unquote

from local.simulators.base import Reply, Request
from local.simulators.netsuite import jobs, oauth, reading, suiteql, transforms, writing
from local.simulators.netsuite.asked import Asked, resource
from local.simulators.netsuite.contract import FORMS, Form, form_named
from local.simulators.netsuite.problems import Rejection, error, invalid_login, nonexistent
from local.simulators.netsuite.world import World

BASE = "/services/rest"
_REST = "ADMI_RESTWEBSERVICES"
_LOGIN = "ADMI_LOGIN_OAUTH2"


def _root(world: World, request: Request) -> str:
    host = request.header("Host") or ""
    if host.startswith(("127.0.0.1", "localhost")):
        return f"http://{host}{BASE}"
    return f"https://{oauth.host_of(world.account)}.suitetalk.api.netsuite.com{BASE}"


def _query(request: Request) -> dict[str, str]:
    found = request.parameters()
    if len(dict(found)) != len(found):
        raise Rejection(error(400, "INVALID_PARAMETER", "A query parameter is repeated."))
    return dict(found)


def answer(world: World, request: Request) -> Reply:
    """Answers everything but the token endpoint."""
    oauth.identify(world, request)
    for permission in (_LOGIN, _REST):
        if not world.may(permission):
            raise Rejection(invalid_login(world.account))
    asked = Asked(request, _root(world, request), _query(request))
    path = request.path.removeprefix(BASE)
    if path == "/query/v1/suiteql":
        return suiteql.answer(world, asked)
    if path.startswith("/record/v1/"):
        return _record(world, asked, [unquote(part) for part in path.removeprefix("/record/v1/").split("/")])
    if path.startswith("/async/v1/job/"):
        _only(request, "GET")
        return jobs.read(world, asked)
    if path == "/system/v1/serverTime":
        _only(request, "GET")
        now = world.now().astimezone(UTC)
        return resource({"serverTime": f"{now:%Y-%m-%dT%H:%M:%S}.{now.microsecond // 1000:03d}Z"})
    if path == "/system/v1/governanceLimits":
        _only(request, "GET")
        return _limits(world)
    raise nonexistent(f"The path '{request.path}' does not exist.", request.path)


def _only(request: Request, *methods: str) -> None:
    if request.method not in methods:
        raise Rejection(error(405, "METHOD_NOT_ALLOWED", f"Method {request.method} is not allowed."))


def _limits(world: World) -> Reply:
    if not world.role.administrator:
        raise Rejection(error(403, "INSUFFICIENT_PERMISSION", "Permission Violation: administrators only."))
    limit = world.switches.concurrency_limit
    return resource(
        {
            "accountConcurrencyLimit": limit,
            "accountUnallocatedConcurrencyLimit": limit,
            "integrationLimitType": "accountLimit",
        }
    )


def _permitted(world: World, form: Form, asked: Asked, permission: str) -> None:
    """A missing permission looks like a record type that does not exist, or is a 403: both were seen."""
    if world.may(permission):
        return
    if world.switches.missing_permission == "forbidden":
        raise Rejection(error(403, "INSUFFICIENT_PERMISSION", f"Permission Violation: you need {permission}."))
    raise nonexistent(f"Record type '{form.name}' does not exist.", f"{asked.root}/record/v1/{form.name}")


def _record(world: World, asked: Asked, parts: list[str]) -> Reply:
    if parts[0] == "metadata-catalog":
        return _catalogue(world, asked)
    form = form_named(parts[0])
    if form is None:
        raise nonexistent(f"Record type '{parts[0]}' does not exist.", f"{asked.root}/record/v1/{parts[0]}")
    _permitted(world, form, asked, form.permission)
    if jobs.is_asynchronous(asked):
        return jobs.start(world, asked, lambda: _route(world, form, asked, parts[1:]))
    if asked.request.header("X-NetSuite-Idempotency-Key") is not None:
        world.warnings.append("X-NetSuite-Idempotency-Key is ignored on a synchronous call")
    return _route(world, form, asked, parts[1:])


def _catalogue(world: World, asked: Asked) -> Reply:
    """The record types that the role can see, out of those that `select` names."""
    _only(asked.request, "GET")
    asked.only(world, ("select",))
    wanted = [name for name in asked.query.get("select", "").split(",") if name] or sorted(FORMS)
    forms = [form_named(name) for name in wanted]
    for name, form in zip(wanted, forms, strict=True):
        if form is None or not world.may(form.permission):
            raise nonexistent(f"Record type '{name}' does not exist.", asked.request.path)
    rows = [
        {"name": form.name, "links": [{"rel": "canonical", "href": f"{asked.root}/record/v1/{form.name}"}]}
        for form in forms
        if form is not None
    ]
    return resource({"links": [], "items": rows}, "collection")


def _route(world: World, form: Form, asked: Asked, rest: list[str]) -> Reply:
    method = asked.request.method
    if not rest or rest == [""]:
        _only(asked.request, "GET", "POST")
        if method == "GET":
            return reading.list_ids(world, form, asked)
        asked.only(world, writing.WRITE_QUERY)
        return writing.create(world, form, asked)
    if len(rest) == 3 and rest[1] == "!transform":
        _only(asked.request, "POST")
        return _transform(world, form, asked, rest)
    if len(rest) > 1:
        _only(asked.request, "GET")
        return reading.get_sublist(world, form, rest[0], rest[1:], asked)
    _only(asked.request, "GET", "PATCH", "PUT", "DELETE")
    if method == "GET":
        return reading.get(world, form, rest[0], asked)
    asked.only(world, writing.WRITE_QUERY)
    if not form.transaction:
        raise Rejection(error(403, "INSUFFICIENT_PERMISSION", f"The role may not change a {form.words}."))
    act = {"PATCH": writing.update, "PUT": writing.upsert, "DELETE": writing.delete}[method]
    return act(world, form, rest[0], asked)


def _transform(world: World, form: Form, asked: Asked, rest: list[str]) -> Reply:
    asked.only(world, writing.WRITE_QUERY)
    target = form_named(rest[2])
    if target is None:
        raise nonexistent(f"Record type '{rest[2]}' does not exist.", asked.request.path)
    for permission in (target.permission, transforms.permission_of(form.name, target.name)):
        _permitted(world, target, asked, permission)
    return transforms.transform(world, form, rest[0], target.name, asked)
