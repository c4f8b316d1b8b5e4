"""Dead letters: messages that crashed their worker five times, looked at and moved back by a person.

Two queues a pair: `dead` (FIFO, of events, live, bulk and jobs) and `delay-dead` (standard, of delay). Moving back is
safe at any time and any number of times: a message is a pointer, and the work looks at the record as it is now.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Generator, Sequence
from contextlib import closing
from dataclasses import dataclass
from typing import Any, Protocol

from connector.message import queue_for
from connector.record import short_hash

DEAD_QUEUES = ("dead", "delay-dead")
DELAY_DEAD = "delay-dead"


class NotOffered(Exception):
    """This engine has no native redrive (the embedded AWS has none); messages can be moved one by one."""


@dataclass(frozen=True)
class Count:
    """Approximate, as SQS says it. `hidden`: received by somebody a moment ago and not deleted."""

    visible: int
    hidden: int


@dataclass(frozen=True)
class MoveTask:
    """A native redrive. `handle` is "" unless it is running; -1 where SQS does not say a number."""

    status: str
    moved: int
    total: int
    handle: str = ""
    why: str = ""


@dataclass(frozen=True)
class Letter:
    """One dead letter. `source`: the short name of the queue that it comes from, "" where nobody knows."""

    id: str
    body: str
    group: str
    source: str
    sent_at: str
    receipt: str

    @property
    def fields(self) -> dict[str, Any]:
        """The body's members; none where it is not ours."""
        try:
            found = json.loads(self.body)
        except ValueError:
            return {}
        return found if isinstance(found, dict) else {}


class DeadLetters(Protocol):
    """The dead-letter queues of one pair."""

    def count(self, queue: str) -> Count:
        """How many there are."""
        ...

    def tasks(self, queue: str) -> Sequence[MoveTask]:
        """The latest native redrives, newest first; none where the engine has no such thing."""
        ...

    def receive(self, queue: str, seconds: int) -> Sequence[Letter]:
        """Up to ten letters, hidden from everybody else for `seconds`."""
        ...

    def release(self, queue: str, letter: Letter) -> None:
        """Makes a received letter visible again."""
        ...

    def delete(self, queue: str, letter: Letter) -> bool:
        """Deletes a received letter; False when it was hidden no longer, so that it is still there."""
        ...

    def send_back(self, letter: Letter, deduplication: str) -> None:
        """Sends a letter to the queue that it came from. Raises QueueRefused."""
        ...

    def move_all(self, queue: str, rate: int | None) -> str:
        """Starts the native redrive of a whole queue; answers its handle. Raises NotOffered."""
        ...

    def cancel(self, handle: str) -> int:
        """Stops a native redrive; answers how many it has moved."""
        ...

    def purge(self, queue: str) -> None:
        """Deletes everything in a queue."""
        ...


def source_of(queue: str, body: str, known: str) -> str:
    """The queue that a letter comes from: as SQS says (`known`), else as its content says."""
    if known or queue == DELAY_DEAD:
        return known or "delay"
    fields = Letter("", body, "", "", "", "").fields
    kinds = {"event": "events", "poll": "jobs", "record": queue_for(str(fields.get("lane", "live")))}
    return kinds.get(str(fields.get("kind", "")), "")


@dataclass(frozen=True)
class Choice:
    """Which letters: one record's, one message, one connection's. Empty: all."""

    record: str = ""
    message: str = ""
    connection: str = ""

    def fits(self, letter: Letter) -> bool:
        """Whether a letter is chosen."""
        named = letter.fields
        record = str(named.get("record", ""))
        connection = str(named.get("connection", "")) or record.partition("/")[0]
        return (
            self.message in ("", letter.id)
            and self.record in ("", record)
            and self.connection in ("", connection)
        )


HIDDEN = 120
"""Seconds for which letters are taken away from others while a person's command looks at them."""


def walk(letters: DeadLetters, queue: str, hidden: int = HIDDEN) -> Generator[tuple[Letter, Callable[[], object]]]:
    """Every letter once, with a function that says "it is deleted". What is not deleted becomes visible at the end.

    Of one message group a FIFO queue hands out ten at a time and no more until those are deleted.
    """
    open_letters: dict[str, Letter] = {}
    seen: set[str] = set()
    try:
        while True:
            batch = letters.receive(queue, hidden)
            open_letters.update({letter.id: letter for letter in batch})
            fresh = [letter for letter in batch if letter.id not in seen]
            if not fresh:
                return
            for letter in fresh:
                seen.add(letter.id)
                yield letter, lambda letter=letter: open_letters.pop(letter.id, None)  # type: ignore[misc]
    finally:
        for letter in open_letters.values():
            letters.release(queue, letter)


@dataclass(frozen=True)
class Moved:
    """What a selective redrive or purge did.

    doubled: sent back, but the letter could not be deleted in time: both exist, which is harmless.
    unknown: nobody knows which queue they come from; the native redrive of the whole queue does.
    """

    moved: tuple[Letter, ...] = ()
    doubled: int = 0
    unknown: int = 0


def redrive(
    letters: DeadLetters,
    queue: str,
    choice: Choice,
    stamp: str,
    *,
    rate: float,
    sleep: Callable[[float], object],
    moved: Callable[[Letter], None] = lambda letter: None,
) -> Moved:
    """Receives, sends back with a fresh deduplication id, deletes: the chosen letters, `rate` a second.

    `stamp` is this command's own: with the old deduplication id, a redrive within five minutes of the last attempt
    would be swallowed by the queue. `moved` is called after each.
    """
    done: list[Letter] = []
    doubled = unknown = 0
    # A slow pace must not outlast the time for which the ten of one batch are hidden.
    hidden = min(43_200, max(HIDDEN, int(20 / rate) + 30))
    with closing(walk(letters, queue, hidden)) as every:
        for letter, deleted in every:
            if not choice.fits(letter):
                continue
            if not letter.source:
                unknown += 1
                continue
            if done:
                sleep(1 / rate)
            letters.send_back(letter, short_hash(letter.id, stamp))
            if letters.delete(queue, letter):
                deleted()
            else:
                doubled += 1
            done.append(letter)
            moved(letter)
    return Moved(tuple(done), doubled, unknown)


def delete_chosen(
    letters: DeadLetters, queue: str, choice: Choice, gone: Callable[[Letter], None] = lambda letter: None
) -> Moved:
    """Deletes the chosen letters for good; `gone` is called after each."""
    done: list[Letter] = []
    with closing(walk(letters, queue)) as every:
        for letter, deleted in every:
            if choice.fits(letter) and letters.delete(queue, letter):
                deleted()
                done.append(letter)
                gone(letter)
    return Moved(tuple(done))


def look(letters: DeadLetters, queue: str, choice: Choice, most: int) -> list[Letter]:
    """The chosen letters, at most so many; nothing is changed."""
    found: list[Letter] = []
    with closing(walk(letters, queue)) as every:
        for letter, _ in every:
            if choice.fits(letter):
                found.append(letter)
            if len(found) >= most:
                break
    return found
