"""The two dead-letter queues of a pair in memory, over the twin of its queues. Passes the contract of the adapter."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from connector.dead_letters import Count, Letter, MoveTask, NotOffered
from connector.instants import instant_text
from connector.ports import Message
from tests.support.memory_queues import FIFO, MemoryQueues, Stored

SOURCES = {"dead": ("events", "live", "bulk", "jobs"), "delay-dead": ("delay",)}
BATCH = 10


class MemoryDeadLetters:
    """Twin of `connector.aws.dead_letters.SqsDeadLetters`. `native`: whether whole queues can be moved by SQS."""

    def __init__(self, queues: MemoryQueues, *, native: bool = True) -> None:
        self.queues = queues
        self.native = native
        self.started: list[MoveTask] = []
        self._hidden: dict[str, tuple[datetime, str]] = {}
        self._made = 0

    def count(self, queue: str) -> Count:
        every = self._stored(queue)
        hidden = sum(1 for _, stored in every if self._is_hidden(stored.id))
        return Count(len(every) - hidden, hidden)

    def tasks(self, queue: str) -> Sequence[MoveTask]:
        return list(reversed(self.started))

    def receive(self, queue: str, seconds: int) -> Sequence[Letter]:
        until = self.queues.clock() + timedelta(seconds=seconds)
        every = self._stored(queue)
        blocked = {stored.message.group for _, stored in every if self._is_hidden(stored.id)} - {""}
        free = [
            (source, stored)
            for source, stored in every
            if not self._is_hidden(stored.id) and stored.message.group not in blocked
        ]
        return [self._taken(source, stored, until) for source, stored in free[:BATCH]]

    def _taken(self, source: str, stored: Stored, until: datetime) -> Letter:
        self._made += 1
        receipt = f"{stored.id}/{self._made}"
        self._hidden[stored.id] = (until, receipt)
        return Letter(
            stored.id, stored.body, stored.message.group, source, instant_text(stored.sent_at), receipt
        )

    def release(self, queue: str, letter: Letter) -> None:
        if self._hidden.get(letter.id, (None, ""))[1] == letter.receipt:
            del self._hidden[letter.id]

    def delete(self, queue: str, letter: Letter) -> bool:
        if not self._is_hidden(letter.id) or self._hidden[letter.id][1] != letter.receipt:
            return False
        return any(self.queues.remove_dead(source, letter.id) for source in SOURCES[queue])

    def send_back(self, letter: Letter, deduplication: str) -> None:
        message = Message(letter.body)
        if letter.source in FIFO:
            message = replace(message, group=letter.group, deduplication=deduplication)
        self.queues.send(letter.source, [message])

    def move_all(self, queue: str, rate: int | None) -> str:
        if not self.native:
            raise NotOffered("StartMessageMoveTask")
        moved = sum(self.queues.redrive(source) for source in SOURCES[queue])
        self.started.append(MoveTask("COMPLETED", moved, moved))
        return f"task-{len(self.started)}"

    def cancel(self, handle: str) -> int:
        return self.started[int(handle.removeprefix("task-")) - 1].moved

    def purge(self, queue: str) -> None:
        for source, stored in self._stored(queue):
            self.queues.remove_dead(source, stored.id)

    def _stored(self, queue: str) -> list[tuple[str, Stored]]:
        found = [(source, stored) for source in SOURCES[queue] for stored in self.queues.dead(source)]
        return sorted(found, key=lambda pair: pair[1].sent_at)

    def _is_hidden(self, identity: str) -> bool:
        return identity in self._hidden and self._hidden[identity][0] > self.queues.clock()
