"""The engines that the contract tests of the ports run on: memory twins, moto in process, ministack over HTTP.

ministack joins when MLC_MINISTACK_URL names a running one; everything made there carries a random suffix, so that
several people can share it.
"""

from __future__ import annotations

import json
import os
import secrets
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

import botocore.session
from moto import mock_aws

from connector.aws import Clients, services_from
from connector.aws.items import TABLE_INDEXES
from connector.environment import QUEUES, Environment
from connector.ports import INDEX_KEYS
from connector.services import Services
from tests.support.memory_queues import FIFO
from tests.support.world import World

REGION = "us-east-1"
MAXIMUM_RECEIVES = 3


@dataclass(frozen=True)
class Got:
    """A received message, whatever the engine."""

    id: str
    body: str
    receipt: str
    receive_count: int


@dataclass(frozen=True)
class Engine:
    """One implementation of all ports, and the consumer's side that the ports leave to Lambda."""

    name: str
    services: Services
    receive: Callable[[str], list[Got]]
    delete: Callable[[str, str], None]
    release: Callable[[str, str], None]  # makes a received message visible again at once
    dead: Callable[[str], list[str]]  # bodies in the dead-letter queue
    alerts: Callable[[], list[tuple[str, str]]]
    wait: Callable[[float], object]


@dataclass(frozen=True)
class Cloud:
    """Resources made for one test on a real engine."""

    environment: Environment
    clients: Clients
    dead: dict[str, str]
    inbox: str


def memory_engine() -> Engine:
    """The twins."""
    world = World(maximum_receives=MAXIMUM_RECEIVES)

    def receive(queue: str) -> list[Got]:
        return [Got(s.id, s.body, s.receipt, s.receive_count) for s in world.queues.receive(queue)]

    def release(queue: str, receipt: str) -> None:
        assert world.queues.hide(queue, receipt, 0)

    def dead(queue: str) -> list[str]:
        world.queues.receive(queue)  # the move happens when somebody asks for the message once more
        return [stored.body for stored in world.queues.dead(queue)]

    return Engine(
        name="memory",
        services=world.services,
        receive=receive,
        delete=lambda queue, receipt: _sure(world.queues.delete(queue, receipt)),
        release=release,
        dead=dead,
        alerts=lambda: [(alert.subject, alert.text) for alert in world.alerts.sent],
        wait=world.clock.advance,
    )


def cloud_engine(name: str, cloud: Cloud) -> Engine:
    """The botocore adapters on resources that `provision` made."""
    sqs = cloud.clients.client("sqs")
    url = cloud.environment.queue

    def release(queue: str, receipt: str) -> None:
        sqs.change_message_visibility(QueueUrl=url(queue), ReceiptHandle=receipt, VisibilityTimeout=0)

    def dead(queue: str) -> list[str]:
        _receive(sqs, url(queue))  # the move happens when somebody asks for the message once more
        return [got.body for got in _receive(sqs, cloud.dead[queue])]

    return Engine(
        name=name,
        services=services_from(cloud.environment, clients=cloud.clients),
        receive=lambda queue: _receive(sqs, url(queue)),
        delete=lambda queue, receipt: sqs.delete_message(QueueUrl=url(queue), ReceiptHandle=receipt),
        release=release,
        dead=dead,
        alerts=lambda: _alerts(sqs, cloud.inbox),
        wait=time.sleep,
    )


@contextmanager
def moto_cloud(clients: Clients) -> Iterator[Cloud]:
    """moto, empty, with our resources. `clients` live as long as the test session: making them is the slow part."""
    with mock_aws():
        yield provision(clients, "moto")


def ministack_clients(url: str) -> Clients:
    """Clients for a running ministack. The URL goes through the variable that botocore itself reads."""
    before = os.environ.get("AWS_ENDPOINT_URL")
    os.environ["AWS_ENDPOINT_URL"] = url
    try:
        clients = Clients()
        for service in ("dynamodb", "sqs", "s3", "secretsmanager", "sns"):
            clients.client(service)
    finally:
        if before is None:
            del os.environ["AWS_ENDPOINT_URL"]
        else:
            os.environ["AWS_ENDPOINT_URL"] = before
    return clients


