"""The entry points of the deployed functions: Scheduler and jobs for the poller, four queues for the worker.

Receive counts count crashes only: everything expected is settled and the message deleted. A message that raises goes
back to its queue alone, with the later ones of its group, and after five receives to the dead-letter queue. Nothing
is raised out of a handler: the runtime would print the exception's own words, which may hold personal data.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

from aws_lambda_powertools.utilities.batch import (
    BatchProcessor,
    EventType,
    SqsFifoPartialProcessor,
    process_partial_response,
)
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord

from connector.collector import look_later, run_collector
from connector.ledger import LEASE
from connector.message import hop, park, pointer_from
from connector.outbox import KIND
from connector.pair import Pair
from connector.poll import Left, night, run_job, tick
from connector.services import Services
from connector.settle import place_of
from connector.work import take_event, work_on

Handler = Callable[[dict[str, Any], Any], Any]
EVENT_LIFE = timedelta(days=14)
"""Longer than the longest retry of any sender (ShipBob about 28 hours, UPS and Acumatica less)."""


def _cold_start(pair: Pair[Any]) -> Services:
    import os

    from connector.aws import services_from
    from connector.environment import environment_from

    return services_from(environment_from(os.environ), pair=pair.name)


def worker(pair: Pair[Any], services: Services | None = None) -> Handler:
    """The handler of `work.py`: record pointers, raw events, parked pointers, outboxes."""
    ready = services or _cold_start(pair)
    bound = replace(ready, log=ready.log.bind(pair=pair.name))

    def handler(event: dict[str, Any], context: Any) -> Any:
        batch = _Batch(pair, bound, _left(context))
        if any(str(found.get("eventSourceARN", "")).endswith(".fifo") for found in event["Records"]):
            processor: BatchProcessor = SqsFifoPartialProcessor(skip_group_on_error=True)
        else:
            processor = BatchProcessor(event_type=EventType.SQS)
        processor.raise_on_entire_batch_failure = False
        return process_partial_response(event=event, record_handler=batch.take, processor=processor, context=context)

    return handler


def _left(context: Any) -> Left:
    """The seconds that this invocation may still run; plenty where nobody says so."""
    milliseconds = getattr(context, "get_remaining_time_in_millis", None)
    return (lambda: milliseconds() / 1000) if milliseconds else (lambda: 300.0)


class _Batch:
    """The messages of one invocation.

    Work on a record (or an outbox) is begun in the first half of the invocation's time only. Later ones go round
    through the delay queue: were the function cut off by its time-out, all ten messages would count as crashed.
    """

    def __init__(self, pair: Pair[Any], services: Services, left: Left) -> None:
        self._pair, self._services, self._left = pair, services, left
        self._enough = left() / 2
        self._begun = False

    def take(self, record: SQSRecord) -> None:
        """Does what one message asks for; what it raises is logged without its words."""
        fields: Any = None
        try:
            fields = json.loads(record.body)
            if self._begun and self._left() < self._enough and _is_work(fields):
                _later(self._services, fields)
                return
            # The lease of a write ends only when this process is surely dead.
            take_message(self._pair, self._services, fields, timedelta(seconds=self._left()) + AFTER_DEATH)
        except Exception as error:
            log_crash(self._services, "a message crashed", record.message_id, fields, error)
            raise
        finally:
            self._begun = True


def _is_work(fields: Mapping[str, Any]) -> bool:
    return fields["kind"] == KIND or (fields["kind"] == "record" and not fields.get("due_at"))


def _later(services: Services, fields: dict[str, Any]) -> None:
    if fields["kind"] == KIND:
        look_later(services, fields)
    else:
        park(services, pointer_from(fields), services.clock() + timedelta(seconds=1))


def log_crash(services: Services, text: str, message_id: str, fields: Any, error: Exception) -> None:
    """One line about a bug: where it is and which message met it, never its words."""
    named = fields if isinstance(fields, dict) else {}
    about = {name: named[name] for name in ("record", "connection", "stream", "correlation") if name in named}
    services.log.error(text, error=type(error).__name__, reason=place_of(error), message_id=message_id, **about)


AFTER_DEATH = timedelta(seconds=15)


def take_message(pair: Pair[Any], services: Services, fields: dict[str, Any], lease: timedelta = LEASE) -> None:
    """Does what one queue message asks for."""
    kind = fields["kind"]
    if kind == "event":
        take_event(pair, services, fields, EVENT_LIFE)
    elif kind == "record":
        pointer = pointer_from(fields)
        if pointer.due_at:
            hop(services, pointer)
        else:
            work_on(pair, services, pointer, lease)
    elif kind == KIND:
        run_collector(pair, services, fields, lease)
    else:
        raise ValueError(f"unknown kind of message {kind!r}")


def poller(pair: Pair[Any], services: Services | None = None) -> Handler:
    """The handler of `poll.py`: the tick enqueues jobs, a job runs one poll or chore."""
    ready = services or _cold_start(pair)
    bound = replace(ready, log=ready.log.bind(pair=pair.name))

    def handler(event: Mapping[str, Any], context: Any) -> Any:
        if "Records" not in event:
            return {"jobs": night(pair, bound) if event.get("night") else tick(pair, bound)}
        left = _left(context)
        failures = []
        for message in event["Records"]:
            job: Any = None
            try:
                job = json.loads(message["body"])
                run_job(pair, bound, job, left)
            except Exception as error:  # noqa: BLE001 - a bug: the message comes again, at last it is a dead letter
                log_crash(bound, "a poll job crashed", message["messageId"], job, error)
                failures.append({"itemIdentifier": message["messageId"]})
        return {"batchItemFailures": failures}

    return handler
