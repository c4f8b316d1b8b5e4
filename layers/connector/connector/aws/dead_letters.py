"""A pair's dead-letter queues over SQS.

Native redrive: Amazon SQS API Reference, "StartMessageMoveTask" (one running task a queue, 1-500 messages a second;
without a destination every message goes back to its own source queue), "ListMessageMoveTasks", "CancelMessageMoveTask".
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from botocore.exceptions import ClientError

from connector.aws.clients import Clients
from connector.dead_letters import Count, Letter, MoveTask, NotOffered, source_of
from connector.instants import instant_text
from connector.ports import Message, Queues

WAIT = 1
"""Seconds of long polling: a short poll of a standard queue may answer nothing although there is something."""

_NOT_OFFERED = frozenset({"InvalidAction", "NotImplemented", "UnknownOperationException"})
_TOO_LATE = frozenset(
    {
        "InvalidParameterValue", "ReceiptHandleIsInvalid", "MessageNotInflight",
        "AWS.SimpleQueueService.MessageNotInflight",
    }
)


class SqsDeadLetters:
    """Implements `connector.dead_letters.DeadLetters`.

    urls: "dead" and "delay-dead" -> URL. sources: short name -> URL of the queues that letters come from.
    """

    def __init__(
        self, urls: Mapping[str, str], sources: Mapping[str, str], queues: Queues, clients: Clients, *, wait: int = WAIT
    ) -> None:
        self._wait = wait
        self._urls = urls
        self._names = {url.rpartition("/")[2]: name for name, url in sources.items()}
        self._queues = queues
        self._clients = clients

    def count(self, queue: str) -> Count:
        """GetQueueAttributes."""
        names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
        found = self._sqs.get_queue_attributes(QueueUrl=self._urls[queue], AttributeNames=names)["Attributes"]
        return Count(int(found[names[0]]), int(found[names[1]]))

    def tasks(self, queue: str) -> Sequence[MoveTask]:
        """ListMessageMoveTasks."""
        try:
            found = self._sqs.list_message_move_tasks(SourceArn=self._arn(queue), MaxResults=10)
        except ClientError as error:
            if _code(error) in _NOT_OFFERED:
                return ()
            raise
        return [
            MoveTask(
                str(row.get("Status", "")), int(row.get("ApproximateNumberOfMessagesMoved", -1)),
                int(row.get("ApproximateNumberOfMessagesToMove", -1)), str(row.get("TaskHandle", "")),
                str(row.get("FailureReason", "")),
            )
            for row in found.get("Results", ())
        ]

    def receive(self, queue: str, seconds: int) -> Sequence[Letter]:
        """ReceiveMessage, ten at a time. A dead-letter queue has no redrive policy: looking costs no receive count."""
        found = self._sqs.receive_message(
            QueueUrl=self._urls[queue], MaxNumberOfMessages=10, VisibilityTimeout=seconds, WaitTimeSeconds=self._wait,
            AttributeNames=["All"],
        )
        return [self._letter(queue, row) for row in found.get("Messages", ())]

    def _letter(self, queue: str, row: Mapping[str, Any]) -> Letter:
        attributes = row.get("Attributes", {})
        known = self._names.get(str(attributes.get("DeadLetterQueueSourceArn", "")).rpartition(":")[2], "")
        sent = datetime.fromtimestamp(int(attributes.get("SentTimestamp", 0)) / 1000, UTC)
        return Letter(
            str(row["MessageId"]), str(row["Body"]), str(attributes.get("MessageGroupId", "")),
            source_of(queue, str(row["Body"]), known), instant_text(sent), str(row["ReceiptHandle"]),
        )

    def release(self, queue: str, letter: Letter) -> None:
        """ChangeMessageVisibility to 0. One that is visible already needs nothing."""
        try:
            self._sqs.change_message_visibility(
                QueueUrl=self._urls[queue], ReceiptHandle=letter.receipt, VisibilityTimeout=0
            )
        except ClientError as error:
            if _code(error) not in _TOO_LATE:
                raise

    def delete(self, queue: str, letter: Letter) -> bool:
        """DeleteMessage; a FIFO queue refuses the receipt of a letter that is visible again."""
        try:
            self._sqs.delete_message(QueueUrl=self._urls[queue], ReceiptHandle=letter.receipt)
        except ClientError as error:
            if _code(error) in _TOO_LATE:
                return False
            raise
        return True

    def send_back(self, letter: Letter, deduplication: str) -> None:
        """The same body in the same group. Raises QueueRefused."""
        group = letter.group or deduplication
        message = (
            Message(letter.body) if letter.source == "delay" else Message(letter.body, group, deduplication)
        )
        self._queues.send(letter.source, [message])

    def move_all(self, queue: str, rate: int | None) -> str:
        """StartMessageMoveTask."""
        limit = {"MaxNumberOfMessagesPerSecond": rate} if rate is not None else {}
        try:
            return str(self._sqs.start_message_move_task(SourceArn=self._arn(queue), **limit)["TaskHandle"])
        except ClientError as error:
            if _code(error) in _NOT_OFFERED:
                raise NotOffered(str(error)) from error
            raise

    def cancel(self, handle: str) -> int:
        """CancelMessageMoveTask."""
        return int(self._sqs.cancel_message_move_task(TaskHandle=handle)["ApproximateNumberOfMessagesMoved"])

    def purge(self, queue: str) -> None:
        """PurgeQueue: once a minute, and it may take a minute."""
        self._sqs.purge_queue(QueueUrl=self._urls[queue])

    def _arn(self, queue: str) -> str:
        found = self._sqs.get_queue_attributes(QueueUrl=self._urls[queue], AttributeNames=["QueueArn"])
        return str(found["Attributes"]["QueueArn"])

    @property
    def _sqs(self) -> Any:
        return self._clients.client("sqs")


def _code(error: ClientError) -> str:
    return str(error.response.get("Error", {}).get("Code", ""))
