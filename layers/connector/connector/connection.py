"""Connections: one customer's pair of accounts as a validated document.

A pair's document model subclasses `ConnectionDocument` with its own `systems`, `settings` and `tables`. Stored as one
item per document plus one per mapping table; a table of thousands of rows does not make the document heavy.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, ClassVar, Literal, TypeVar

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError, field_validator

from connector.faults import ConfigurationFault
from connector.outcome import Missing
from connector.ports import Absent, Delete, Equals, Item, Put, Tables, pages
from connector.quiet import QuietHours, Schedule, rest_until, sometimes_awake
from connector.record import from_json, to_json

DOCUMENT_VERSION = 1
PAUSED_FLOWS = "paused_flows"
"""Attribute of the document's item: names of the flows that a person has paused, with commas. Absent: none."""
MAXIMUM_TABLE_BYTES = 350_000
_NAME = re.compile(r"[a-z][a-z0-9-]{0,40}")


class ConnectionDocument(BaseModel):
    """What every connection file has. A pair adds systems, settings and tables.

    `fixed`: keys (dotted) that may not change once applied, and why.
    """

    fixed: ClassVar[Mapping[str, str]] = {}

    model_config = ConfigDict(extra="forbid", frozen=True)

    version: Literal[1] = Field(default=1, description="Version of the document's shape.")
    connection: str = Field(description="Short name of the connection: lower-case letters, digits, dashes.")
    pair: str = Field(description="Which pair this connection uses.")
    start: AwareDatetime = Field(
        description="Nothing that changed before this instant is moved (ISO 8601 with offset)."
    )
    schedule: Mapping[str, Schedule] = Field(
        default_factory=dict, description="Cadence per flow; absent flows use their default."
    )
    quiet_hours: tuple[QuietHours, ...] = Field(
        default=(), description="Times of the week in which nothing of this connection polls or works."
    )
    overdue_hours: float = Field(
        default=24.0, gt=0.0, le=720.0,
        description="A record that is under way for so many hours explains no difference of a reconciliation any more "
        "and counts as one; waits that were stated on purpose may last seven times as long.",
    )
    settle_scale: float = Field(
        default=1.0,
        ge=0.0,
        le=10.0,
        description="Scales the delays before a vendor is asked again of what has not shown itself; "
        "below 1 only against simulators.",
    )

    def clashes(self, other: ConnectionDocument) -> Sequence[str]:
        """Why this connection and another one of its pair would move the same things: one sentence for each reason.

        A pair whose connections may share accounts overrides it; see `connector.neighbours`.
        """
        return ()

    @field_validator("quiet_hours")
    @classmethod
    def _awake(cls, value: tuple[QuietHours, ...]) -> tuple[QuietHours, ...]:
        return sometimes_awake(value)

    @field_validator("connection")
    @classmethod
    def _named(cls, value: str) -> str:
        if not _NAME.fullmatch(value):
            raise ValueError("use lower-case letters, digits and dashes, starting with a letter, at most 41 characters")
        return value


D = TypeVar("D", bound=ConnectionDocument)


class InvalidConnection(Exception):
    """The file is wrong. `problems` are lines that name the key and say what to do."""

    def __init__(self, problems: Sequence[str]) -> None:
        super().__init__("; ".join(problems))
        self.problems = tuple(problems)


def parse_document(raw: Mapping[str, Any], model: type[D]) -> D:
    """Validates a connection file's content. Raises InvalidConnection with one line per problem."""
    try:
        return model.model_validate(raw)
    except ValidationError as error:
        raise InvalidConnection([_problem(found) for found in error.errors()]) from error


def _problem(found: Any) -> str:
    where = ".".join(str(part) for part in found["loc"]) or "(document)"
    kind = found["type"]
    if kind == "extra_forbidden":
        return f"{where}: unknown key"
    if kind == "missing":
        return f"{where}: missing"
    return f"{where}: {str(found['msg']).removeprefix('Value error, ')}"


@dataclass(frozen=True)
class Connection:
    """A stored connection as the work sees it. `document` is the pair's own model."""

    name: str
    pair: str
    state: str  # "active" or "paused"
    revision: int
    document: ConnectionDocument
    paused_flows: frozenset[str] = frozenset()

    @property
    def active(self) -> bool:
        """Whether it moves records."""
        return self.state == "active"

    def every(self, flow: str, default: timedelta) -> timedelta:
        """The cadence of a flow."""
        schedule = self.document.schedule.get(flow)
        seconds = schedule.every_seconds if schedule else None
        return timedelta(seconds=seconds) if seconds is not None else default

    def enabled(self, flow: str) -> bool:
        """Whether a flow is switched on, and nobody has paused it."""
        schedule = self.document.schedule.get(flow)
        return flow not in self.paused_flows and (schedule.enabled if schedule else True)

    def quiet_hours(self, flow: str) -> tuple[QuietHours, ...]:
        """The times in which a flow rests: the connection's and its own. Without a flow the connection's alone."""
        schedule = self.document.schedule.get(flow)
        return (*self.document.quiet_hours, *(schedule.quiet_hours if schedule else ()))

    def rests_until(self, flow: str, now: datetime) -> datetime | None:
        """Until when a flow rests; None when it does not rest now."""
        return rest_until(self.quiet_hours(flow), now)


@dataclass(frozen=True)
class Applied:
    """What an apply changed: `appeared` are mapping keys that did not exist before; held records wait for them."""

    revision: int
    created: bool
    appeared: tuple[Missing, ...]


