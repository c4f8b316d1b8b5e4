"""The cloud behind the ports: DynamoDB, SQS, S3, Secrets Manager and SNS through botocore.

    services = services_from(environment_from(os.environ))

Light on purpose (the webhook imports it): no boto3, no requests, no pydantic; clients are made when first used.
"""

from __future__ import annotations

import random
from collections.abc import Sequence

from connector.aws.alerts import SnsAlerts
from connector.aws.bodies import S3Bodies
from connector.aws.clients import EDGE, WORK, Clients, Patience
from connector.aws.queues import SqsQueues
from connector.aws.secrets import ManagedSecrets
from connector.aws.tables import DynamoTables
from connector.environment import Environment
from connector.instants import Clock, system_clock
from connector.log import LEVELS, Log
from connector.services import Services

__all__ = [
    "EDGE",
    "WORK",
    "Clients",
    "DynamoTables",
    "ManagedSecrets",
    "Patience",
    "S3Bodies",
    "SnsAlerts",
    "SqsQueues",
    "services_from",
]


def services_from(
    environment: Environment,
    *,
    clock: Clock = system_clock,
    pair: str = "",
    clients: Clients | None = None,
    patience: Patience = WORK,
    warm: Sequence[str] = (),
) -> Services:
    """Everything a piece of work may touch, on AWS. Nothing is called yet.

    `pair` defaults to the environment's. `patience=EDGE` where a sender waits. `warm` names services whose clients
    are made now: a cold start has the full processor, the first request has not.
    """
    clients = clients or Clients(patience)
    for service in warm:
        clients.client(service)
    name = pair or environment.pair
    return Services(
        tables=DynamoTables(environment, clients),
        queues=SqsQueues(environment, clients),
        bodies=S3Bodies(environment, clients),
        secrets=ManagedSecrets(environment, clients),
        alerts=SnsAlerts(environment, clients),
        clock=clock,
        log=Log(context={"pair": name} if name else {}, clock=clock, level=LEVELS[environment.log_level]),
        random=random.random,
    )
