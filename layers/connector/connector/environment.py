"""What the deployment tells a function, read once at cold start into one immutable value.

The names are those of template.yaml. A function that is not given a variable still loads; using what is missing
raises `VariableMissing` with the variable's name. Nothing below the entry points reads `os.environ`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from connector.log import LEVELS

TABLES = ("connections", "records", "events", "audit", "state")
QUEUES = ("events", "live", "bulk", "jobs", "delay")


class VariableMissing(Exception):
    """An environment variable that this function needs is absent, empty or unreadable."""


@dataclass(frozen=True)
class Environment:
    """`tables` and `queues` map short names to the real table names and queue URLs; texts are "" where not given."""

    pair: str = ""
    stack: str = ""
    tables: Mapping[str, str] = field(default_factory=dict)
    queues: Mapping[str, str] = field(default_factory=dict)
    bucket: str = ""
    alerts_topic: str = ""
    secrets_prefix: str = ""
    key_id: str = ""  # the key for secrets that we create; "" is the account's own default key
    public_base_url: str = ""
    log_level: str = "INFO"

    def table(self, name: str) -> str:
        """The real name of a table."""
        return _given(self.tables.get(name, ""), _variable(name, "TABLE", TABLES), f"the table {name!r}")

    def queue(self, name: str) -> str:
        """The URL of a queue."""
        return _given(self.queues.get(name, ""), _variable(name, "QUEUE_URL", QUEUES), f"the queue {name!r}")

    def bucket_name(self) -> str:
        """The bucket for bodies."""
        return _given(self.bucket, "MLC_BUCKET", "the bucket")

    def topic(self) -> str:
        """The ARN of the topic for alerts."""
        return _given(self.alerts_topic, "MLC_ALERTS_TOPIC", "the alerts topic")

    def secret(self, name: str) -> str:
        """The full name of a secret."""
        return _given(self.secrets_prefix, "MLC_SECRETS_PREFIX", f"the secret {name!r}") + name


def environment_from(variables: Mapping[str, str]) -> Environment:
    """Reads the MLC_ variables (normally of `os.environ`). Raises VariableMissing for an unknown log level."""
    level = variables.get("MLC_LOG_LEVEL", "").strip().upper() or "INFO"
    if level not in LEVELS:
        raise VariableMissing(f"MLC_LOG_LEVEL is {level!r}; set it to one of {', '.join(LEVELS)}")
    return Environment(
        pair=variables.get("MLC_PAIR", ""),
        stack=variables.get("MLC_STACK", ""),
        tables=_several(variables, TABLES, "TABLE"),
        queues=_several(variables, QUEUES, "QUEUE_URL"),
        bucket=variables.get("MLC_BUCKET", ""),
        alerts_topic=variables.get("MLC_ALERTS_TOPIC", ""),
        secrets_prefix=variables.get("MLC_SECRETS_PREFIX", ""),
        key_id=variables.get("MLC_KEY_ID", ""),
        public_base_url=variables.get("MLC_PUBLIC_BASE_URL", "").rstrip("/"),
        log_level=level,
    )


def _several(variables: Mapping[str, str], names: tuple[str, ...], ending: str) -> dict[str, str]:
    given = {name: variables.get(f"MLC_{name.upper()}_{ending}", "") for name in names}
    return {name: value for name, value in given.items() if value}


def _variable(name: str, ending: str, names: tuple[str, ...]) -> str:
    if name not in names:
        raise ValueError(f"there is no {name!r}; known are {', '.join(names)}")
    return f"MLC_{name.upper()}_{ending}"


def _given(value: str, variable: str, purpose: str) -> str:
    if not value:
        raise VariableMissing(f"{purpose} was used, but this function has no {variable}: add it in template.yaml")
    return value
