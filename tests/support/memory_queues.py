"""The pair's queues in memory, in virtual time, with their dead-letter queues and the consumer's side of SQS.

Modelled on the SQS Developer Guide as the template sets the queues up: deduplication per message group for five
minutes, one receive at a time per group, a dead-letter queue after `maximum_receives`, visibility time-outs, delays.
"""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from connector.aws.messages import MAXIMUM_BATCH, batches
from connector.environment import QUEUES
from connector.instants import Clock
from connector.ports import Message, QueueRefused
from tests.support.memory_tables import Step, no_step

FIFO = frozenset({"events", "live", "bulk", "jobs"})
DEDUPLICATION = timedelta(minutes=5)


@dataclass(frozen=True)
class Stored:
    """A message in a queue. `receipt` is the newest receipt handle, "" before the first receive."""

    id: str
    queue: str
    message: Message
    sent_at: datetime
    visible_at: datetime
    receive_count: int = 0
    receipt: str = ""

    @property
    def body(self) -> str:
        """The message's text."""
        return self.message.body


class MemoryQueues:
    """Twin of `connector.aws.SqsQueues`, plus what Lambda does on the other end: receive, delete, redrive."""

    def __init__(
        self, clock: Clock, step: Step = no_step, *, visibility: float = 360, maximum_receives: int = 5
    ) -> None:
        self.clock = clock
        self.step = step
        self.visibility = timedelta(seconds=visibility)
        self.maximum_receives = maximum_receives
        self._held: dict[str, list[Stored]] = {queue: [] for queue in QUEUES}
        self._dead: dict[str, list[Stored]] = {queue: [] for queue in QUEUES}
        self._recent: dict[tuple[str, str, str], tuple[datetime, str]] = {}
        self._refusals: Counter[str] = Counter()
        self._made = 0
        self._lock = threading.RLock()

    # connector.ports.Queues

    def send(self, queue: str, messages: Sequence[Message]) -> Sequence[str]:
        self.step("queues.send.before")
        with self._lock:
            held = self._queue(queue)
            for _ in batches(queue, messages, fifo=queue in FIFO):
                pass  # only the checks: SQS refuses before it stores
            if self._refusals[queue] and messages:
                self._refusals[queue] -= 1
                raise QueueRefused(f"queue {queue}: 0 of {len(messages)} messages are known to be stored (test)")
            ids = [self._send(queue, held, message) for message in messages]
        self.step("queues.send.after")
        return ids

    # What tests look at and turn.

    def refuse(self, queue: str, times: int = 1) -> None:
        """The next `times` sends to this queue fail and store nothing."""
        self._refusals[queue] = times

    def messages(self, queue: str) -> list[Stored]:
        """Everything in a queue, visible or not, in order of arrival."""
        with self._lock:
            return list(self._queue(queue))

    def dead(self, queue: str) -> list[Stored]:
        """What this queue's dead-letter queue holds of it."""
        with self._lock:
            self._queue(queue)
            return list(self._dead[queue])

    def remove_dead(self, queue: str, identity: str) -> bool:
        """A person deletes a dead letter of this queue; False when it is not there."""
        with self._lock:
            held = self._dead[queue]
            found = [stored for stored in held if stored.id == identity]
            for stored in found:
                held.remove(stored)
            return bool(found)

    def next_visible(self) -> datetime | None:
        """When the next hidden message of any queue becomes visible; None when none is hidden."""
        now = self.clock()
        with self._lock:
            times = [stored.visible_at for held in self._held.values() for stored in held if stored.visible_at > now]
        return min(times, default=None)

    # The consumer's side.

    def receive(self, queue: str, most: int = MAXIMUM_BATCH) -> list[Stored]:
        """Takes up to ten visible messages and hides them. What was received too often moves to the dead letters."""
        now = self.clock()
        with self._lock:
            held = self._queue(queue)
            self._bury(queue, held, now)
            taken: list[Stored] = []
            blocked: set[str] = set()
            for place, stored in enumerate(held):
                group = stored.message.group if queue in FIFO else None
                if group in blocked or len(taken) == most:
                    continue
                if stored.visible_at > now:
                    if group is not None:
                        blocked.add(group)
                    continue
                held[place] = self._received(stored, now)
                taken.append(held[place])
            return taken

    def delete(self, queue: str, receipt: str) -> bool:
        """Deletes by receipt handle; False for a stale one (FIFO: also when the visibility time-out has passed)."""
        now = self.clock()
        with self._lock:
            held = self._queue(queue)
            for place, stored in enumerate(held):
                if stored.receipt == receipt and (queue not in FIFO or stored.visible_at > now):
                    del held[place]
                    return True
        return False

    def hide(self, queue: str, receipt: str, seconds: float) -> bool:
        """ChangeMessageVisibility; False for a stale receipt handle or a message that is visible again."""
        now = self.clock()
        with self._lock:
            held = self._queue(queue)
            for place, stored in enumerate(held):
                if stored.receipt == receipt and stored.visible_at > now:
                    held[place] = replace(stored, visible_at=now + timedelta(seconds=seconds))
                    return True
        return False

    def redrive(self, queue: str) -> int:
        """Moves everything from the dead letters back, as the native redrive does: counts start anew."""
        with self._lock:
            held, dead = self._queue(queue), self._dead[queue]
            moved = len(dead)
            held += [replace(stored, visible_at=self.clock(), receive_count=0, receipt="") for stored in dead]
            dead.clear()
            return moved

    # Inside.

    def _queue(self, queue: str) -> list[Stored]:
        if queue not in self._held:
            raise ValueError(f"there is no {queue!r}; known are {', '.join(QUEUES)}")
        return self._held[queue]

    def _send(self, queue: str, held: list[Stored], message: Message) -> str:
        now = self.clock()
        key = (queue, message.group, message.deduplication)
        if queue in FIFO:
            sent_at, earlier = self._recent.get(key, (now - DEDUPLICATION, ""))
            if now - sent_at < DEDUPLICATION:
                return earlier
        self._made += 1
        identity = f"message-{self._made:06d}"
        if queue in FIFO:
            self._recent[key] = (now, identity)
        held.append(Stored(identity, queue, message, now, now + timedelta(seconds=message.delay)))
        return identity

    def _received(self, stored: Stored, now: datetime) -> Stored:
        count = stored.receive_count + 1
        return replace(
            stored, receive_count=count, receipt=f"{stored.id}/{count}/{now.timestamp()}",
            visible_at=now + self.visibility,
        )

    def _bury(self, queue: str, held: list[Stored], now: datetime) -> None:
        spent = [s for s in held if s.visible_at <= now and s.receive_count >= self.maximum_receives]
        for stored in spent:
            held.remove(stored)
            self._dead[queue].append(stored)
