"""What is said at the end: one table for people, one document for machines."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from rich.console import Console
from rich.table import Table

from local.demo.books import Line
from local.demo.tally import LabelLine

SHOWN = 12
"""Differences that the table lists; the JSON document has all."""


@dataclass
class Labels:
    """What the act with UPS ended with."""

    lines: Sequence[LabelLine]
    shipments: int
    labels: int
    calls: Mapping[str, int]  # to UPS, by what they ask for
    calls_per_shipment: float
    pushes: Mapping[str, Mapping[int, int]]  # by sender, then by answer


@dataclass
class Result:
    """One run."""

    seconds: Mapping[str, float]
    lines: Sequence[Line] = ()
    differences: Sequence[str] = ()
    records: Mapping[str, int] = field(default_factory=dict)
    webhooks: Mapping[str, Any] = field(default_factory=dict)
    calls: Mapping[str, int] = field(default_factory=dict)
    place: Mapping[str, str] = field(default_factory=dict)  # where it ran; nothing of it is left
    labels: Labels | None = None
    story: Sequence[str] = ()
    failure: str = ""

    @property
    def code(self) -> int:
        """0 when both sides agree and everything happened."""
        return 1 if self.differences or self.failure else 0

    def document(self) -> str:
        """Everything as JSON. `differences` is empty when both sides agree."""
        facts = asdict(self)
        facts["total_seconds"] = round(sum(self.seconds.values()), 1)
        return json.dumps(facts, indent=1, ensure_ascii=False)


def _answers(found: Mapping[int, int]) -> str:
    return ", ".join(f"{number} answered {status}" for status, number in found.items()) or "none"


def _show_labels(console: Console, labels: Labels) -> None:
    table = Table(title="Labels, read from the stores of UPS and Acumatica")
    table.add_column("")
    for column in ("Acumatica", "UPS", "differences"):
        table.add_column(column, justify="right", no_wrap=True)
    for line in labels.lines:
        table.add_row(line.title, line.acumatica, line.ups, str(len(line.differences)))
    console.print(table)
    kinds = ", ".join(f"{kind} {number}" for kind, number in labels.calls.items())
    console.print(
        f"{labels.shipments} shipments, {labels.labels} labels. Calls to UPS per shipment, from the token to the "
        f"signature: {labels.calls_per_shipment} ({kinds}).\n"
        f"Track Alert pushes from UPS: {_answers(labels.pushes['ups'])}; "
        f"notifications from Acumatica: {_answers(labels.pushes['acumatica'])}.",
        highlight=False,
        soft_wrap=True,
    )


def show(console: Console, result: Result) -> None:
    """The closing table."""
    if result.lines:
        table = Table(title="What both sides now hold, read from their own stores")
        table.add_column("")
        for column in ("Acumatica", "ShipBob", "differences"):
            table.add_column(column, justify="right", no_wrap=True)
        for line in result.lines:
            table.add_row(line.title, line.acumatica, line.shipbob, str(len(line.differences)))
        console.print(table)
    if result.labels:
        _show_labels(console, result.labels)
    for text in result.differences[:SHOWN]:
        console.print(f"  {text}", style="red", markup=False, highlight=False, soft_wrap=True)
    if len(result.differences) > SHOWN:
        console.print(f"  and {len(result.differences) - SHOWN} more", style="red", highlight=False)
    webhooks, calls = result.webhooks, result.calls
    if webhooks:
        console.print(
            f"Webhooks from ShipBob: {_answers(webhooks['shipbob'])}; "
            f"from Acumatica: {_answers(webhooks['acumatica'])}.\n"
            f"Calls to ShipBob: {calls['shipbob']}, to Acumatica: {calls['acumatica']}.",
            highlight=False,
            soft_wrap=True,
        )
    spent = ", ".join(f"{name} {seconds:.0f} s" for name, seconds in result.seconds.items())
    console.print(f"Took {sum(result.seconds.values()):.0f} s: {spent}.", highlight=False)
    if result.failure:
        console.print(result.failure, style="red", markup=False, highlight=False, soft_wrap=True)
    else:
        count = len(result.differences)
        style = "bold green" if not count else "bold red"
        console.print(f"{count} difference{'' if count == 1 else 's'}", style=style, highlight=False)
