"""Acts on dead letters."""

from __future__ import annotations

from typing import Any

from cli.desk import Desk
from cli.failures import Misused
from cli.operations import dead_letters as dead
from connector.dead_letters import Choice, DeadLetters
from operations.asked import MOST, Asked

LETTERS = ("pair", "queue", "record", "message", "connection")


def _letters(desk: Desk, asked: Asked) -> tuple[DeadLetters, str]:
    pair = asked.needed("pair")
    if pair not in desk.place.pairs():
        raise Misused(f"pair: there is no {pair!r} here; there are {', '.join(desk.place.pairs())}")
    return desk.place.dead_letters(pair), pair


def _choice(asked: Asked) -> Choice:
    return Choice(asked.text("record"), asked.text("message"), asked.text("connection"))


def queues(desk: Desk, asked: Asked) -> Any:
    """Dead-letter queues and redrives."""
    return dead.overview(desk.place, desk.place.pairs())


def letters(desk: Desk, asked: Asked) -> Any:
    """What the letters are."""
    found, _ = _letters(desk, asked)
    limit = int(asked.number("limit", 50, 1, MOST))
    return dead.looked_at(found, dead.queues_named(asked.text("queue")), _choice(asked), limit)


def redrive(desk: Desk, asked: Asked) -> Any:
    """One queue at a time: everything by SQS's own redrive, or the chosen letters one by one."""
    held, pair = _letters(desk, asked)
    services, (queue, *_) = desk.place.services(pair), dead.queues_named(asked.needed("queue"))
    order = dead.Order(desk.place.who(), pair, desk.correlation())
    choice, rate = _choice(asked), asked.number("rate", dead.RATE, 0.1, 500)
    if choice == Choice():
        started = dead.move_everything(services, held, queue, order, desk.sleep, rate)
    else:
        moved = dead.move_back(services, held, queue, choice, order, desk.sleep, rate)
        started = dead.Started(queue, moved=moved)
    count = len(started.moved.moved) if started.moved is not None else 0
    unknown = started.moved.unknown if started.moved is not None else 0
    return {"queue": queue, "native": bool(started.handle), "moved": count, "unknown_source": unknown}


def purge(desk: Desk, asked: Asked) -> Any:
    """Deletes letters for good."""
    held, pair = _letters(desk, asked)
    services, (queue, *_) = desk.place.services(pair), dead.queues_named(asked.needed("queue"))
    order = dead.Order(desk.place.who(), pair, desk.correlation(), asked.needed("reason"))
    choice = _choice(asked)
    if asked.flag("all") == (choice != Choice()):
        raise Misused("choose with record, message or connection, or say all")
    if asked.flag("all"):
        return {"queue": queue, "deleted": dead.delete_everything(services, held, queue, order)}
    return {"queue": queue, "deleted": len(dead.delete(services, held, queue, choice, order).moved)}
