"""How the botocore adapters end when AWS misbehaves: lost answers, throttling, partial batches, races."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import pytest
from botocore.exceptions import ClientError, ReadTimeoutError
from botocore.stub import ANY, Stubber
from moto.core.models import botocore_stubber

from connector.aws import DynamoTables, ManagedSecrets, S3Bodies, SqsQueues
from connector.ports import Absent, Delete, Equals, Item, Message, Put, QueueRefused, Secret
from tests.support.deviations import allow_known
from tests.support.engines import Cloud

ITEM: Item = {"pk": "shop/shipbob", "sk": "evt-1", "status": "received", "by": "me"}


@pytest.fixture
def tables(moto: Cloud) -> DynamoTables:
    return DynamoTables(moto.environment, moto.clients)


@pytest.fixture
def queues(moto: Cloud) -> SqsQueues:
    return SqsQueues(moto.environment, moto.clients)


@contextmanager
def lost_answers(
    cloud: Cloud, service: str, operation: str, *, times: int = 1, meanwhile: Callable[[], object] | None = None
) -> Iterator[list[int]]:
    """The service acts on the next `times` calls, then the answer is lost; `meanwhile` runs before the repetition."""
    client = cloud.clients.client(service)
    event = f"before-send.{client.meta.service_model.service_id.hyphenize()}.{operation}"
    lost: list[int] = []

    def lose(event_name: str, request: Any, **rest: Any) -> None:
        if len(lost) < times:
            lost.append(1)
            botocore_stubber(event_name, request, **rest)
            if meanwhile is not None:
                meanwhile()
            raise ReadTimeoutError(endpoint_url=request.url)

    client.meta.events.register_first(event, lose)
    try:
        yield lost
    finally:
        client.meta.events.unregister(event, lose)


@contextmanager
def scripted(cloud: Cloud, service: str) -> Iterator[Stubber]:
    with Stubber(cloud.clients.client(service)) as stubber:
        yield stubber
        stubber.assert_no_pending_responses()


def test_lost_answer_of_a_conditional_put_is_not_taken_for_a_repetition(moto: Cloud, tables: DynamoTables) -> None:
    """botocore repeats, and the condition fails because of our own first attempt: the write is ours, no duplicate."""
    with lost_answers(moto, "dynamodb", "PutItem") as lost:
        assert tables.put("events", ITEM, Absent())
    assert lost
    assert tables.get("events", "shop/shipbob", "evt-1") == ITEM
    assert not tables.put("events", ITEM, Absent())  # and a real repetition is still one


def test_lost_answer_and_somebody_else_wrote_in_between(moto: Cloud, tables: DynamoTables) -> None:
    theirs: Item = {**ITEM, "by": "somebody else"}
    with lost_answers(moto, "dynamodb", "PutItem", meanwhile=lambda: tables.put("events", theirs)):
        assert not tables.put("events", ITEM, Absent())
    assert tables.get("events", "shop/shipbob", "evt-1") == theirs


def test_lost_answer_of_a_conditional_delete(moto: Cloud, tables: DynamoTables) -> None:
    tables.put("events", ITEM)
    with lost_answers(moto, "dynamodb", "DeleteItem") as lost:
        assert tables.delete("events", "shop/shipbob", "evt-1", Equals({"by": "me"}))
    assert lost
    assert tables.get("events", "shop/shipbob", "evt-1") is None


def test_answers_that_stay_lost_are_raised(moto: Cloud, tables: DynamoTables) -> None:
    with lost_answers(moto, "dynamodb", "PutItem", times=3), pytest.raises(ReadTimeoutError):
        tables.put("events", ITEM, Absent())


def test_lost_answer_of_a_transaction(request: pytest.FixtureRequest, moto: Cloud, tables: DynamoTables) -> None:
    allow_known(request, "moto", "transaction token")
    with lost_answers(moto, "dynamodb", "TransactWriteItems"):
        assert tables.transact([Put("events", ITEM, Absent())])


def test_transaction_carries_one_token_through_its_repetitions(moto: Cloud, tables: DynamoTables) -> None:
    """What makes the repetition harmless on AWS, where moto does not look at it."""
    sent: list[str] = []
    client = moto.clients.client("dynamodb")

    def note(request: Any, **rest: Any) -> None:
        sent.append(json.loads(request.body)["ClientRequestToken"])

    client.meta.events.register_first("before-send.dynamodb.TransactWriteItems", note)
    try:
        with lost_answers(moto, "dynamodb", "TransactWriteItems"):
            tables.transact([Put("events", ITEM)])
        tables.transact([Delete("events", "shop/shipbob", "evt-1")])
    finally:
        client.meta.events.unregister("before-send.dynamodb.TransactWriteItems", note)
    first, repeated, another = sent
    assert first
    assert first == repeated
    assert another != first


def canceled(stubber: Stubber, *codes: str) -> None:
    stubber.add_client_error(
        "transact_write_items", "TransactionCanceledException",
        modeled_fields={"CancellationReasons": [{"Code": code} for code in codes]} if codes else {},
    )


@pytest.mark.parametrize(
    "codes",
    [["ConditionalCheckFailed", "None"], ["TransactionConflict"], ["TransactionConflict", "ConditionalCheckFailed"]],
)
def test_transaction_that_lost_is_false(moto: Cloud, tables: DynamoTables, codes: list[str]) -> None:
    with scripted(moto, "dynamodb") as stubber:
        canceled(stubber, *codes)
        assert not tables.transact([Put("events", ITEM)])


@pytest.mark.parametrize(
    "codes",
    [["ThrottlingError"], ["ProvisionedThroughputExceeded", "None"], ["ValidationError"], ["None"], [],
     ["ConditionalCheckFailed", "ThrottlingError"]],
)
def test_transaction_that_failed_otherwise_raises(moto: Cloud, tables: DynamoTables, codes: list[str]) -> None:
    with scripted(moto, "dynamodb") as stubber:
        canceled(stubber, *codes)
        with pytest.raises(ClientError, match="TransactionCanceled"):
            tables.transact([Put("events", ITEM)])


@pytest.mark.parametrize("code", ["ThrottlingException", "AccessDeniedException", "ResourceNotFoundException"])
def test_other_errors_are_never_false(moto: Cloud, tables: DynamoTables, code: str) -> None:
    writes: list[tuple[str, Callable[[], object]]] = [
        ("put_item", lambda: tables.put("events", ITEM, Absent())),
        ("delete_item", lambda: tables.delete("events", "a", "b", Absent())),
        ("update_item", lambda: tables.add("state", "a", "b", "n", 1, ceiling=3)),
        ("transact_write_items", lambda: tables.transact([Put("events", ITEM)])),
        ("get_item", lambda: tables.get("events", "a", "b")),
    ]
    for operation, write in writes:
        with scripted(moto, "dynamodb") as stubber:
            stubber.add_client_error(operation, code)
            with pytest.raises(ClientError, match=code):
                write()


def test_conflict_with_a_transaction_is_asked_again(moto: Cloud, tables: DynamoTables) -> None:
    with scripted(moto, "dynamodb") as stubber:
        stubber.add_client_error("put_item", "TransactionConflictException")
        stubber.add_client_error("put_item", "TransactionConflictException")
        stubber.add_response("put_item", {})
        assert tables.put("events", ITEM, Absent())
        for _ in range(3):
            stubber.add_client_error("put_item", "TransactionConflictException")
        with pytest.raises(ClientError, match="TransactionConflict"):
            tables.put("events", ITEM)


def batch(name: str, found: list[str], left: list[str]) -> dict[str, Any]:
    wire = {sk: {"pk": {"S": "a"}, "sk": {"S": sk}} for sk in (*found, *left)}
    unprocessed = {name: {"Keys": [wire[sk] for sk in left]}} if left else {}
    return {"Responses": {name: [wire[sk] for sk in found]}, "UnprocessedKeys": unprocessed}


def test_unprocessed_keys_are_asked_again(moto: Cloud, tables: DynamoTables) -> None:
    name = moto.environment.table("connections")
    with scripted(moto, "dynamodb") as stubber:
        stubber.add_response("batch_get_item", batch(name, ["1"], ["2", "3"]), {"RequestItems": ANY})
        stubber.add_response("batch_get_item", batch(name, ["2"], ["3"]), {"RequestItems": ANY})
        stubber.add_response("batch_get_item", batch(name, [], ["3"]), {"RequestItems": ANY})
        stubber.add_response("get_item", {"Item": {"pk": {"S": "a"}, "sk": {"S": "3"}}})
        found = tables.get_many("connections", [("a", "1"), ("a", "2"), ("a", "3")])
    assert sorted(found) == [("a", "1"), ("a", "2"), ("a", "3")]


def test_keys_that_stay_unprocessed_raise(moto: Cloud, tables: DynamoTables) -> None:
    name = moto.environment.table("connections")
    with scripted(moto, "dynamodb") as stubber:
        stubber.add_response("batch_get_item", batch(name, [], ["1"]), {"RequestItems": ANY})
        stubber.add_client_error("get_item", "ThrottlingException")
        with pytest.raises(ClientError, match="Throttling"):
            tables.get_many("connections", [("a", "1")])


def test_item_of_a_foreign_type_is_refused(moto: Cloud, tables: DynamoTables) -> None:
    moto.clients.client("dynamodb").put_item(
        TableName=moto.environment.table("state"), Item={"pk": {"S": "a"}, "sk": {"S": "b"}, "x": {"L": []}}
    )
    with pytest.raises(ValueError, match="'x' has DynamoDB type 'L'"):
        tables.get("state", "a", "b")


MESSAGES = [Message(f"m{n}", f"g{n}", f"d{n}") for n in range(3)]


def sent(stored: list[int], failed: list[int]) -> dict[str, Any]:
    return {
        "Successful": [{"Id": str(n), "MessageId": f"id-{n}", "MD5OfMessageBody": "x"} for n in stored],
        "Failed": [{"Id": str(n), "SenderFault": False, "Code": "ServiceUnavailable"} for n in failed],
    }


def entries(*places: int) -> dict[str, Any]:
    return {
        "QueueUrl": ANY,
        "Entries": [
            {"Id": str(n), "MessageBody": f"m{n}", "MessageGroupId": f"g{n}", "MessageDeduplicationId": f"d{n}"}
            for n in places
        ],
    }


def test_refused_entries_are_sent_once_more(moto: Cloud, queues: SqsQueues) -> None:
    with scripted(moto, "sqs") as stubber:
        stubber.add_response("send_message_batch", sent([0, 2], [1]), entries(0, 1, 2))
        stubber.add_response("send_message_batch", sent([1], []), entries(1))
        assert queues.send("live", MESSAGES) == ["id-0", "id-1", "id-2"]


def test_entries_refused_twice_are_an_error_that_counts(moto: Cloud, queues: SqsQueues) -> None:
    with scripted(moto, "sqs") as stubber:
        stubber.add_response("send_message_batch", sent([0], [1, 2]), entries(0, 1, 2))
        stubber.add_response("send_message_batch", sent([2], [1]), entries(1, 2))
        with pytest.raises(QueueRefused, match=r"queue live: 2 of 3 messages .*\(ServiceUnavailable\)"):
            queues.send("live", MESSAGES)


def test_entry_that_the_answer_does_not_mention_is_not_stored(moto: Cloud, queues: SqsQueues) -> None:
    with scripted(moto, "sqs") as stubber:
        stubber.add_response("send_message_batch", sent([0, 2], []), entries(0, 1, 2))
        stubber.add_response("send_message_batch", sent([], []), entries(1))
        with pytest.raises(QueueRefused, match=r"2 of 3 .*not mentioned"):
            queues.send("live", MESSAGES)


def test_error_in_a_later_batch_counts_the_earlier_ones(moto: Cloud, queues: SqsQueues) -> None:
    many = [Message(f"m{n}", "g", f"d{n}") for n in range(15)]
    with scripted(moto, "sqs") as stubber:
        stubber.add_response("send_message_batch", sent(list(range(10)), []))
        stubber.add_client_error("send_message_batch", "AccessDenied", "no rights")
        with pytest.raises(QueueRefused, match=r"10 of 15 .*no rights"):
            queues.send("live", many)


def test_queue_that_does_not_answer_is_refused(moto: Cloud, queues: SqsQueues) -> None:
    with lost_answers(moto, "sqs", "SendMessageBatch", times=3), pytest.raises(QueueRefused, match="0 of 3"):
        queues.send("live", MESSAGES)


def test_lost_answer_of_a_send_stores_each_message_once(moto: Cloud, queues: SqsQueues) -> None:
    """The repetition is the deduplication id's business."""
    with lost_answers(moto, "sqs", "SendMessageBatch") as lost:
        queues.send("live", MESSAGES)
    assert lost
    found = moto.clients.client("sqs").receive_message(
        QueueUrl=moto.environment.queue("live"), MaxNumberOfMessages=10
    )["Messages"]
    assert sorted(message["Body"] for message in found) == ["m0", "m1", "m2"]


