"""In-memory twins of all ports. They pass the same contract tests as the adapters (tests/unit/test_ports_*.py)."""

from __future__ import annotations

import threading
from dataclasses import dataclass

from connector.aws.alerts import alert_subject, alert_text
from connector.aws.secrets import check_secret
from connector.ports import Secret
from tests.support.clock import VirtualClock
from tests.support.memory_queues import MemoryQueues, Stored
from tests.support.memory_tables import MemoryTables, Step, no_step

__all__ = [
    "Alert",
    "MemoryAlerts",
    "MemoryBodies",
    "MemoryQueues",
    "MemorySecrets",
    "MemoryTables",
    "Step",
    "Stored",
    "VirtualClock",
    "no_step",
]


class MemoryBodies:
    """Twin of `connector.aws.S3Bodies`."""

    def __init__(self, step: Step = no_step) -> None:
        self.step = step
        self._contents: dict[str, tuple[bytes, str]] = {}

    def keys(self) -> list[str]:
        """All keys, sorted."""
        return sorted(self._contents)

    def content_type(self, key: str) -> str:
        """The content type it was stored with."""
        return self._contents[key][1]

    def put(self, key: str, content: bytes, content_type: str = "application/octet-stream") -> None:
        self.step("bodies.put.before")
        if not 1 <= len(key.encode()) <= 1024:
            raise ValueError(f"a bucket key has 1 to 1024 bytes, not {len(key.encode())}")
        self._contents[key] = (bytes(content), content_type)
        self.step("bodies.put.after")

    def get(self, key: str) -> bytes:
        return self._contents[key][0]


class MemorySecrets:
    """Twin of `connector.aws.ManagedSecrets`: each write makes the current version the previous one."""

    def __init__(self, step: Step = no_step) -> None:
        self.step = step
        self.reads = 0
        self._held: dict[str, Secret] = {}
        self._made = 0
        self._lock = threading.RLock()

    def names(self) -> list[str]:
        """All names, sorted."""
        return sorted(self._held)

    def read(self, name: str) -> Secret | None:
        with self._lock:
            self.reads += 1
            return self._held.get(name)

    def write(self, name: str, text: str) -> str:
        self.step("secrets.write.before")
        check_secret(name, text)
        with self._lock:
            before = self._held.get(name)
            self._made += 1
            version = f"version-{self._made:06d}"
            self._held[name] = Secret(text, before.current if before else None, version)
        self.step("secrets.write.after")
        return version

    def remove(self, name: str) -> None:
        """A person deleted the secret."""
        with self._lock:
            self._held.pop(name, None)


@dataclass(frozen=True)
class Alert:
    """What a person was told."""

    subject: str
    text: str


class MemoryAlerts:
    """Twin of `connector.aws.SnsAlerts`. `sent` is what people got."""

    def __init__(self, step: Step = no_step) -> None:
        self.step = step
        self.sent: list[Alert] = []

    def send(self, subject: str, text: str) -> None:
        self.step("alerts.send.before")
        self.sent.append(Alert(alert_subject(subject), alert_text(text)))
        self.step("alerts.send.after")
