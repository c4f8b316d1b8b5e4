"""The requests on entities: list, keyed read, upsert, delete, actions, inquiries, files, schema of custom fields."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from local.simulators.acumatica import actions, files, saving, stock
from local.simulators.acumatica.contract import CONTRACTS, FORMS, Entity
from local.simulators.acumatica.documents import Record
from local.simulators.acumatica.errors import (
    Fault,
    bad_filter,
    bad_request,
    business_error,
    cannot_optimize,
    no_entity,
    server_error,
)
from local.simulators.acumatica.filters import BadFilter, Filter, compile_filter
from local.simulators.acumatica.options import Query, Shape, check_names, read_options, shape_of
from local.simulators.acumatica.render import Renderer
from local.simulators.acumatica.world import World
from local.simulators.acumatica.writing import Draft, apply
from local.simulators.base import Reply, Request, json_reply

Transact = Callable[[Callable[[], Any]], Any]
"""Runs a function as one transaction: all of it is stored or nothing."""


@dataclass(frozen=True)
class EntityRequest:
    """One authenticated request on one entity."""

    world: World
    renderer: Renderer
    request: Request
    entity: Entity
    transact: Transact

    @property
    def contract(self) -> Mapping[str, Entity]:
        """The contract of the endpoint version that was addressed."""
        return CONTRACTS[self.renderer.version]

    def query(self) -> Query:
        """The query options, checked."""
        strict = self.world.switches.strict
        query = read_options(self.request, strict=strict)
        if strict:
            check_names(query, self.entity, self.contract)
        return query

    def body(self) -> Any:
        """The JSON body; raises 415 or 400."""
        if not (self.request.header("Content-Type") or "").lower().startswith("application/json"):
            raise Fault(415, {"message": "The request entity's media type is not supported for this resource."})
        try:
            return self.request.json()
        except ValueError as error:
            raise bad_request(f"The body is not JSON: {error}") from error

    def compiled(self, text: str) -> Filter:
        """A filter, compiled; raises the 500 Fault of a bad one."""
        try:
            return compile_filter(
                text,
                self.entity,
                self.contract,
                offset=self.world.switches.tenant_offset_minutes,
                attributes=self.world.reference.attributes.get(self.entity.name, {}),
            )
        except BadFilter as error:
            raise bad_filter(str(error)) from error

    def visible(self) -> list[Record]:
        """The records that a search sees: archived ones only on request."""
        archived = (self.request.header("PX-ApiArchive") or "").upper() == "SHOW"
        return [record for record in self.world.store.all(self.entity.name) if archived or not record.archived]

    # -- reading

    def list_records(self) -> Reply:
        """GET of the collection: one optimised query, in no order, without a count."""
        query = self.query()
        self._optimisable(query)
        records = sorted(self.visible(), key=self._place)
        if query.filter is not None:
            records = self._filtered(records, self.compiled(query.filter))
        records = records[query.skip :]
        records = records if query.top is None else records[: query.top]
        shape = shape_of(query, self.entity, self.contract)
        rows = [self.renderer.document(self.complete(record, shape), shape, n) for n, record in enumerate(records, 1)]
        return json_reply(200, rows)

    def _place(self, record: Record) -> str:
        """A place in the list that has nothing to do with any field; new records land anywhere."""
        salt = str(self.world.random.random()) if self.world.switches.shuffle_every_request else "order"
        return hashlib.sha256(f"{salt}{record.id}".encode()).hexdigest()

    def _filtered(self, records: list[Record], compiled: Filter) -> list[Record]:
        if len(compiled.views) > 1 and self.world.switches.cross_view_filters_match_nothing:
            return []
        if self.entity.name == "Shipment" and self.world.switches.shipment_list == "empty":
            return []
        try:
            return [record for record in records if compiled.test(record)]
        except BadFilter as error:
            raise bad_filter(str(error)) from error

    def _optimisable(self, query: Query) -> None:
        switches = self.world.switches
        if not switches.optimisation_failures:
            return
        if self.entity.name == "Shipment" and switches.shipment_list == "error" and query.filter:
            raise cannot_optimize("Status", "Document")
        if self.entity.name == "SalesOrder" and "Details" in query.expand and query.select is None:
            raise cannot_optimize("Details", "Transactions")
        asked = {*(query.select or self.entity.fields), *query.expand}
        for name in switches.unoptimisable.get(self.entity.name, []):
            if name in asked:
                raise cannot_optimize(name, FORMS[self.entity.name].view)

    def find(self, keys: list[str]) -> Record:
        """The record of a keyed address: an id, or the keys in the form's order; raises the 500 of a missing one."""
        name = self.entity.name
        if len(keys) == 1:
            found = self.world.store.records[name].get(keys[0].lower())
            if found is not None:
                return found
            keys = keys[0].split("|")
        found = self.world.store.find(name, *keys) if len(keys) == len(FORMS[name].keys) else None
        if found is None:
            raise no_entity()
        return found

    def find_by_keys(self, keys: list[str]) -> Record:
        """The record of the old key-based file address, which knows no ids; raises 404."""
        found = self.world.store.find(self.entity.name, *keys)
        if found is None:
            raise Fault(404)
        return found

    def read_record(self, keys: list[str]) -> Reply:
        """GET by keys or id: never optimised, always complete."""
        query = self.query()
        shape = shape_of(query, self.entity, self.contract)
        record = self.find(keys)
        if record.archived and (self.request.header("PX-ApiArchive") or "").upper() != "SHOW":
            raise no_entity()
        return json_reply(200, self.renderer.document(self.complete(record, shape), shape))

    def complete(self, record: Record, shape: Shape) -> Record:
        """The record with the parts that are computed when they are read."""
        if record.entity != "StockItem" or "WarehouseDetails" not in shape.children:
            return record
        copy = self.world.store.working_copy(record)
        copy.details["WarehouseDetails"] = stock.warehouse_rows(self.world, copy)
        return copy

    def schema(self) -> Reply:
        """GET $adHocSchema: the custom fields there are, and the workflow's actions."""
        defined = self.world.reference.attributes

        def custom(name: str) -> dict[str, Any]:
            views = defined.get(name, {})
            return {
                view: {key: {"type": kind, "value": None} for key, kind in fields.items()}
                for view, fields in views.items()
            }

        parts: dict[str, Any] = {name: {"custom": custom(target)} for name, target in self.entity.linked.items()}
        parts |= {name: [{"custom": custom(target)}] for name, target in self.entity.details.items()}
        names = [name for owner, name in actions.ACTIONS if owner == self.entity.name and name[0].islower()]
        found: list[Any] = [{name: {"parameters": {}}} for name in names]
        return json_reply(200, {**parts, "custom": custom(self.entity.name), "_workflowActions": found})

    # -- writing

    def save(self) -> Reply:
        """PUT or PATCH of the collection."""
        query = self.query()
        body = self.body()
        matches = None
        if query.filter is not None:
            matches = self._filtered(self.visible(), self.compiled(query.filter))
        conditions = saving.Conditions(
            matches, self._condition("If-Match"), self._condition("If-None-Match"), self.request.method == "PATCH"
        )
        saved = self._guarded(
            lambda: saving.save(self.world, self.entity.name, body, conditions, contract=self.contract)
        )
        if isinstance(saved, Reply):
            return saved
        shape = self._answer_shape(query, saved)
        return json_reply(200, self.renderer.document(self.complete(saved.record, shape), shape))

    def _condition(self, name: str) -> bool:
        value = self.request.header(name)
        if value not in (None, "*"):
            raise bad_request(f"The only value of {name} is *.")
        return value == "*"

    def _guarded(self, run: Callable[[], saving.Saved]) -> saving.Saved | Reply:
        try:
            saved: saving.Saved = self.transact(run)
        except saving.Rejected as rejected:
            return json_reply(422, self.renderer.rejected(rejected.record, rejected.sent, rejected.problems))
        return saved

    def _answer_shape(self, query: Query, saved: saving.Saved) -> Shape:
        """Without `$select`: the keys and what was sent, or the full header (a switch, because sources differ)."""
        shape = shape_of(query, self.entity, self.contract)
        if query.select is not None or self.world.switches.put_answer == "full":
            return shape
        names = (saved.sent | set(FORMS[self.entity.name].keys)) & set(self.entity.fields)
        return Shape(frozenset(names), shape.children, shape.custom, shape.files)

    def delete(self, keys: list[str]) -> Reply:
        """DELETE by keys or id."""
        record = self.find(keys)
        self.transact(lambda: saving.delete(self.world, record))
        return Reply(204)

    def inquire(self) -> Reply:
        """PUT of an inquiry: the body holds its parameters, the rows come only with `$expand`."""
        query = self.query()
        inquiry = Record(self.entity.name, "00000000-0000-0000-0000-000000000000")
        draft = Draft(self.world, inquiry, None, self.contract)
        body = self.body()
        if not isinstance(body, dict):
            raise bad_request("The body must be one JSON object.")
        apply(draft, inquiry, body, self.entity.name)
        for name, owner, title in (
            ("WarehouseID", "Warehouse", "Warehouse"),
            ("InventoryID", "StockItem", "Inventory ID"),
        ):
            if inquiry.text(name) and self.world.store.find(owner, inquiry.text(name)) is None:
                draft.refuse(name, f"'{title}' cannot be found in the system.")
        if draft.problems.found:
            return json_reply(422, self.renderer.rejected(inquiry, set(body), draft.problems))
        if self.entity.name == "StorageDetailsInquiry":
            stock.storage_details(self.world, inquiry)
        else:
            stock.inventory_summary(self.world, inquiry)
        return json_reply(200, self.renderer.document(inquiry, shape_of(query, self.entity, self.contract)))

    def put_file(self, record: Record, part_id: str, name: str) -> Reply:
        """PUT of raw bytes to a `files:put` address."""
        if not (self.request.header("Content-Type") or "").lower().startswith("application/octet-stream"):
            raise Fault(415, {"message": "The request entity's media type is not supported for this resource."})
        comment = self.request.header("PX-CbFileComment") or ""
        file = self.transact(lambda: files.attach(self.world, record, part_id, name, self.request.body, comment))
        return Reply(204, {"Location": f"{self.renderer.root}/files/{file.id}"})

    # -- actions

    def act(self, name: str, operations: actions.Operations, session: str) -> Reply:
        """POST of an action: 204 at once, or 202 with the status address (which holds the virtual directory)."""
        action = actions.ACTIONS.get((self.entity.name, name))
        if action is None:
            raise Fault(404)
        body = self.body()
        record = actions.subject(self.world, self.entity.name, body)
        parameters = actions.read_parameters(self.world, f"{self.entity.name}/{name}", action, body)
        path = f"{self.renderer.root}/{self.entity.name}/{name}/status"
        if action.idle(record):
            return Reply(204)

        def run() -> None:
            current = self.world.store.records[record.entity].get(record.id)
            if current is None:
                raise business_error("The record has been deleted.")
            self.transact(lambda: action.run(self.world, current, parameters))

        if action.long and name not in self.world.switches.at_once:
            operation = operations.start(self.world, path, session, run)
            return Reply(202, {"Location": f"{path}/{operation.id}"})
        run()
        dead_end = {"Location": f"{path}/{self.world.new_id()}"} if self.world.switches.bogus_location else {}
        return Reply(204, dead_end)


def check_headers(request: Request, world: World) -> None:
    """Headers that change what a request means; raises a Fault when they are not usable."""
    accept = (request.header("Accept") or "*/*").lower()
    if "application/json" not in accept and "*/*" not in accept and "/files/" not in request.path:
        raise Fault(406)
    branch = request.header("PX-CbApiBranch")
    if branch is not None and branch not in world.reference.branches:
        raise server_error(f"The branch {branch!r} does not exist.")
    bare = request.method in ("POST", "PUT") and not request.body and request.header("Content-Length") is None
    if bare and world.switches.require_content_length:
        raise Fault(411, "<html><h1>Length Required</h1></html>", {"Content-Type": "text/html"})
