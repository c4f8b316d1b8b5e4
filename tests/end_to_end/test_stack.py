"""The deployed stack: webhooks of every kind over HTTP, the claim check through the bucket, the schedule."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest

from local.demo.internet import post
from local.demo.opening import PUSH_HEADER, PUSH_SECRET
from local.simulators.acumatica.seed import line, order

if TYPE_CHECKING:
    from local.demo.place import Place, Vendors

pytestmark = [pytest.mark.cloud, pytest.mark.slow]

TRANSACTION = "8e0761d9-f4ec-2d4b-a60f-bce2708c6fd"


def until(happened: Callable[[], Any], patience: float = 60.0) -> Any:
    """Waits for something and answers it; the last answer when it never comes."""
    deadline = time.monotonic() + patience
    while not (found := happened()) and time.monotonic() < deadline:
        time.sleep(0.5)
    return found


def events(place: Place, sender: str) -> list[dict[str, Any]]:
    """The raw events of a sender that the workers have taken."""
    table = place.stack.resources["EventsTable"]
    found = place.cloud.client("dynamodb").query(
        TableName=table,
        KeyConditionExpression="pk = :pk",
        ExpressionAttributeValues={":pk": {"S": f"sample/{sender}"}},
    )
    items: list[dict[str, Any]] = found["Items"]
    return items


def push(place: Place, number: str, body: dict[str, Any], secret: str = PUSH_SECRET, connection: str = "sample") -> int:
    """Posts a push notification; `number` is the last digit of its transaction."""
    document = {"Query": "MLC Sales Orders", "Id": TRANSACTION + number, "Deleted": [], **body}
    url = f"{place.stack.api_url}/acumatica_shipbob/{connection}/acumatica"
    return post(url, {PUSH_HEADER: secret, "Content-Type": "application/json"}, json.dumps(document).encode())


def test_an_order_that_is_pushed_arrives_at_shipbob_without_a_tick(place: Place, both: Vendors) -> None:
    number = both.acumatica.command("sales_order", order("QUILL", line("0041", 2)))["key"]
    row = {"OrderType": "SO".ljust(15), "OrderNbr": str(number).ljust(15), "Status": "Open".ljust(15)}
    assert push(place, "1", {"Inserted": [row]}) == 200
    assert until(lambda: both.shipbob.holdings()["orders"])
    assert push(place, "1", {"Inserted": [row]}) == 200  # the same again
    assert len(both.shipbob.holdings()["orders"]) == 1


def test_what_is_not_proven_moves_nothing(place: Place) -> None:
    before = len(events(place, "acumatica"))
    assert push(place, "2", {"Inserted": []}, secret="f" * 64) == 401
    assert push(place, "2", {"Inserted": []}, connection="nobody") == 404
    url = f"{place.stack.api_url}/acumatica_shipbob/sample/acumatica"
    assert post(url, {PUSH_HEADER: PUSH_SECRET}, b"\xff\xfe not json") == 400
    assert post(url, {PUSH_HEADER: PUSH_SECRET}, b"[" + b"1," * 600_000 + b"1]") == 413
    quarantined = place.cloud.client("dynamodb").query(
        TableName=place.stack.resources["EventsTable"],
        KeyConditionExpression="pk = :pk",
        ExpressionAttributeValues={":pk": {"S": "quarantine/sample/acumatica"}},
    )["Items"]
    assert quarantined
    time.sleep(2)
    assert len(events(place, "acumatica")) == before


def test_a_large_notification_goes_through_the_bucket(place: Place, both: Vendors) -> None:
    number = both.acumatica.command("sales_order", order("QUILL", line("0041", 1)))["key"]
    filler = [{"OrderType": "QT", "OrderNbr": f"QT{count:06d}", "Status": "x" * 200} for count in range(2500)]
    row = {"OrderType": "SO", "OrderNbr": number, "Status": "Open"}
    assert push(place, "3", {"Inserted": [*filler, row]}) == 200
    wanted = f"ACU-SO-{number}"
    assert until(lambda: wanted in {it["reference_id"] for it in both.shipbob.holdings()["orders"].values()})


def test_the_schedule_ticks_the_poller_by_itself(place: Place, both: Vendors) -> None:
    number = both.acumatica.command("sales_order", order("YARD", line("KIT-DESK", 1)))["key"]
    began = datetime.now(UTC)
    wanted = f"ACU-SO-{number}"
    found = until(lambda: wanted in {it["reference_id"] for it in both.shipbob.holdings()["orders"].values()}, 90)
    # Nobody ticks here, and Acumatica's own notifications are not delivered: it is the schedule or nothing.
    assert found, f"nothing came between {began} and {datetime.now(UTC)}"
