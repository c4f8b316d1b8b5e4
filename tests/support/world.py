"""A whole cloud in memory: the twins, a virtual clock, the log lines, and Lambda's event source mapping.

    world = World()
    world.services.tables.put("records", {...})
    world.deliver("live", handler)
    assert world.tables.items("records") == [...]

A crash test sets `world.step` to a function that raises at a chosen label; afterwards it builds everything anew from
`world.services`, whose stores have kept exactly what had been written.
"""

from __future__ import annotations

import hashlib
import io
import json
import random
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from connector.environment import QUEUES
from connector.log import LEVELS, Log
from connector.services import Services
from tests.support.clock import START, VirtualClock
from tests.support.memory import MemoryAlerts, MemoryBodies, MemorySecrets
from tests.support.memory_dead_letters import MemoryDeadLetters
from tests.support.memory_queues import FIFO, MemoryQueues, Stored
from tests.support.memory_tables import MemoryTables, Step, no_step

Handler = Callable[[dict[str, Any], Any], Mapping[str, Any] | None]


class World:
    """Everything a piece of work may touch, in memory. `visibility` and `maximum_receives` are the queues'."""

    def __init__(
        self, *, start: datetime = START, pair: str = "acumatica_shipbob", seed: int = 1, visibility: float = 360,
        maximum_receives: int = 5,
    ) -> None:
        self.step: Step = no_step
        self.clock = VirtualClock(start)
        self.tables = MemoryTables(self._step)
        self.queues = MemoryQueues(
            self.clock, self._step, visibility=visibility, maximum_receives=maximum_receives
        )
        self.dead_letters = MemoryDeadLetters(self.queues)
        self.bodies = MemoryBodies(self._step)
        self.secrets = MemorySecrets(self._step)
        self.alerts = MemoryAlerts(self._step)
        self._stream = io.StringIO()
        self.services = Services(
            tables=self.tables,
            queues=self.queues,
            bodies=self.bodies,
            secrets=self.secrets,
            alerts=self.alerts,
            clock=self.clock,
            log=Log({"pair": pair} if pair else {}, self.clock, LEVELS["DEBUG"], self._stream),
            random=random.Random(seed).random,
        )

    def lines(self) -> list[dict[str, Any]]:
        """Every log line and metric so far, parsed."""
        return [json.loads(line) for line in self._stream.getvalue().splitlines()]

    def metrics(self) -> dict[str, list[float]]:
        """The values of every metric, in order."""
        values: dict[str, list[float]] = {}
        for line in self.lines():
            for group in line.get("_aws", {}).get("CloudWatchMetrics", ()):
                for metric in group["Metrics"]:
                    values.setdefault(metric["Name"], []).append(line[metric["Name"]])
        return values

    def deliver(self, queue: str, handler: Handler, most: int = 10) -> int:
        """One invocation as Lambda's event source mapping makes it; answers how many messages it carried (0: none).

        Messages that the handler does not report as failed are deleted. An exception leaves all of them hidden until
        the visibility time-out and passes on, so that the test sees it.
        """
        received = self.queues.receive(queue, most)
        if not received:
            return 0
        answer = handler(sqs_event(received), None) or {}
        failed = {entry["itemIdentifier"] for entry in answer.get("batchItemFailures", ())}
        unknown = failed - {stored.id for stored in received}
        if unknown:
            raise AssertionError(f"the handler reported messages as failed that it was not given: {sorted(unknown)}")
        for stored in received:
            if stored.id not in failed:
                self.queues.delete(queue, stored.receipt)
        return len(received)

    def wait(self, until: datetime, *moments: datetime) -> None:
        """Moves the clock to whatever comes next: a message that becomes visible, one of the moments, or `until`."""
        visible = [stored.visible_at for queue in QUEUES for stored in self.queues.messages(queue)]
        later = [moment for moment in (*visible, *moments, until) if moment > self.clock()]
        self.clock.set(min(later) if later else until)

    def _step(self, label: str) -> None:
        self.step(label)


def sqs_event(received: list[Stored]) -> dict[str, Any]:
    """The event that Lambda hands to a function for these messages (Lambda guide, "Using Lambda with Amazon SQS")."""
    return {"Records": [_event_record(stored) for stored in received]}


def _event_record(stored: Stored) -> dict[str, Any]:
    attributes = {
        "ApproximateReceiveCount": str(stored.receive_count),
        "SentTimestamp": str(int(stored.sent_at.timestamp() * 1000)),
        "SenderId": "AIDATESTSENDER",
        "ApproximateFirstReceiveTimestamp": str(int(stored.sent_at.timestamp() * 1000)),
    }
    fifo = stored.queue in FIFO
    if fifo:
        attributes |= {
            "MessageGroupId": stored.message.group,
            "MessageDeduplicationId": stored.message.deduplication,
            "SequenceNumber": stored.id.rsplit("-", 1)[-1].zfill(20),
        }
    return {
        "messageId": stored.id,
        "receiptHandle": stored.receipt,
        "body": stored.body,
        "attributes": attributes,
        "messageAttributes": {},
        "md5OfBody": hashlib.md5(stored.body.encode(), usedforsecurity=False).hexdigest(),
        "eventSource": "aws:sqs",
        "eventSourceARN": f"arn:aws:sqs:us-east-1:123456789012:test-{stored.queue}{'.fifo' if fifo else ''}",
        "awsRegion": "us-east-1",
    }
