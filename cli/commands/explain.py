"""`ml-connector explain`: why is it stuck, or where did it go, in plain sentences."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.console import Console

from cli.commands.records import OfConnection
from cli.desk import desk_of
from cli.operations.causes import EXAMPLES
from cli.operations.next_steps import never_heard
from cli.operations.story import Chapter, Story, plain_story, story_of
from cli.operations.times import moment_text
from cli.output import FINDINGS, OK, Json, answer, plural


def explain(
    context: typer.Context,
    asked: Annotated[str, typer.Argument(help="Order, shipment or tracking number, SKU, invoice, or a record id.")],
    connection: OfConnection = "",
    as_json: Json = False,
) -> None:
    """The whole story with times: seen, mapped, waiting for what, sent, answered, linked to what, and what comes next.

    Every record that shares the number is told, an order with its shipments. Exit code 1 when nothing is known of it
    (then it says how far each source has been read), or when a trail was changed after it was written.

    Example: ml-connector explain SO005432
    """
    services = desk_of(context).place.services()
    story = story_of(services, asked, connection)
    if not story.chapters:
        reach = never_heard(services, connection)
        document = {**plain_story(story), "reach": reach}
        answer(as_json, document, lambda out: _unknown(out, asked, reach), FINDINGS)
        return
    broken = any(chapter.broken for chapter in story.chapters)
    answer(as_json, plain_story(story), lambda out: _show(out, story), FINDINGS if broken else OK)


def _unknown(out: Console, asked: str, reach: list[str]) -> None:
    out.print(f"No record knows {asked}. It was never heard of, or it is known by another number.")
    for line in reach:
        out.print(f"  {line}")


def _show(out: Console, story: Story) -> None:
    for chapter in story.chapters:
        _chapter(out, chapter)
    if story.waiting:
        named = ", ".join(story.waiting[:EXAMPLES]) + (", ..." if len(story.waiting) > EXAMPLES else "")
        out.print(f"{plural(len(story.waiting), 'record')} held for it: {named}. See `ml-connector review list`.")
    if story.more:
        out.print(f"... and {len(story.more)} more records: {', '.join(story.more)}")


def _chapter(out: Console, chapter: Chapter) -> None:
    out.print(f"{chapter.title}: {chapter.record.status.value.upper()}")
    for moment in chapter.moments:
        out.print(f"  {moment_text(moment.at)}  {moment.text}")
    for text in chapter.writes:
        out.print(f"  Open write: {text}")
    for text in chapter.links:
        out.print(f"  Linked: {text}")
    for text in chapter.notes:
        out.print(f"  Note: {text}")
    out.print(f"  Now:  {chapter.outlook.now}")
    out.print(f"  Next: {chapter.outlook.then}")
    for command in chapter.outlook.commands:
        out.print(f"  Do:   {command}")
    if chapter.broken:
        out.print("  THE CHAIN OF THE TRAIL IS BROKEN: it was changed after it was written.")
    out.print("")
