"""Dead letters: looked at without harm, moved back one by one, deleted; the native redrive by SQS's description."""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import botocore.session
import pytest
from botocore.stub import Stubber

from connector.aws.dead_letters import SqsDeadLetters
from connector.dead_letters import (
    Choice,
    DeadLetters,
    Letter,
    NotOffered,
    delete_chosen,
    look,
    redrive,
    source_of,
)
from connector.ports import Message
from connector.record import short_hash
from tests.support.memory_dead_letters import MemoryDeadLetters
from tests.support.world import World

if TYPE_CHECKING:
    from tests.support.engines import Cloud


def pointer(record: str, lane: str = "live") -> dict[str, Any]:
    return {"kind": "record", "record": record, "cause": "poll", "correlation": "c0ffee", "lane": lane}


@dataclass(frozen=True)
class Bench:
    """Dead letters of one engine, and how to make them and look at the sources."""

    letters: DeadLetters
    bury: Callable[[str, dict[str, Any]], None]
    waiting: Callable[[str], list[str]]  # bodies that can be received now


def memory_bench() -> Bench:
    world = World(maximum_receives=1)

    def bury(queue: str, body: dict[str, Any]) -> None:
        text = json.dumps(body)
        world.queues.send(queue, [Message(text, short_hash(str(body.get("record", "x"))), secrets.token_hex(8))]
                          if queue != "delay" else [Message(text)])
        world.queues.receive(queue)
        world.clock.advance(400)
        world.queues.receive(queue)

    def waiting(queue: str) -> list[str]:
        return [stored.body for stored in world.queues.receive(queue)]

    return Bench(MemoryDeadLetters(world.queues), bury, waiting)


def moto_bench(cloud: Cloud) -> Bench:
    """Letters are put into the dead-letter queues as SQS would move them: same body, same group."""
    sqs = cloud.clients.client("sqs")
    fifo = {"FifoQueue": "true", "DeduplicationScope": "messageGroup", "FifoThroughputLimit": "perMessageGroupId"}
    name = f"dead-{secrets.token_hex(4)}"
    urls = {
        "dead": sqs.create_queue(QueueName=f"{name}.fifo", Attributes=fifo)["QueueUrl"],
        "delay-dead": sqs.create_queue(QueueName=name)["QueueUrl"],
    }

    def bury(queue: str, body: dict[str, Any]) -> None:
        text = json.dumps(body)
        if queue == "delay":
            sqs.send_message(QueueUrl=urls["delay-dead"], MessageBody=text)
            return
        sqs.send_message(
            QueueUrl=urls["dead"], MessageBody=text, MessageGroupId=short_hash(str(body.get("record", "x"))),
            MessageDeduplicationId=secrets.token_hex(8),
        )

    def waiting(queue: str) -> list[str]:
        found = sqs.receive_message(QueueUrl=cloud.environment.queue(queue), MaxNumberOfMessages=10)
        return [row["Body"] for row in found.get("Messages", ())]

    from connector.aws.queues import SqsQueues

    queues = SqsQueues(cloud.environment, cloud.clients)
    return Bench(SqsDeadLetters(urls, cloud.environment.queues, queues, cloud.clients, wait=0), bury, waiting)


@pytest.fixture(params=["memory", "moto"])
def bench(request: pytest.FixtureRequest) -> Bench:
    return memory_bench() if request.param == "memory" else moto_bench(request.getfixturevalue("moto"))


def no_sleep(seconds: float) -> None:
    """Tests do not wait."""


# ---- both engines --------------------------------------------------------------------------------------------


def test_looking_changes_nothing(bench: Bench) -> None:
    for number in range(3):
        bench.bury("live", pointer(f"acme/orders/SO/{number}"))
    bench.bury("delay", {**pointer("acme/orders/SO/9"), "due_at": "2026-03-02T00:00:00.000000Z"})
    for _ in range(3):
        found = look(bench.letters, "dead", Choice(), 50)
        assert [letter.fields["record"] for letter in found] == [f"acme/orders/SO/{n}" for n in range(3)]
        assert {letter.source for letter in found} == {"live"}
        assert [letter.source for letter in look(bench.letters, "delay-dead", Choice(), 50)] == ["delay"]
    assert bench.letters.count("dead").visible == 3
    assert bench.letters.count("dead").hidden == 0


def test_a_letter_of_one_record_goes_back_and_the_others_stay(bench: Bench) -> None:
    for number in (1, 2):
        bench.bury("live", pointer(f"acme/orders/SO/{number}"))
    moved = redrive(bench.letters, "dead", Choice(record="acme/orders/SO/2"), "stamp", rate=100, sleep=no_sleep)
    assert [letter.fields["record"] for letter in moved.moved] == ["acme/orders/SO/2"]
    assert [json.loads(body)["record"] for body in bench.waiting("live")] == ["acme/orders/SO/2"]
    assert [letter.fields["record"] for letter in look(bench.letters, "dead", Choice(), 9)] == ["acme/orders/SO/1"]


