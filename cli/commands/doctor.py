"""`ml-connector doctor`: everything that a connection needs, and what to do about what is wrong."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.console import Console

from cli.commands.connections import Name
from cli.desk import desk_of
from cli.doctor import Finding, Severity, examine
from cli.output import FINDINGS, OK, Json, answer, plural, table

SERIOUS = (Severity.ERROR, Severity.WARNING)
ORDER = list(reversed(Severity))


def doctor(
    context: typer.Context,
    name: Name,
    quick: Annotated[bool, typer.Option("--quick", help="Leave the catalogues out (SKU coverage).")] = False,
    as_json: Json = False,
) -> None:
    """Examines a connection on both sides without writing anything. Exit code 1 for warnings and errors.

    Credentials, scopes, pinned endpoint, channel, shipping methods, Ship Vias, warehouses, accounts, billing, SKUs,
    webhooks, clocks and time zones, budgets of tokens, calls and sessions. Every finding has a severity and a fix.

    Example: ml-connector doctor acme
    """
    desk = desk_of(context)
    findings = examine(desk.connection(name), name, desk.place.public_base(), desk.sleep, quick=quick)
    findings.sort(key=lambda finding: ORDER.index(finding.severity))
    code = FINDINGS if any(finding.severity in SERIOUS for finding in findings) else OK
    answer(as_json, [vars(finding) for finding in findings], lambda out: _show(out, findings), code)


def _show(out: Console, findings: list[Finding]) -> None:
    rows = [
        (f.severity.value.upper() if f.severity in SERIOUS else f.severity.value, f.check, _text(f)) for f in findings
    ]
    out.print(table("", ("", "check", "finding"), rows))
    numbers = {severity: sum(1 for f in findings if f.severity is severity) for severity in ORDER}
    counted = [
        f"{number} ok" if severity is Severity.OK else plural(number, severity.value)
        for severity, number in numbers.items()
    ]
    out.print(", ".join(counted))


def _text(finding: Finding) -> str:
    return f"{finding.what}\n-> {finding.fix}" if finding.fix else finding.what
