"""The pair's queues over SQS."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from connector.aws.clients import Clients
from connector.aws.messages import batches
from connector.environment import Environment
from connector.ports import Message, QueueRefused


class SqsQueues:
    """Implements `connector.ports.Queues`."""

    def __init__(self, environment: Environment, clients: Clients) -> None:
        self._environment = environment
        self._clients = clients

    def send(self, queue: str, messages: Sequence[Message]) -> Sequence[str]:
        """SendMessageBatch. Raises QueueRefused, ValueError (before anything is sent) for what SQS never takes.

        Entries that SQS refuses for the moment are sent once more. After QueueRefused some may be stored; sending
        everything again is safe: FIFO queues drop the repetition, and every message is only a pointer.
        """
        url = self._environment.queue(queue)
        fifo = url.endswith(".fifo")
        stored: list[str] = []
        for batch in list(batches(queue, messages, fifo=fifo)):
            ids: dict[int, str] = {}
            try:
                failed = self._send(url, fifo, batch, range(len(batch)), ids)
                if failed:
                    failed = self._send(url, fifo, batch, sorted(failed), ids)
            except (ClientError, BotoCoreError) as error:
                raise QueueRefused(_refusal(queue, len(stored) + len(ids), len(messages), str(error))) from error
            if failed:
                reason = "; ".join(sorted(set(failed.values())))
                raise QueueRefused(_refusal(queue, len(stored) + len(ids), len(messages), reason))
            stored += [ids[place] for place in range(len(batch))]
        return stored

    def _send(
        self, url: str, fifo: bool, batch: Sequence[Message], places: Sequence[int], ids: dict[int, str]
    ) -> dict[int, str]:
        """Sends the messages at `places`, notes their ids, answers the refused places with SQS's reason."""
        reply = self._clients.client("sqs").send_message_batch(
            QueueUrl=url, Entries=[_entry(place, batch[place], fifo) for place in places]
        )
        ids.update({int(entry["Id"]): str(entry["MessageId"]) for entry in reply.get("Successful", ())})
        reasons = {int(entry["Id"]): str(entry.get("Code", "unknown")) for entry in reply.get("Failed", ())}
        # Whatever the answer does not name as stored is not stored.
        return {place: reasons.get(place, "not mentioned in the answer") for place in places if place not in ids}


def _entry(place: int, message: Message, fifo: bool) -> dict[str, Any]:
    entry: dict[str, Any] = {"Id": str(place), "MessageBody": message.body}
    if fifo:
        entry |= {"MessageGroupId": message.group, "MessageDeduplicationId": message.deduplication}
    elif message.delay:
        entry["DelaySeconds"] = message.delay
    return entry


def _refusal(queue: str, stored: int, wanted: int, reason: str) -> str:
    return f"queue {queue}: {stored} of {wanted} messages are known to be stored ({reason}); send all of them again"
