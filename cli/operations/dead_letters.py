"""Dead letters for an operator: how many, what they are, moving them back, deleting them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from cli.failures import Refused
from cli.place import Place
from connector.dead_letters import (
    DEAD_QUEUES,
    Choice,
    DeadLetters,
    Letter,
    Moved,
    MoveTask,
    NotOffered,
    delete_chosen,
    look,
    redrive,
)
from connector.journal import note
from connector.outbox import KIND as COLLECT
from connector.records import Overtaken, RecordStore
from connector.redact import redact_body
from connector.services import Services

RATE = 10.0
"""Messages a second when nobody says so: the vendors decide the pace anyway, and a person can still stop it."""


OURS = frozenset({"record", "event", "poll", COLLECT})
"""Kinds of messages that a worker understands."""


def queues_named(queue: str) -> tuple[str, ...]:
    """One queue, or both. Raises Refused."""
    if queue and queue not in DEAD_QUEUES:
        raise Refused(f"there is no dead-letter queue {queue!r}; there are {' and '.join(DEAD_QUEUES)}")
    return (queue,) if queue else DEAD_QUEUES


def overview(place: Place, pairs: Sequence[str]) -> list[dict[str, Any]]:
    """One row per dead-letter queue."""
    rows = []
    for pair in pairs:
        letters = place.dead_letters(pair)
        for queue in DEAD_QUEUES:
            count = letters.count(queue)
            tasks = letters.tasks(queue)
            row = {"pair": pair, "queue": queue, "letters": count.visible, "being_looked_at": count.hidden}
            rows.append({**row, "redrive": _task(tasks[0]) if tasks else None})
    return rows


def _task(task: MoveTask) -> dict[str, Any]:
    return {"status": task.status, "moved": task.moved, "of": task.total, "why": task.why}


def looked_at(letters: DeadLetters, queues: Sequence[str], choice: Choice, most: int) -> list[dict[str, Any]]:
    """The chosen letters of the queues as JSON values, redacted."""
    return [plain_letter(queue, letter) for queue in queues for letter in look(letters, queue, choice, most)]


def out_of_sight(letters: DeadLetters, queue: str, shown: int, most: int) -> str:
    """What a look without a choice did not show of a queue, and why; "" when it showed everything."""
    count = letters.count(queue)
    held = count.visible + count.hidden
    if held <= shown:
        return ""
    if shown >= most:
        return f"{queue}: the first {shown} of {held} letters are shown (--limit)."
    return (
        f"{queue}: {shown} of {held} letters are shown. SQS hands out at most ten of one record at a time, and none "
        "that somebody else looks at: the others show when these are moved back or deleted. `ml-connector dlq redrive` "
        "without a choice moves all of them."
    )


def plain_letter(queue: str, letter: Letter) -> dict[str, Any]:
    """What a person may see of a letter: of a webhook, and of a message that is none of ours, the body redacted."""
    named = letter.fields
    about = {key: str(named[key]) for key in ("kind", "cause", "lane", "sender", "topic", "stream") if named.get(key)}
    record = str(named.get("record", ""))
    return {
        "queue": queue,
        "message": letter.id,
        "back_to": letter.source,
        "sent_at": letter.sent_at,
        "connection": str(named.get("connection", "")) or record.partition("/")[0],
        "record": record,
        "correlation": str(named.get("correlation", "")),
        **about,
        "understood": named.get("kind") in OURS,
        "body": _body(letter),
    }


def _body(letter: Letter) -> str:
    named = letter.fields
    if named.get("kind") not in OURS:
        return redact_body(letter.body.encode())
    return redact_body(str(named["body"]).encode()) if "body" in named else ""


@dataclass(frozen=True)
class Order:
    """Who wants letters moved back or deleted, and why."""

    who: str
    pair: str
    correlation: str
    reason: str = ""


def move_back(
    services: Services,
    letters: DeadLetters,
    queue: str,
    choice: Choice,
    order: Order,
    sleep: Callable[[float], object],
    rate: float = RATE,
) -> Moved:
    """Moves the chosen letters back one by one; each leaves a line on its record and all together one in the journal.

    Raises QueueRefused: what was moved before it is moved.
    """
    data = {"record": choice.record, "message": choice.message, "connection": choice.connection}
    note(services, order.who, f"moves dead letters of {order.pair}, {queue}, back one by one", data)
    text = f"{order.who} moved its dead letter back."

    def moved(letter: Letter) -> None:
        _tell(services, letter, text, order)

    return redrive(letters, queue, choice, order.correlation, rate=rate, sleep=sleep, moved=moved)


@dataclass(frozen=True)
class Started:
    """What became of a whole queue: a native redrive (`handle`), or, where there is none, letters moved one by one."""

    queue: str
    handle: str = ""
    moved: Moved | None = None


def move_everything(
    services: Services, letters: DeadLetters, queue: str, order: Order, sleep: Callable[[float], object], rate: float
) -> Started:
    """Starts the native redrive of a whole queue. Where the engine has none, the letters are moved one by one."""
    note(services, order.who, f"moves everything of {order.pair}, {queue}, back", {"rate": int(rate)})
    try:
        return Started(queue, handle=letters.move_all(queue, max(1, min(500, int(rate)))))
    except NotOffered:
        return Started(queue, moved=move_back(services, letters, queue, Choice(), order, sleep, rate))


def stop_moving(services: Services, letters: DeadLetters, queue: str, order: Order) -> int:
    """Stops the native redrive that runs; answers how many it has moved. Raises Refused when none runs."""
    running = next((task for task in letters.tasks(queue) if task.handle), None)
    if running is None:
        raise Refused(f"no redrive of the queue {queue} is running")
    note(services, order.who, f"stops the redrive of {order.pair}, {queue}")
    return letters.cancel(running.handle)


def delete(services: Services, letters: DeadLetters, queue: str, choice: Choice, order: Order) -> Moved:
    """Deletes the chosen letters for good. Their records stay as they are; a replay sets them in motion."""
    data = {"record": choice.record, "message": choice.message, "connection": choice.connection}
    note(services, order.who, f"deletes dead letters of {order.pair}, {queue}: {order.reason}", data)
    text = f"{order.who} deleted its dead letter: {order.reason}"
    return delete_chosen(letters, queue, choice, lambda letter: _tell(services, letter, text, order))


def delete_everything(services: Services, letters: DeadLetters, queue: str, order: Order) -> int:
    """Empties a queue at once; answers how many letters it held, approximately."""
    count = letters.count(queue)
    held = count.visible + count.hidden
    note(services, order.who, f"empties {order.pair}, {queue}: {order.reason}", {"letters": held})
    letters.purge(queue)
    return held


def _tell(services: Services, letter: Letter, text: str, order: Order) -> None:
    """A line in the trail of the record that a letter names. One that is just being worked on goes without."""
    store = RecordStore(services)
    record = store.load(str(letter.fields.get("record", "")) or "-")
    if record is None:
        return
    try:
        store.change(record, lambda current: current, text, {"operator": order.who, "correlation": order.correlation})
    except Overtaken:
        services.log.warning("a record was too busy for a line about its dead letter", record=record.id)