def test_each_letter_goes_back_to_its_own_queue(bench: Bench) -> None:
    bench.bury("bulk", pointer("acme/stock/8", "nightly"))
    bench.bury("events", {"kind": "event", "connection": "acme", "sender": "shipbob", "event_id": "e1"})
    bench.bury("jobs", {"kind": "poll", "connection": "acme", "stream": "orders", "correlation": "c"})
    moved = redrive(bench.letters, "dead", Choice(connection="acme"), "stamp", rate=100, sleep=no_sleep)
    assert sorted(letter.source for letter in moved.moved) == ["bulk", "events", "jobs"]
    for queue, kind in (("bulk", "record"), ("events", "event"), ("jobs", "poll")):
        assert [json.loads(body)["kind"] for body in bench.waiting(queue)] == [kind]
    assert bench.letters.count("dead").visible == 0


def test_more_than_ten_of_one_group_all_go_back_in_order(bench: Bench) -> None:
    for number in range(13):
        bench.bury("live", {**pointer("acme/orders/SO/1"), "correlation": f"c{number}"})
    pauses: list[float] = []
    moved = redrive(bench.letters, "dead", Choice(), "stamp", rate=4, sleep=pauses.append)
    assert [letter.fields["correlation"] for letter in moved.moved] == [f"c{number}" for number in range(13)]
    assert pauses == [0.25] * 12
    assert bench.letters.count("dead").visible == 0


def test_what_was_moved_back_a_minute_ago_can_be_moved_back_again() -> None:
    """With the old deduplication id SQS would swallow it, and the letter would be gone."""
    world = World(maximum_receives=1, visibility=10)
    letters = MemoryDeadLetters(world.queues)
    world.queues.send("live", [Message(json.dumps(pointer("acme/orders/SO/1")), "g", "d")])
    for stamp in ("one", "two"):
        world.queues.receive("live")
        world.clock.advance(11)
        assert world.queues.receive("live") == []
        assert len(redrive(letters, "dead", Choice(), stamp, rate=100, sleep=no_sleep).moved) == 1
        assert len(world.queues.messages("live")) == 1


def test_a_letter_that_is_not_ours_stays_for_the_native_redrive(bench: Bench) -> None:
    bench.bury("live", {"kind": "strange"})
    found = redrive(bench.letters, "dead", Choice(), "stamp", rate=100, sleep=no_sleep)
    if isinstance(bench.letters, MemoryDeadLetters):  # it knows the source as SQS does
        assert len(found.moved) == 1
        return
    assert (found.moved, found.unknown) == ((), 1)
    assert bench.letters.count("dead").visible == 1


def test_deleting_takes_the_chosen_ones_alone(bench: Bench) -> None:
    for number in (1, 2):
        bench.bury("live", pointer(f"acme/orders/SO/{number}"))
    (first, _) = look(bench.letters, "dead", Choice(), 9)
    gone = delete_chosen(bench.letters, "dead", Choice(message=first.id))
    assert [letter.id for letter in gone.moved] == [first.id]
    assert [letter.fields["record"] for letter in look(bench.letters, "dead", Choice(), 9)] == ["acme/orders/SO/2"]
    assert bench.waiting("live") == []


def test_a_whole_queue_is_emptied(bench: Bench) -> None:
    for number in range(4):
        bench.bury("live", pointer(f"acme/orders/SO/{number}"))
    bench.letters.purge("dead")
    assert bench.letters.count("dead").visible == 0


def test_a_queue_that_takes_nothing_loses_no_letter(bench: Bench) -> None:
    if not isinstance(bench.letters, MemoryDeadLetters):
        pytest.skip("moto refuses nothing")
    for number in (1, 2):
        bench.bury("live", pointer(f"acme/orders/SO/{number}"))
    bench.letters.queues.refuse("live")
    with pytest.raises(Exception, match="queue live"):
        redrive(bench.letters, "dead", Choice(), "stamp", rate=100, sleep=no_sleep)
    assert bench.letters.count("dead").visible == 2
    assert len(redrive(bench.letters, "dead", Choice(), "stamp", rate=100, sleep=no_sleep).moved) == 2


def test_a_letter_that_was_hidden_no_longer_is_said_to_be_in_both_queues() -> None:
    world = World(maximum_receives=1)
    letters = MemoryDeadLetters(world.queues)
    world.queues.send("live", [Message(json.dumps(pointer("acme/orders/SO/1")), "g", "d")])
    world.queues.receive("live")
    world.clock.advance(400)
    world.queues.receive("live")

    def slow(letter: Letter, deduplication: str) -> None:
        world.clock.advance(3600)
        MemoryDeadLetters.send_back(letters, letter, deduplication)

    letters.send_back = slow  # type: ignore[method-assign]
    found = redrive(letters, "dead", Choice(), "stamp", rate=100, sleep=no_sleep)
    assert (len(found.moved), found.doubled) == (1, 1)
    assert letters.count("dead").visible == 1
    assert len(world.queues.messages("live")) == 1


