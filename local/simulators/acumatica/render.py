"""Records as the ERP prints them: wrapped fields, expanded parts, links that already hold the virtual directory."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from local.simulators.acumatica.contract import CONTRACTS, FORMS, Entity, Form
from local.simulators.acumatica.documents import Record
from local.simulators.acumatica.errors import Problems
from local.simulators.acumatica.options import Shape
from local.simulators.acumatica.wire import wrap
from local.simulators.acumatica.world import World


@dataclass(frozen=True)
class Renderer:
    """Prints records of one endpoint version under one virtual directory."""

    world: World
    base_path: str
    version: str

    @property
    def root(self) -> str:
        """The endpoint's own path."""
        return f"{self.base_path}/entity/Default/{self.version}"

    def document(self, record: Record, shape: Shape, row_number: int = 1) -> dict[str, Any]:
        """A top-level record."""
        form = FORMS[record.entity]
        body = self._body(record, shape, row_number, form)
        body["_links"] = {
            "self": f"{self.root}/{record.entity}/{record.id}",
            "files:put": self.file_link(form, form.view, record.id),
        }
        return body

    def file_link(self, form: Form, view: str, record_id: str) -> str:
        """The template that a file is put to."""
        return f"{self.root}/files/{form.graph}/{view}/{record_id}/{{filename}}"

    def _body(self, record: Record, shape: Shape, row_number: int, form: Form) -> dict[str, Any]:
        entity = CONTRACTS[self.version].get(record.entity) or Entity(record.entity, {}, {}, {})
        switches = self.world.switches
        body: dict[str, Any] = {"id": record.id, "rowNumber": row_number, "note": {"value": record.note}}
        for name, field in entity.fields.items():
            if shape.fields is None or name in shape.fields:
                value = record.values.get(name)
                body[name] = wrap(field, value, switches.tenant_offset_minutes, pad=switches.pad_segmented_keys)
        for name in entity.linked:
            if name in shape.children:
                linked = record.linked.get(name) or Record(entity.linked[name], record.id)
                body[name] = self._body(linked, shape.children[name], 1, form)
        for name in entity.details:
            if name in shape.children:
                body[name] = self._rows(record, name, shape.children[name], form)
            elif switches.unexpanded_collections == "empty" and shape.fields is None:
                body[name] = []
        body["custom"] = self._custom(record, shape)
        if shape.files:
            body["files"] = self.files(record, form)
        return body

    def _rows(self, record: Record, name: str, shape: Shape, form: Form) -> list[dict[str, Any]]:
        rows = []
        for number, row in enumerate(record.details.get(name, []), 1):
            body = self._body(row, shape, number, form)
            if name in form.row_views and self.world.switches.row_links:
                body["_links"] = {"files:put": self.file_link(form, form.row_views[name], row.id)}
            rows.append(body)
        return rows

    def _custom(self, record: Record, shape: Shape) -> dict[str, Any]:
        """Custom fields never come unasked; one that is not defined does not come at all."""
        defined = self.world.reference.attributes.get(record.entity, {})
        found: dict[str, Any] = {}
        if record.entity == "ShipVia":
            found = self._carrier_fields(record, shape)
        for view, name in sorted(shape.custom):
            if name in defined.get(view, {}):
                stored = record.custom.get(view, {}).get(name)
                value = {"type": defined[view][name], "value": stored.value if stored else None}
                found.setdefault(view, {})[name] = value
        return found

    def _carrier_fields(self, record: Record, shape: Shape) -> dict[str, Any]:
        """Form fields of CS207500 that the contract lacks; facts section 5: such fields are read as custom ones."""
        bound = record.text("CarrierID").upper() in self.world.reference.plug_in_ship_vias
        cells = {
            "IsExternal": {"type": "CustomBooleanField", "value": bound},
            "CarrierPluginID": {"type": "CustomStringField", "value": "UPS" if bound else None},
        }
        asked = {name: cells[name] for view, name in shape.custom if view == "CarrierCurrent" and name in cells}
        return {"CarrierCurrent": asked} if asked else {}

    def files(self, record: Record, form: Form) -> list[dict[str, Any]]:
        """The attached files; the listed name carries the form and the key in front of a backslash."""
        title = f"{form.title}s ({', '.join(record.key())})" if record.entity in FORMS else f"{form.title}s"
        return [
            {
                "id": file.id,
                "filename": f"{title}\\{file.name}",
                "href": f"{self.root}/files/{quote(file.id)}",
                "comment": file.comment or None,
            }
            for file in record.files
        ]

    def rejected(self, record: Record, sent: set[str], problems: Problems) -> dict[str, Any]:
        """The 422 body: the document echoed, errors on the fields at any depth, unsaved numbers as <NEW>."""
        form = FORMS[record.entity]
        body = self._echo(record, sent | set(form.keys), problems, form)
        for key in form.keys:
            if key == form.numbering and not record.text(key):
                body[key] = {**body.get(key, {}), "value": "<NEW>"}
        body.setdefault("error", f"Updating '{form.title}' record raised at least one error. Please review the errors.")
        return body

    def _echo(self, record: Record, sent: set[str] | None, problems: Problems, form: Form) -> dict[str, Any]:
        entity = CONTRACTS[self.version].get(record.entity) or Entity(record.entity, {}, {}, {})
        failed = {name for record_id, name in problems.found if record_id == record.id and name is not None}
        shape = Shape(frozenset(entity.fields if sent is None else {*sent, *failed} & set(entity.fields)))
        body = self._body(record, shape, 1, form)
        for name in failed & set(entity.fields):
            body[name] = {**body[name], "error": problems.found[record.id, name]}
        for name, linked in record.linked.items():
            if sent is None or name in sent:
                body[name] = self._echo(linked, None, problems, form)
        for name, rows in record.details.items():
            if sent is None or name in sent:
                body[name] = [self._echo(row, None, problems, form) for row in rows]
        if (record.id, None) in problems.found:
            body["error"] = problems.found[record.id, None]
        return body