def test_secret_that_somebody_else_creates_meanwhile(moto: Cloud) -> None:
    name = moto.environment.secret("shop/shipbob/token")
    secrets = ManagedSecrets(moto.environment, moto.clients)
    with scripted(moto, "secretsmanager") as stubber:
        stubber.add_client_error("put_secret_value", "ResourceNotFoundException")
        stubber.add_client_error("create_secret", "ResourceExistsException")
        stubber.add_response(
            "put_secret_value", {"VersionId": "v" * 32},
            {"SecretId": name, "SecretString": "ours"},
        )
        assert secrets.write("shop/shipbob/token", "ours") == "v" * 32


@pytest.mark.parametrize("code", ["AccessDeniedException", "DecryptionFailure", "InvalidRequestException"])
def test_secret_errors_are_not_absence(moto: Cloud, code: str) -> None:
    secrets = ManagedSecrets(moto.environment, moto.clients)
    with scripted(moto, "secretsmanager") as stubber:
        stubber.add_client_error("get_secret_value", code)
        with pytest.raises(ClientError, match=code):
            secrets.read("shop/shipbob")
        stubber.add_client_error("put_secret_value", code)
        with pytest.raises(ClientError, match=code):
            secrets.write("shop/shipbob", "x")


def test_secret_without_a_value_and_a_binary_one(moto: Cloud) -> None:
    secrets = ManagedSecrets(moto.environment, moto.clients)
    client = moto.clients.client("secretsmanager")
    client.create_secret(Name=moto.environment.secret("shop/empty"))
    assert secrets.read("shop/empty") is None
    version = secrets.write("shop/empty", "filled")
    assert secrets.read("shop/empty") == Secret("filled", None, version)
    client.create_secret(Name=moto.environment.secret("shop/binary"), SecretBinary=b"\x00")
    with pytest.raises(ValueError, match="shop/binary is binary"):
        secrets.read("shop/binary")


def test_new_secret_uses_the_stack_key(moto: Cloud) -> None:
    secrets = ManagedSecrets(replace(moto.environment, key_id="alias/stack"), moto.clients)
    secrets.write("shop/shipbob", "x")
    described = moto.clients.client("secretsmanager").describe_secret(
        SecretId=moto.environment.secret("shop/shipbob")
    )
    assert described["KmsKeyId"] == "alias/stack"


def test_bucket_error_is_not_absence(moto: Cloud) -> None:
    bodies = S3Bodies(moto.environment, moto.clients)
    with scripted(moto, "s3") as stubber:
        stubber.add_client_error("get_object", "AccessDenied")
        with pytest.raises(ClientError, match="AccessDenied"):
            bodies.get("labels/1Z")
