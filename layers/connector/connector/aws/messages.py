"""SQS's rules for messages, checked before anything is sent. Pure; the in-memory twin checks with the same.

Source: Amazon SQS API Reference, "SendMessageBatch" (10 entries; allowed characters; FIFO ids of 1-128 letters, digits
and punctuation; no delay per message on FIFO queues; delay at most 900 seconds). SQS takes 1 MiB a message and a
batch today; 256 KiB is what every region and engine takes, and our messages are pointers.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from connector.ports import Message

MAXIMUM_BYTES = 256 * 1024
MAXIMUM_BATCH = 10
MAXIMUM_DELAY = 900
_FIFO_ID = re.compile(r"[!-~]{1,128}", re.ASCII)
# Written as the refused ones: the same set negated takes ten times as long to compile at every cold start.
_REFUSED_CHARACTERS = re.compile("[\\x00-\\x08\\x0b\\x0c\\x0e-\\x1f\\ud800-\\udfff\\ufffe\\uffff]")


def check_message(queue: str, message: Message, *, fifo: bool) -> int:
    """The message's size in bytes. Raises ValueError for what SQS would refuse."""
    if not message.body or _REFUSED_CHARACTERS.search(message.body):
        raise ValueError(f"queue {queue}: a message body is empty or has characters that SQS refuses")
    size = len(message.body.encode())
    if size > MAXIMUM_BYTES:
        raise ValueError(f"queue {queue}: a message has {size} bytes, more than {MAXIMUM_BYTES}: use the bucket")
    if fifo:
        for name, value in (("group", message.group), ("deduplication", message.deduplication)):
            if not _FIFO_ID.fullmatch(value):
                raise ValueError(f"queue {queue}: the {name} id {value!r} is not 1-128 printable ASCII characters")
        if message.delay:
            raise ValueError(f"queue {queue}: a FIFO queue knows no delay per message; use the delay queue")
    elif not 0 <= message.delay <= MAXIMUM_DELAY:
        raise ValueError(f"queue {queue}: a delay of {message.delay} seconds is outside 0-{MAXIMUM_DELAY}")
    return size


def batches(queue: str, messages: Sequence[Message], *, fifo: bool) -> Iterator[list[Message]]:
    """The messages in order, cut so that each part fits into one call."""
    batch: list[Message] = []
    total = 0
    for message in messages:
        size = check_message(queue, message, fifo=fifo)
        if batch and (len(batch) == MAXIMUM_BATCH or total + size > MAXIMUM_BYTES):
            yield batch
            batch, total = [], 0
        batch.append(message)
        total += size
    if batch:
        yield batch