# ---- where a letter goes back to ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("queue", "body", "known", "wanted"),
    [
        ("dead", pointer("a/b/c"), "bulk", "bulk"),
        ("dead", pointer("a/b/c"), "", "live"),
        ("dead", pointer("a/b/c", "bulk"), "", "bulk"),
        ("dead", pointer("a/b/c", "repair"), "", "live"),
        ("dead", {"kind": "event"}, "", "events"),
        ("dead", {"kind": "poll"}, "", "jobs"),
        ("dead", {"kind": "else"}, "", ""),
        ("dead", [], "", ""),
        ("delay-dead", pointer("a/b/c"), "", "delay"),
    ],
)
def test_where_a_letter_goes_back_to(queue: str, body: Any, known: str, wanted: str) -> None:
    assert source_of(queue, json.dumps(body), known) == wanted


# ---- the native redrive, as the API reference describes it ------------------------------------------------------

DEAD_URL = "https://sqs.us-east-1.amazonaws.com/123456789012/s-Dead.fifo"
DEAD_ARN = "arn:aws:sqs:us-east-1:123456789012:s-Dead.fifo"


class OneClient:
    """Hands out one stubbed client."""

    def __init__(self, client: Any) -> None:
        self._client = client

    def client(self, service: str) -> Any:
        assert service == "sqs"
        return self._client


@pytest.fixture
def stub() -> Iterator[tuple[SqsDeadLetters, Stubber]]:
    client = botocore.session.get_session().create_client(
        "sqs", region_name="us-east-1", aws_access_key_id="a", aws_secret_access_key="b"
    )
    live = {"live": "https://sqs.us-east-1.amazonaws.com/123456789012/s-Live.fifo"}
    queues: Any = None
    clients: Any = OneClient(client)
    with Stubber(client) as stubber:
        yield SqsDeadLetters({"dead": DEAD_URL}, live, queues, clients), stubber
        stubber.assert_no_pending_responses()


def arn(stubber: Stubber) -> None:
    stubber.add_response(
        "get_queue_attributes", {"Attributes": {"QueueArn": DEAD_ARN}},
        {"QueueUrl": DEAD_URL, "AttributeNames": ["QueueArn"]},
    )


def test_a_whole_queue_is_moved_by_sqs_itself_to_where_each_message_came_from(
    stub: tuple[SqsDeadLetters, Stubber],
) -> None:
    letters, stubber = stub
    arn(stubber)
    # No DestinationArn: four queues share this dead-letter queue, and each message knows its own.
    wanted = {"SourceArn": DEAD_ARN, "MaxNumberOfMessagesPerSecond": 25}
    stubber.add_response("start_message_move_task", {"TaskHandle": "handle"}, wanted)
    assert letters.move_all("dead", 25) == "handle"


def test_a_running_redrive_is_shown_and_can_be_stopped(stub: tuple[SqsDeadLetters, Stubber]) -> None:
    letters, stubber = stub
    arn(stubber)
    running = {
        "TaskHandle": "handle", "Status": "RUNNING", "SourceArn": DEAD_ARN, "StartedTimestamp": 1,
        "ApproximateNumberOfMessagesMoved": 40, "ApproximateNumberOfMessagesToMove": 100,
    }
    failed = {"Status": "FAILED", "SourceArn": DEAD_ARN, "FailureReason": "CouldNotDetermineMessageSource"}
    stubber.add_response(
        "list_message_move_tasks", {"Results": [running, failed]}, {"SourceArn": DEAD_ARN, "MaxResults": 10}
    )
    first, second = letters.tasks("dead")
    assert (first.status, first.moved, first.total, first.handle) == ("RUNNING", 40, 100, "handle")
    assert (second.status, second.moved, second.handle) == ("FAILED", -1, "")
    assert second.why == "CouldNotDetermineMessageSource"
    stubber.add_response(
        "cancel_message_move_task", {"ApproximateNumberOfMessagesMoved": 55}, {"TaskHandle": "handle"}
    )
    assert letters.cancel("handle") == 55


def test_an_engine_without_a_native_redrive_says_so(stub: tuple[SqsDeadLetters, Stubber]) -> None:
    letters, stubber = stub
    arn(stubber)
    stubber.add_client_error("start_message_move_task", "InvalidAction")
    with pytest.raises(NotOffered):
        letters.move_all("dead", None)
    arn(stubber)
    stubber.add_client_error("list_message_move_tasks", "InvalidAction")
    assert letters.tasks("dead") == ()


def test_the_source_is_read_from_the_attribute_that_sqs_gives(stub: tuple[SqsDeadLetters, Stubber]) -> None:
    letters, stubber = stub
    row = {
        "MessageId": "m1", "ReceiptHandle": "r", "Body": "not ours", "Attributes": {
            "SentTimestamp": "1772460309000", "MessageGroupId": "g",
            "DeadLetterQueueSourceArn": "arn:aws:sqs:us-east-1:123456789012:s-Live.fifo",
        },
    }  # fmt: skip
    stubber.add_response("receive_message", {"Messages": [row]})
    (letter,) = letters.receive("dead", 30)
    assert (letter.source, letter.group, letter.sent_at) == ("live", "g", "2026-03-02T14:05:09.000000Z")


