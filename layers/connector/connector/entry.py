"""The entry points of the deployed functions: Scheduler and jobs for the poller, four queues for the worker.

Receive counts count crashes only: everything expected is settled and the message deleted. A message that raises goes
back to its queue alone, with the later ones of its group, and after five receives to the dead-letter queue.
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

from connector.message import hop, pointer_from
from connector.pair import Pair
from connector.poll import run_job, tick
from connector.services import Services
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
    """The handler of `work.py`: record pointers, raw events and parked pointers."""
    ready = services or _cold_start(pair)
    bound = replace(ready, log=ready.log.bind(pair=pair.name))

    def handle(record: SQSRecord) -> None:
        take_message(pair, bound, json.loads(record.body))

    def handler(event: dict[str, Any], context: Any) -> Any:
        fifo = any(str(found.get("eventSourceARN", "")).endswith(".fifo") for found in event["Records"])
        processor = (
            SqsFifoPartialProcessor(skip_group_on_error=True) if fifo else BatchProcessor(event_type=EventType.SQS)
        )
        return process_partial_response(event=event, record_handler=handle, processor=processor, context=context)

    return handler


def take_message(pair: Pair[Any], services: Services, fields: dict[str, Any]) -> None:
    """Does what one queue message asks for."""
    kind = fields["kind"]
    if kind == "event":
        take_event(pair, services, fields, EVENT_LIFE)
    elif kind == "record":
        pointer = pointer_from(fields)
        if pointer.due_at:
            hop(services, pointer)
        else:
            work_on(pair, services, pointer)
    else:
        raise ValueError(f"unknown kind of message {kind!r}")


def poller(pair: Pair[Any], services: Services | None = None) -> Handler:
    """The handler of `poll.py`: the tick enqueues jobs, a job runs one poll or chore."""
    ready = services or _cold_start(pair)
    bound = replace(ready, log=ready.log.bind(pair=pair.name))

    def handler(event: Mapping[str, Any], context: Any) -> Any:
        if "Records" not in event:
            return {"jobs": tick(pair, bound)}
        left = getattr(context, "get_remaining_time_in_millis", None)
        failures = []
        for message in event["Records"]:
            try:
                run_job(pair, bound, json.loads(message["body"]), (lambda: left() / 1000) if left else (lambda: 300.0))
            except Exception as error:  # noqa: BLE001 - a bug: the message comes again, at last it is a dead letter
                bound.log.error("a poll job crashed", error=type(error).__name__, message_id=message["messageId"])
                failures.append({"itemIdentifier": message["messageId"]})
        return {"batchItemFailures": failures}

    return handler
