"""Alerts over SNS."""

from __future__ import annotations

from connector.aws.clients import Clients
from connector.environment import Environment

MAXIMUM_SUBJECT = 100
_MAXIMUM_TEXT = 200_000  # bytes; SNS takes 256 KiB with everything around it


def alert_subject(subject: str) -> str:
    """SNS takes at most 100 ASCII characters without line breaks; an alert must not fail for its subject."""
    line = " ".join(subject.split()).encode("ascii", errors="replace").decode()
    printable = "".join(letter if letter.isprintable() else " " for letter in line).strip()
    return (printable or "ml-connector alert")[:MAXIMUM_SUBJECT]


def alert_text(text: str) -> str:
    """The text, cut with a note where SNS would refuse its length."""
    raw = text.encode()
    if len(raw) <= _MAXIMUM_TEXT:
        return text or "(no text)"
    return raw[:_MAXIMUM_TEXT].decode(errors="ignore") + f"\n[cut: the whole text has {len(raw)} bytes]"


class SnsAlerts:
    """Implements `connector.ports.Alerts`."""

    def __init__(self, environment: Environment, clients: Clients) -> None:
        self._environment = environment
        self._clients = clients

    def send(self, subject: str, text: str) -> None:
        """Publish. A repetition by botocore may tell a person twice, which is the lesser evil."""
        self._clients.client("sns").publish(
            TopicArn=self._environment.topic(), Subject=alert_subject(subject), Message=alert_text(text)
        )
