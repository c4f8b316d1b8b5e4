"""A reconciliation as CSV and as one HTML page with a chart: no script, nothing loaded from elsewhere."""

from __future__ import annotations

import csv
import io
from html import escape

from connector.reconcile import Compared, Difference, Report

COLUMNS = ("kind", "key", "name", "verdict", "what", "explained", "record", "command")

_FORMULA = ("=", "+", "-", "@", "\t", "\r")

_STYLE = """
body{font:15px/1.45 system-ui,sans-serif;margin:2em auto;max-width:70em;padding:0 1em;color:#1c2833}
table{border-collapse:collapse;width:100%;margin:.5em 0 2em}th,td{text-align:left;padding:.35em .6em;vertical-align:top}
th{border-bottom:2px solid #85929e}td{border-bottom:1px solid #d5d8dc}code{font-size:.9em;word-break:break-all}
.bad{color:#922b21;font-weight:600}.good{color:#1e8449;font-weight:600}.limits{color:#5d6d7e}
@media(prefers-color-scheme:dark){body{background:#17202a;color:#eaecee}.bad{color:#f1948a}.good{color:#82e0aa}}
"""

WIDTH, BAR, GAP = 640, 22, 14
_COLOURS = {"agreed": "#1e8449", "explained": "#d4ac0d", "unexplained": "#c0392b"}


def csv_text(report: Report) -> str:
    """One line per difference. A cell that a spreadsheet would take for a formula begins with an apostrophe."""
    file = io.StringIO()
    writer = csv.writer(file, lineterminator="\r\n")
    writer.writerow(["connection", *COLUMNS])
    for compared in report.kinds:
        for difference in compared.differences:
            writer.writerow([_cell(report.connection), *(_cell(text) for text in _row(difference))])
    return file.getvalue()


def _cell(text: str) -> str:
    return f"'{text}" if text.startswith(_FORMULA) else text


def _row(difference: Difference) -> list[str]:
    return [
        difference.kind, difference.key, difference.name, difference.verdict.value, difference.what,
        difference.explained, difference.record, difference.command,
    ]


def html_page(*reports: Report) -> str:
    """One page for one report or several."""
    body = "".join(_section(report) for report in reports)
    title = f"Reconciliation: {', '.join(report.connection for report in reports)}"
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{escape(title)}</title>'
        f"<style>{_STYLE}</style></head><body><h1>{escape(title)}</h1>{body}</body></html>\n"
    )


def _section(report: Report) -> str:
    verdict = (
        f'<p class="bad">{report.unexplained} differences that nobody can explain.</p>'
        if report.unexplained
        else '<p class="good">Both sides agree; what differs is explained.</p>'
    )
    span = f"{report.since[:16]} to {report.until[:16]} UTC, made {report.made_at[:16]} UTC"
    head = f"<h2>{escape(report.connection)} ({escape(report.pair)})</h2><p>{escape(span)}</p>{verdict}"
    return head + chart(report) + "".join(_kind(compared) for compared in report.kinds)


def chart(report: Report) -> str:
    """A bar per kind: agreed, explained, unexplained; as SVG with a text for those who cannot see it."""
    largest = max((compared.agreed + len(compared.differences) for compared in report.kinds), default=0) or 1
    height = len(report.kinds) * (BAR + GAP) + GAP
    bars = []
    for place, compared in enumerate(report.kinds):
        top = GAP + place * (BAR + GAP)
        bars.append(f'<text x="0" y="{top + 16}" font-size="14" fill="currentColor">{escape(compared.kind)}</text>')
        bars.append(_bar(compared, largest, top))
    told = "; ".join(f"{compared.kind}: {_counts_text(compared)}" for compared in report.kinds)
    return (
        f'<svg role="img" aria-label="{escape(told, quote=True)}" viewBox="0 0 {WIDTH + 260} {height}" '
        f'width="100%" style="max-width:60em">{"".join(bars)}</svg>'
    )


def _bar(compared: Compared, largest: int, top: int) -> str:
    counts = {
        "agreed": compared.agreed,
        "explained": len(compared.differences) - compared.unexplained,
        "unexplained": compared.unexplained,
    }
    left, drawn = 110.0, []
    for name, count in counts.items():
        width = (WIDTH - 110) * count / largest
        if count:
            width = max(width, 3.0)
            drawn.append(
                f'<rect x="{left:.1f}" y="{top}" width="{width:.1f}" height="{BAR}" fill="{_COLOURS[name]}">'
                f"<title>{count} {name}</title></rect>"
            )
        left += width
    place = f'x="{left + 8:.1f}" y="{top + 16}"'
    return "".join(drawn) + f'<text {place} font-size="13" fill="currentColor">{_counts_text(compared)}</text>'


def _counts_text(compared: Compared) -> str:
    explained = len(compared.differences) - compared.unexplained
    return f"{compared.agreed} agree, {explained} explained, {compared.unexplained} not"


def _kind(compared: Compared) -> str:
    left, right = compared.systems
    head = (
        f"<h3>{escape(compared.kind)}</h3><p>{compared.left} in {escape(left)}, {compared.right} in {escape(right)}: "
        f"{_counts_text(compared)}.</p>"
    )
    limits = f'<p class="limits">{escape(compared.limits)}</p>' if compared.limits else ""
    if not compared.differences:
        return head + limits
    rows = "".join(_html_row(difference) for difference in compared.differences)
    columns = "<tr><th>what</th><th>difference</th><th>explained</th><th>repair</th></tr>"
    return f"{head}{limits}<table>{columns}{rows}</table>"


def _html_row(difference: Difference) -> str:
    known = escape(difference.explained) if difference.explained else '<span class="bad">no</span>'
    cells = (
        escape(difference.name), escape(difference.what), known, f"<code>{escape(difference.command)}</code>",
    )
    return "<tr>" + "".join(f"<td>{cell}</td>" for cell in cells) + "</tr>"
