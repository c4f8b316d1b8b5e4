"""A plan as data: its steps, what they cost, its form as a file."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from decimal import Decimal
from typing import Any
from urllib.parse import urlsplit

from cli.failures import Refused
from connector.rehearsal import Step

VERSION = 1


@dataclass(frozen=True)
class Plan:
    """What would happen. scope: "window", "records" or "file". document: the file's content, for that scope.

    settings: hash of the stored connection's document that the plan was made with, "" when there is none. Pausing and
    resuming do not change it.
    """

    connection: str
    pair: str
    scope: str
    settings: str
    made_at: str
    made_by: str
    steps: tuple[Step, ...]
    flow: str = ""
    since: str = ""
    until: str = ""
    document: Mapping[str, Any] | None = None

    @property
    def writes(self) -> tuple[Step, ...]:
        """The steps that would write."""
        return tuple(step for step in self.steps if step.ends == "write")


def step_text(step: Step) -> str:
    """A step in words."""
    if step.ends == "write":
        return f"to {step.does} {step.what} ({step.key})"
    return f"{step.ends}: {step.why}" if step.why else step.ends


def totals(plan: Plan) -> dict[str, Any]:
    """Numbers of a plan: endings, writes by kind, vendor calls by host. Follow-up writes are those that are named."""
    endings = Counter(step.ends for step in plan.steps)
    kinds = Counter(f"{step.does} {step.what}" for step in plan.writes)
    reads: Counter[str] = Counter()
    for step in plan.writes:
        reads.update(step.calls or {})
    writes = Counter(urlsplit(step.address).netloc for step in plan.writes)
    return {
        "endings": dict(endings),
        "writes": dict(kinds),
        "read_calls": dict(reads),
        "write_calls": dict(writes),
        "further_writes": sum(len(step.follows) for step in plan.writes),
        "money": _money(plan),
    }


def _money(plan: Plan) -> dict[str, str]:
    """The sum of the prices by currency, of the steps that have one."""
    sums: dict[str, Decimal] = {}
    for step in plan.writes:
        amount, _, currency = step.price.partition(" ")
        if currency:
            sums[currency] = sums.get(currency, Decimal(0)) + Decimal(amount)
    return {currency: f"{amount:f}" for currency, amount in sums.items()}


# ---- as a file ------------------------------------------------------------------------------------------------


def plain_plan(plan: Plan) -> dict[str, Any]:
    """The plan as JSON values."""
    return {"plan": VERSION, **asdict(plan), "steps": [asdict(step) for step in plan.steps], "totals": totals(plan)}


def plan_from(text: str) -> Plan:
    """Reads a plan file. Raises Refused."""
    try:
        document: dict[str, Any] = json.loads(text)
        if document["plan"] != VERSION:
            raise Refused(f"the plan is of version {document['plan']}; make it again")
        steps = tuple(_step_from(row) for row in document["steps"])
        names = {field.name for field in fields(Plan)} - {"steps"}
        return Plan(**{name: document[name] for name in names}, steps=steps)
    except (ValueError, KeyError, TypeError) as error:
        raise Refused(f"this is no plan file ({type(error).__name__}: {error}); make one with --out") from error


def _step_from(row: Mapping[str, Any]) -> Step:
    return Step(**{**row, "follows": tuple(row["follows"]), "notes": tuple(row["notes"])})
