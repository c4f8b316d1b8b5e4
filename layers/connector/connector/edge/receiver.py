"""The webhook function: verify, store durably, answer. No vendor is called and nothing is processed here.

    404  no such route, connection, sender or system (one answer for all of them)
    413  more than 1 MiB
    400  no readable body, or a proven body that is not a JSON object in UTF-8
    401  not proven; kept in quarantine where another secret could prove it
    503  our fault: the queue, a table, or a secret that is missing, empty or malformed. Senders repeat after a 503,
         so nothing is lost while a person corrects it; the log line names the secret, WebhookNotStored alarms
    200  {"message_id": ...}: SQS holds the event. There is no other way to a 2xx

The token endpoint of a sender that has one (`push_tokens`) answers with the same codes, its errors in the words of
RFC 6749, and stores nothing.
"""

from __future__ import annotations

import gc
import json
import os
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from connector.edge.cache import Cache
from connector.edge.envelope import NotStored, event_of, store
from connector.edge.quarantine import Quarantine
from connector.edge.request import LARGEST_BODY, body_of, delivery_of, route_of
from connector.edge.secret import documents_of
from connector.edge.sender import ENDPOINT, Delivery, Documents, Grant, Ruling, Sender, Verdict
from connector.environment import Environment, environment_from
from connector.log import Log
from connector.ports import QueueRefused
from connector.services import Services

CONNECTION_KEPT = timedelta(seconds=60)
SECRET_KEPT = timedelta(minutes=5)
RETRY_AFTER = 30  # seconds; a hint, senders follow their own schedule

Handler = Callable[[Any, Any], dict[str, Any]]
Issue = Callable[[Delivery, Documents, datetime], Grant]

_WORDS = {400: "bad request", 401: "unauthorized", 404: "not found", 413: "too large", 503: "not stored, send it again"}
_METRICS = {200: "WebhookAccepted", 400: "WebhookRejected", 401: "WebhookRejected", 413: "WebhookRejected",
            503: "WebhookNotStored"}


class Answer(NamedTuple):  # a seventh of what a frozen dataclass costs a cold start, like the other small ones here
    """What the sender hears (`status`, `message_id`) and what the log says besides."""

    status: int
    reason: str = ""
    message_id: str = ""
    topic: str = ""
    quarantined: bool | None = None


NOT_FOUND = Answer(404, "no such route, connection, sender or system")


class Called(NamedTuple):
    """An existing connection that somebody calls. `delivery` is None when the body cannot be read."""

    connection: str
    sender: Sender
    delivery: Delivery | None


@dataclass(frozen=True)
class Edge:
    """What one process keeps between requests."""

    pair: str
    senders: Mapping[str, Sender]
    services: Services
    systems: Cache[frozenset[str]]
    documents: Cache[Documents]
    quarantine: Quarantine


def receiver(senders: Mapping[str, Sender], services: Services | None = None, *, pair: str = "") -> Handler:
    """The handler of a pair's webhook function.

    Without `services` they are made from the environment: at once, with the SQS client, in a deployed function (a cold
    start has the full processor, a first request has not); elsewhere at the first request. The other two clients are
    needed for the first request of a connection only.
    """
    environment = environment_from(os.environ)
    pair = pair or environment.pair
    edges: list[Edge] = []
    if services is not None or environment.pair:
        edges.append(edge_of(senders, services or _services(environment), pair))

    def handler(event: Any, context: Any) -> dict[str, Any]:
        if not edges:
            edges.append(edge_of(senders, _services(environment), pair))
        return receive(edges[0], event)

    return handler


def edge_of(senders: Mapping[str, Sender], services: Services, pair: str) -> Edge:
    """An edge with empty memory."""
    if not pair:
        raise ValueError("the webhook function does not know its pair: set MLC_PAIR")
    return Edge(
        pair=pair,
        senders=senders,
        services=services,
        systems=Cache(lambda name: _systems(services, pair, name), services.clock, CONNECTION_KEPT),
        documents=Cache(lambda name: documents_of(services.secrets.read(name)), services.clock, SECRET_KEPT),
        quarantine=Quarantine(services),
    )


def receive(edge: Edge, event: Any) -> dict[str, Any]:
    """Answers one API Gateway event. Never raises for what the event holds."""
    correlation = secrets.token_hex(8)
    log = edge.services.log.bind(pair=edge.pair, correlation=correlation)
    try:
        found = _find(edge, event)
        if not isinstance(found, Answer):
            log = log.bind(connection=found.connection, sender=found.sender.name)
            if found.delivery is not None and found.delivery.token == ENDPOINT and found.sender.issue is not None:
                return _granted(log, _issue(edge, found.connection, found.sender, found.sender.issue, found.delivery))
            found = _accept(edge, found, correlation)
        answer = found
    except Exception as error:  # noqa: BLE001 - whatever the cloud raises, the sender must hear 503 and a person the cause
        answer = Answer(503, _cause(error))
    return _report(log, answer)


def _find(edge: Edge, event: Any) -> Called | Answer:
    """The existing connection that is called. Cheap checks first: a stranger costs at most one read."""
    route = route_of(event, edge.pair)
    sender = edge.senders.get(route.sender) if route is not None else None
    if route is None or sender is None:
        return NOT_FOUND
    body = body_of(event)
    if body is not None and len(body) > LARGEST_BODY:
        return Answer(413, f"more than {LARGEST_BODY} bytes")
    if sender.name not in (edge.systems.get(route.connection) or ()):
        return NOT_FOUND
    if body is None:
        return Called(route.connection, sender, None)
    return Called(route.connection, sender, delivery_of(event, route, body))