def session_clients() -> Clients:
    """Clients that moto answers while `mock_aws` is active."""
    return Clients(session=botocore.session.get_session())


def provision(clients: Clients, prefix: str) -> Cloud:
    """Tables, queues, bucket, topic: the shapes of template.yaml as far as the ports see them."""
    name = f"{prefix}-{secrets.token_hex(4)}"
    environment = Environment(
        pair="acumatica_shipbob",
        stack=name,
        tables={table: _table(clients.client("dynamodb"), f"{name}-{table}", table) for table in TABLE_INDEXES},
        bucket=name,
        secrets_prefix=f"{name}/",
    )
    clients.client("s3").create_bucket(Bucket=name)
    sqs, sns = clients.client("sqs"), clients.client("sns")
    queues, dead = {}, {}
    for queue in QUEUES:
        queues[queue], dead[queue] = _queue(sqs, name, queue)
    topic = sns.create_topic(Name=f"{name}-alerts")["TopicArn"]
    inbox = sqs.create_queue(QueueName=f"{name}-inbox")["QueueUrl"]
    sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=_arn(sqs, inbox))
    return Cloud(replace(environment, queues=queues, alerts_topic=topic), clients, dead, inbox)


def _table(dynamodb: Any, name: str, table: str) -> str:
    indexes = {index: INDEX_KEYS[index] for index in TABLE_INDEXES[table]}
    attributes = {"pk", "sk", *(key for keys in indexes.values() for key in keys)}
    arguments: dict[str, Any] = {}
    if indexes:
        arguments["GlobalSecondaryIndexes"] = [
            {"IndexName": index, "KeySchema": _schema(*keys), "Projection": {"ProjectionType": "ALL"}}
            for index, keys in indexes.items()
        ]
    dynamodb.create_table(
        TableName=name,
        BillingMode="PAY_PER_REQUEST",
        KeySchema=_schema("pk", "sk"),
        AttributeDefinitions=[{"AttributeName": key, "AttributeType": "S"} for key in sorted(attributes)],
        **arguments,
    )
    return name


def _schema(partition: str, order: str) -> list[dict[str, str]]:
    return [{"AttributeName": partition, "KeyType": "HASH"}, {"AttributeName": order, "KeyType": "RANGE"}]


def _queue(sqs: Any, name: str, queue: str) -> tuple[str, str]:
    fifo = queue in FIFO
    ending = ".fifo" if fifo else ""
    attributes = {"FifoQueue": "true"} if fifo else {}
    dead = sqs.create_queue(QueueName=f"{name}-{queue}-dead{ending}", Attributes=attributes)["QueueUrl"]
    policy = f'{{"deadLetterTargetArn":"{_arn(sqs, dead)}","maxReceiveCount":{MAXIMUM_RECEIVES}}}'
    attributes = {**attributes, "VisibilityTimeout": "360", "RedrivePolicy": policy}
    if fifo:
        attributes |= {"DeduplicationScope": "messageGroup", "FifoThroughputLimit": "perMessageGroupId"}
    return sqs.create_queue(QueueName=f"{name}-{queue}{ending}", Attributes=attributes)["QueueUrl"], dead


def _arn(sqs: Any, url: str) -> str:
    reply = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])
    return str(reply["Attributes"]["QueueArn"])


def _receive(sqs: Any, url: str) -> list[Got]:
    reply = sqs.receive_message(
        QueueUrl=url, MaxNumberOfMessages=10, MessageSystemAttributeNames=["ApproximateReceiveCount"]
    )
    return [
        Got(m["MessageId"], m["Body"], m["ReceiptHandle"], int(m["Attributes"]["ApproximateReceiveCount"]))
        for m in reply.get("Messages", ())
    ]


def _alerts(sqs: Any, inbox: str) -> list[tuple[str, str]]:
    documents = [json.loads(got.body) for got in _receive(sqs, inbox)]
    return [(document["Subject"], document["Message"]) for document in documents]


def _sure(deleted: bool) -> None:
    assert deleted, "the receipt handle was stale"
