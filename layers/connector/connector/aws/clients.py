"""botocore clients, made lazily, one per service. No boto3: importing it costs every cold start 40 ms for nothing.

`AWS_ENDPOINT_URL` and the credentials are honoured by botocore itself.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass
from typing import Any

import botocore.session
from botocore.config import Config


@dataclass(frozen=True)
class Patience:
    """How long AWS may take: seconds to connect, seconds to answer, attempts in total (standard retry mode)."""

    connect: float
    read: float
    attempts: int


WORK = Patience(connect=2, read=10, attempts=3)
EDGE = Patience(connect=1, read=2, attempts=3)  # the worst case ends before the webhook's ten seconds do: 503, not 504


class Clients:
    """Hands out one client per service. Safe for threads: clients are, making them is not."""

    def __init__(self, patience: Patience = WORK, session: botocore.session.Session | None = None) -> None:
        self._session = session or botocore.session.get_session()
        self._config = Config(
            connect_timeout=patience.connect,
            read_timeout=patience.read,
            retries={"mode": "standard", "total_max_attempts": patience.attempts},
            max_pool_connections=20,
        )
        self._made: dict[str, Any] = {}
        self._lock = threading.Lock()

    def client(self, service: str) -> Any:
        """The client of "dynamodb", "sqs", "s3", "secretsmanager" or "sns"."""
        made = self._made.get(service)
        if made is None:
            with self._lock:
                made = self._made.get(service)
                if made is None:
                    made = self._session.create_client(service, config=self._config)
                    self._made[service] = made
        return made