def apply_document(tables: Tables, document: ConnectionDocument, at: datetime, by: str) -> Applied:
    """Stores a validated document. A concurrent apply or another fixed key is refused (ConfigurationFault)."""
    name = document.connection
    stored = {str(item["sk"]): item for item in pages(lambda start: tables.query("connections", name, start=start))}
    present = stored.get("document")
    if present is not None and present["pair"] != document.pair:
        raise ConfigurationFault(name, f"already exists for pair {present['pair']}; choose another name")
    revision = int(present["revision"]) + 1 if present else 1
    content = document.model_dump(mode="json")
    mappings: Mapping[str, Mapping[str, Any]] = content.pop("tables", {}) or {}
    if present:
        _keep_fixed(document, from_json(str(present["data"])), content)
    puts = [_table_put(name, table, rows) for table, rows in mappings.items()]
    # A table that this version no longer has would make the stored document invalid for ever.
    gone = [
        Delete("connections", name, sk)
        for sk in stored
        if sk.startswith("table#") and sk.removeprefix("table#") not in mappings
    ]
    item: Item = {
        "pk": name,
        "sk": "document",
        "pair": document.pair,
        "revision": revision,
        "state": str(present["state"]) if present else "active",
        PAUSED_FLOWS: str(present.get(PAUSED_FLOWS, "")) if present else "",
        "applied_at": at.isoformat(),
        "applied_by": by,
        "data": to_json(content),
    }
    condition = Equals({"revision": int(present["revision"])}) if present else Absent()
    if not tables.transact([*puts, *gone, Put("connections", item, condition)]):
        raise ConfigurationFault(name, "somebody else applied this connection at the same moment; look and apply again")
    return Applied(revision, present is None, _appeared(stored, mappings))


def _keep_fixed(document: ConnectionDocument, before: Any, after: Any) -> None:
    for key, reason in document.fixed.items():
        was, wanted = _value(before, key), _value(after, key)
        if was is not None and was != wanted:
            text = f"{key}: is {was!r} and cannot become {wanted!r}: {reason}. Begin anew under another connection name"
            raise ConfigurationFault(document.connection, text)


def _value(content: Any, key: str) -> Any:
    for part in key.split("."):
        content = content.get(part) if isinstance(content, Mapping) else None
    return content


def _table_put(name: str, table: str, rows: Mapping[str, Any]) -> Put:
    text = to_json(rows)
    if len(text.encode()) > MAXIMUM_TABLE_BYTES:
        raise ConfigurationFault(
            name, f"mapping table {table} is larger than {MAXIMUM_TABLE_BYTES} bytes; split the connection"
        )
    return Put("connections", {"pk": name, "sk": f"table#{table}", "data": text})


def _appeared(stored: Mapping[str, Item], mappings: Mapping[str, Mapping[str, Any]]) -> tuple[Missing, ...]:
    """Every key that is new or now maps to something else: both can free a held record."""
    appeared = []
    for table, rows in mappings.items():
        before = stored.get(f"table#{table}")
        known = from_json(str(before["data"])) if before else {}
        appeared += [Missing(table, key) for key, value in rows.items() if key not in known or known[key] != value]
    return tuple(appeared)


def load_connection(tables: Tables, name: str, model: type[ConnectionDocument]) -> Connection | None:
    """The stored connection, or None. Raises ConfigurationFault when what is stored no longer validates."""
    items = list(pages(lambda start: tables.query("connections", name, start=start)))
    main = next((item for item in items if item["sk"] == "document"), None)
    if main is None:
        return None
    raw = from_json(str(main["data"]))
    found = {str(item["sk"]).removeprefix("table#"): from_json(str(item["data"])) for item in items if item is not main}
    if found:
        raw["tables"] = found
    try:
        document = parse_document(raw, model)
    except InvalidConnection as error:
        raise ConfigurationFault(
            name, f"the stored document is not valid for this version: {error}; apply it again"
        ) from error
    paused = frozenset(filter(None, str(main.get(PAUSED_FLOWS, "")).split(",")))
    return Connection(name, str(main["pair"]), str(main["state"]), int(main["revision"]), document, paused)


def list_connections(tables: Tables, pair: str) -> list[str]:
    """Names of a pair's connections."""
    found = pages(lambda start: tables.query_index("connections", "by_pair", pair, start=start))
    return [str(item["pk"]) for item in found]


def set_state(tables: Tables, name: str, state: Literal["active", "paused"]) -> bool:
    """Pauses or resumes a connection; False when it does not exist or changed at the same moment."""
    item = tables.get("connections", name, "document")
    if item is None:
        return False
    changed: Item = {**item, "state": state, "revision": int(item["revision"]) + 1}
    return tables.put("connections", changed, Equals({"revision": item["revision"]}))


def pause_flow(tables: Tables, name: str, flow: str, *, paused: bool) -> bool:
    """Pauses or resumes one flow; False when the connection does not exist or changed at the same moment."""
    item = tables.get("connections", name, "document")
    if item is None:
        return False
    flows = set(filter(None, str(item.get(PAUSED_FLOWS, "")).split(",")))
    flows = flows | {flow} if paused else flows - {flow}
    changed: Item = {**item, PAUSED_FLOWS: ",".join(sorted(flows)), "revision": int(item["revision"]) + 1}
    return tables.put("connections", changed, Equals({"revision": item["revision"]}))