def _accept(edge: Edge, called: Called, correlation: str) -> Answer:
    now = edge.services.clock()
    if called.delivery is None:
        return Answer(400, "the body is no base64 or no text")
    verdict = _verify(edge, called, called.delivery)
    if verdict.ruling is not Ruling.PROVEN:
        return _refuse(edge, called, called.delivery, verdict, correlation)
    event = event_of(edge.pair, called.connection, called.sender, called.delivery, now, correlation)
    if event is None:
        return Answer(400, "proven, but not a JSON object in UTF-8")
    return Answer(200, verdict.why, store(edge.services, event), event.identity.topic)


def _verify(edge: Edge, called: Called, delivery: Delivery) -> Verdict:
    """Judges by the secret in memory; when that does not prove it, once a minute by the secret as it is now."""
    if delivery.doubled.intersection(called.sender.headers):
        return Verdict(Ruling.INVALID, "a header that counts came more than once")
    name = f"{called.connection}/{called.sender.secret_name}"
    now = edge.services.clock()
    verdict = called.sender.verify(delivery, edge.documents.get(name) or (), now)
    if verdict.ruling in (Ruling.UNPROVEN, Ruling.MISCONFIGURED):
        newer = edge.documents.again(name)
        if newer is not None:
            verdict = called.sender.verify(delivery, newer, now)
    if verdict.why and verdict.ruling in (Ruling.PROVEN, Ruling.MISCONFIGURED):
        return Verdict(verdict.ruling, f"secret {name}: {verdict.why}; correct it with `ml-connector secrets set`")
    return verdict


def _issue(edge: Edge, connection: str, sender: Sender, issue: Issue, delivery: Delivery) -> Grant:
    """Judges by the secret in memory; when that gives no token, once a minute by the secret as it is now."""
    name = f"{connection}/{sender.secret_name}"
    now = edge.services.clock()
    grant = issue(delivery, edge.documents.get(name) or (), now)
    if grant.status in (401, 404, 503):
        newer = edge.documents.again(name)
        if newer is not None:
            grant = issue(delivery, newer, now)
    return grant


def _granted(log: Log, grant: Grant) -> dict[str, Any]:
    if grant.status == 404:
        return _report(log, NOT_FOUND)
    _level(log, Answer(grant.status, grant.why))("token endpoint", status=grant.status, reason=grant.why)
    if grant.status in (400, 401, 413):
        log.metric("WebhookRejected", 1)
    answer = _answer(grant.status, grant.said or {"error": grant.error or _WORDS[grant.status]})
    answer["headers"] |= {"Cache-Control": "no-store", "Pragma": "no-cache"}
    if grant.status == 401:
        answer["headers"]["WWW-Authenticate"] = 'Basic realm="webhooks"'
    return answer


def _refuse(edge: Edge, called: Called, delivery: Delivery, verdict: Verdict, correlation: str) -> Answer:
    status = 503 if verdict.ruling is Ruling.MISCONFIGURED else 401
    if verdict.ruling is Ruling.INVALID:
        return Answer(status, verdict.why)
    kept = edge.quarantine.keep(called.connection, called.sender.name, delivery, verdict.why, correlation)
    return Answer(status, verdict.why, quarantined=kept)


def _report(log: Log, answer: Answer) -> dict[str, Any]:
    _level(log, answer)(
        "webhook", status=answer.status, reason=answer.reason, message_id=answer.message_id or None,
        topic=answer.topic or None, quarantined=answer.quarantined,
    )
    if answer.status in _METRICS:
        log.metric(_METRICS[answer.status], 1)
    said = {"message_id": answer.message_id} if answer.status == 200 else {"error": _WORDS[answer.status]}
    return _answer(answer.status, said)


def _answer(status: int, said: Mapping[str, Any]) -> dict[str, Any]:
    headers = {"Content-Type": "application/json"}
    if status == 503:
        headers["Retry-After"] = str(RETRY_AFTER)
    return {"statusCode": status, "headers": headers, "body": json.dumps(said), "isBase64Encoded": False}


def _level(log: Log, answer: Answer) -> Callable[..., None]:
    if answer.status == 503:
        return log.error
    # A stranger's 404 is nobody's concern; a 200 with a reason says that part of the secret is broken.
    quiet = answer.status == 404 or (answer.status == 200 and not answer.reason)
    return log.info if quiet else log.warning


def _systems(services: Services, pair: str, connection: str) -> frozenset[str] | None:
    """The systems of a connection of this pair, paused or not; None when there is no such connection."""
    item = services.tables.get("connections", connection, "document")
    if item is None or item.get("pair") != pair:
        return None
    return frozenset(json.loads(str(item["data"]))["systems"])


def _cause(error: Exception) -> str:
    """What an operator needs. Texts of foreign exceptions may quote data, so only those that cannot are shown."""
    if isinstance(error, QueueRefused | NotStored) or type(error).__module__.startswith("botocore"):
        return str(error)
    place = error.__traceback__
    while place is not None and place.tb_next is not None:
        place = place.tb_next
    where = f" at {place.tb_frame.f_code.co_name}:{place.tb_lineno}" if place is not None else ""
    return f"{type(error).__name__}{where}"


def _services(environment: Environment) -> Services:
    # What botocore allocates on import stays: collecting meanwhile costs 3 % of the cold start and finds nothing.
    gc.disable()
    try:
        from connector.aws import EDGE, services_from

        return services_from(environment, patience=EDGE, warm=("sqs",))
    finally:
        gc.enable()
