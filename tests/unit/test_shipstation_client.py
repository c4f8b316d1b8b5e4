"""ShipStation's client: faults, pages, notices, shapes, keys, what is sent and what is refused before it is."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from connector.faults import Executed, FaultKind, VendorFault
from connector.transport import Reply, Request
from tests.support.world import World
from vendors.answers import wire_json
from vendors.shipstation.calls import query_text
from vendors.shipstation.faults import classify, describe
from vendors.shipstation.labels import Labels
from vendors.shipstation.limits import remaining, retry_at
from vendors.shipstation.notices import parse_notice
from vendors.shipstation.open import open_labels, open_shipstation
from vendors.shipstation.settings import ShipStationSystem
from vendors.shipstation.shapes import (
    form_of,
    inline_content,
    label_id_of,
    parse_order,
    parse_results,
    parse_shipment,
    parse_subscribed,
    parse_webhooks,
    shipment_id_of,
)

NOW = datetime(2026, 3, 2, 14, 0, tzinfo=UTC)
WRITE = Request("POST", "https://ssapi.shipstation.com/orders/createorder", "save order", write=True)
READ = Request("GET", "https://ssapi.shipstation.com/orders", "list orders")


def reply(status: int, body: Any = b"", **headers: str) -> Reply:
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    return Reply(status, {name.replace("_", "-"): value for name, value in headers.items()}, content)


# ---- faults -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("status", "body", "kind", "executed"),
    [
        (400, {"Message": "The request is invalid.", "ModelState": {"apiOrder.x": ["bad\r\nvalue"]}},
         FaultKind.INVALID, Executed.NO),
        (400, {"message": "Invalid serviceCode"}, FaultKind.INVALID, Executed.NO),
        (401, b"", FaultKind.EXPIRED, Executed.NO),
        (403, {"message": "no"}, FaultKind.FORBIDDEN, Executed.NO),
        (400, {"errors": [{"error_code": "invalid_billing_plan", "message": "no"}]}, FaultKind.FORBIDDEN, Executed.NO),
        (404, b"", FaultKind.NOT_FOUND, Executed.NO),
        (405, b"", FaultKind.CONFIGURATION, Executed.NO),
        (409, b"", FaultKind.DUPLICATE, Executed.NO),
        (429, {"message": "Too Many Requests"}, FaultKind.THROTTLED, Executed.NO),
        (503, {"message": "Too Many Requests"}, FaultKind.THROTTLED, Executed.NO),
        (200, {"message": "Too Many Requests"}, FaultKind.THROTTLED, Executed.NO),
        (500, {"Message": "An error has occurred.", "ExceptionMessage": "x", "StackTrace": "at SS.Foo"},
         FaultKind.UNAVAILABLE, Executed.MAYBE),
        (502, b"<html><body>Bad Gateway</body></html>", FaultKind.UNAVAILABLE, Executed.MAYBE),
        (302, b"", FaultKind.CONFIGURATION, Executed.NO),
    ],
)  # fmt: skip
def test_the_table(status: int, body: Any, kind: FaultKind, executed: Executed) -> None:
    fault = classify(WRITE, reply(status, body), NOW)
    assert fault is not None
    assert (fault.kind, fault.executed) == (kind, executed)
    read = classify(READ, reply(status, body), NOW)
    assert read is not None
    assert read.executed is Executed.NO
    assert "StackTrace" not in str(fault)
    assert "SS.Foo" not in str(fault)


def test_good_answers_are_no_faults() -> None:
    assert classify(READ, reply(200, {"orders": []}), NOW) is None
    assert classify(WRITE, reply(201, {"orderId": 1}), NOW) is None
    assert classify(WRITE, reply(200, b""), NOW) is None


def test_words_hold_no_personal_values() -> None:
    state = {"apiOrder.customerEmail": ['Error converting value "Jane" for a@b.example']}
    text = describe(reply(400, {"Message": "bad", "ModelState": state}))
    assert "a@b.example" not in text
    assert "Jane" not in text
    assert "apiOrder.customerEmail" in text


@given(st.integers(100, 599), st.binary(max_size=200))
def test_any_answer_has_a_verdict(status: int, body: bytes) -> None:
    fault = classify(WRITE, reply(status, body), NOW)
    assert fault is not None or 200 <= status < 300


def test_the_reset_is_seconds_and_a_missing_one_is_a_whole_window() -> None:
    assert retry_at(reply(429, x_rate_limit_reset="17"), NOW) == NOW + timedelta(seconds=17)
    assert retry_at(reply(429, retry_after="5"), NOW) == NOW + timedelta(seconds=5)
    assert retry_at(reply(429, x_rate_limit_reset="soon"), NOW) == NOW + timedelta(seconds=60)
    assert retry_at(reply(429, x_rate_limit_reset="99999"), NOW) <= NOW + timedelta(minutes=10)
    read = remaining(lambda: NOW)
    assert read(reply(200, x_rate_limit_remaining="3", x_rate_limit_reset="9")) == (3, NOW + timedelta(seconds=9))
    assert read(reply(200, x_rate_limit_remaining="-1")) == (None, None)


# ---- notices ------------------------------------------------------------------------------------------------


def test_the_shared_vectors_of_addresses(shared: Path) -> None:
    vectors = json.loads((shared / "specs" / "shipstation" / "vectors" / "resource-url-v1.json").read_text())
    for case in vectors["accept"]:
        notice = parse_notice(case)
        assert f"/{notice.resource}" == case["rebuilt_path"]
        assert notice.batch in case["rebuilt_query"].values()
    for case in vectors["reject"]:
        kind = case.get("resource_type", "SHIP_NOTIFY")
        with pytest.raises(ValueError, match="resource_url"):
            parse_notice({"resource_type": kind, "resource_url": case["resource_url"]})


@pytest.mark.parametrize(
    "url",
    [
        "https://ssapi.shipstation.com:8443/shipments?batchId=1",
        "https://ssapi.shipstation.com:x/shipments?batchId=1",
        "https://ssapi.shipstation.com/shipments?batchId=1&batchId=2",
        "https://ssapi.shipstation.com/shipments?batchId=1&BATCHID=2",
        "https://ssapi.shipstation.com/shipments?batchId=1&pageSize=500",
        "https://ssapi.shipstation.com/shipments?batchId=../x",
        "https://ssapi.shipstation.com/orders?importBatch=1",
        "https://xssapi.shipstation.com/shipments?batchId=1",
        "http://127.0.0.1:7005/shipments?batchId=1",
    ],
)
def test_addresses_that_must_not_be_believed(url: str) -> None:
    with pytest.raises(ValueError, match="resource_url"):
        parse_notice({"resource_type": "SHIP_NOTIFY", "resource_url": url})


def test_our_own_loopback_address_is_accepted_where_it_is_configured() -> None:
    url = "http://127.0.0.1:7005/shipments?batchId=1"
    assert parse_notice({"resource_type": "SHIP_NOTIFY", "resource_url": url}, "http://127.0.0.1:7005").batch == "1"
    with pytest.raises(ValueError, match="not https"):
        parse_notice({"resource_type": "SHIP_NOTIFY", "resource_url": url}, "https://ssapi.shipstation.com")


@given(st.text(max_size=300), st.text(max_size=30))
def test_any_notice_is_read_or_refused(url: str, kind: str) -> None:
    for shown in (kind, "SHIP_NOTIFY"):
        with pytest.raises(ValueError):  # noqa: PT011 - of any words: no text of a stranger is a notice
            parse_notice({"resource_type": shown, "resource_url": url})


# ---- what is sent -------------------------------------------------------------------------------------------


def test_a_parameter_is_never_given_twice() -> None:
    assert query_text([("includeShipmentItems", True), ("createDateStart", "2026-03-02 06:00:00")]) == (
        "includeShipmentItems=true&createDateStart=2026-03-02%2006%3A00%3A00"
    )
    with pytest.raises(ValueError, match="twice"):
        query_text([("includeShipmentItems", True), ("includeshipmentitems", False)])


def test_numbers_travel_exactly_or_not_at_all() -> None:
    assert wire_json({"a": Decimal("12.5"), "b": Decimal(3)}) == b'{"a":12.5,"b":3}'
    with pytest.raises(ValueError, match="more digits"):
        wire_json({"a": Decimal("0.1234567890123456789")})


class Script:
    """A wire that answers what a test says."""

    def __init__(self, answer: Callable[[Request], Reply]) -> None:
        self.answer, self.asked = answer, []  # type: ignore[var-annotated]

    def exchange(self, request: Request) -> Reply:
        self.asked.append(request)
        return self.answer(request)


def system(**changes: Any) -> ShipStationSystem:
    return ShipStationSystem.model_validate({"store_id": 1, "per_minute": 6000, **changes})


def client(answer: Callable[[Request], Reply], **changes: Any) -> tuple[Any, Script]:
    world, script = World(), Script(answer)
    world.secrets.write("demo/shipstation", json.dumps({"api_key": "ShipStation", "api_secret": "Rocks"}))
    made = open_shipstation(world.services, "demo", system(**changes), lane="live", holder="t", wire=script)
    return made, script


def test_the_published_example_of_basic_auth() -> None:
    made, script = client(lambda request: reply(200, []))
    made.stores()
    assert script.asked[0].headers["Authorization"] == "Basic U2hpcFN0YXRpb246Um9ja3M="
    assert script.asked[0].url == "https://ssapi.shipstation.com/stores?showInactive=false"


def test_a_key_too_long_or_missing_never_leaves() -> None:
    made, script = client(lambda request: reply(200, {}))
    for key in ("", "x" * 51):
        with pytest.raises(ValueError, match="order key"):
            made.save_order({"orderKey": key})
        with pytest.raises(ValueError, match="order key"):
            made.create_orders([{"orderKey": key}])
    with pytest.raises(ValueError, match="101 orders"):
        made.create_orders([{"orderKey": "a"}] * 101)
    assert script.asked == []


# ---- pages --------------------------------------------------------------------------------------------------


def listing(rows: list[dict[str, Any]], bad: set[int] = frozenset(), total: int | None = None) -> Any:  # type: ignore[assignment]
    """A list endpoint that answers 500 for a page with a bad row in it."""

    def answer(request: Request) -> Reply:
        query = dict(part.split("=") for part in request.url.partition("?")[2].split("&"))
        page, size = int(query["page"]), int(query["pageSize"])
        shown = rows[(page - 1) * size : page * size]
        if any(row["customerId"] in bad for row in shown):
            return reply(500, {"ExceptionMessage": "boom"})
        stated = len(rows) if total is None else total
        return reply(200, {"customers": shown, "total": stated, "pages": 0, "page": page})

    return answer


def numbered(count: int) -> list[dict[str, Any]]:
    return [{"customerId": number} for number in range(1, count + 1)]


@pytest.mark.parametrize("count", [0, 1, 499, 500, 501, 1203])
def test_a_list_is_read_to_its_end_although_pages_says_nothing(count: int) -> None:
    made, _ = client(listing(numbered(count)))
    assert [row.customer_id for row in made.customers()] == list(range(1, count + 1))


def test_a_record_that_the_server_chokes_on_costs_itself_alone() -> None:
    made, _ = client(listing(numbered(620), bad={77}))
    assert [row.customer_id for row in made.customers()] == [n for n in range(1, 621) if n != 77]


def test_an_outage_is_not_taken_for_bad_records() -> None:
    made, script = client(lambda request: reply(500, {"ExceptionMessage": "boom"}))
    with pytest.raises(VendorFault) as raised:
        list(made.customers())
    assert raised.value.kind is FaultKind.UNAVAILABLE
    assert len(script.asked) < 12


def test_a_list_that_is_shorter_than_it_says_moves_nothing() -> None:
    made, _ = client(listing(numbered(3), total=5))
    with pytest.raises(VendorFault, match="3 rows of 5"):
        list(made.customers())


def test_orders_that_are_there_are_found_with_one_call_where_numbers_begin_alike() -> None:
    rows = [
        {"orderId": n, "orderKey": f"ACU-SO-SO{n:06d}", "orderNumber": f"SO{n:06d}", "orderStatus": "shipped", "items":
         None} for n in range(5400, 5450)
    ]  # fmt: skip

    def answer(request: Request) -> Reply:
        query = dict(part.split("=") for part in request.url.partition("?")[2].split("&"))
        found = [row for row in rows if str(row["orderNumber"]).startswith(query["orderNumber"])]
        return reply(200, {"orders": found, "total": len(found), "page": 1, "pages": 0})

    made, script = client(answer)
    wanted = {f"ACU-SO-SO{n:06d}": f"SO{n:06d}" for n in range(5440, 5460)}
    assert sorted(made.present(wanted, None)) == [f"ACU-SO-SO{n:06d}" for n in range(5440, 5450)]
    assert len(script.asked) == 1


def test_too_many_orders_of_one_beginning_are_asked_for_in_parts() -> None:
    def answer(request: Request) -> Reply:
        query = dict(part.split("=") for part in request.url.partition("?")[2].split("&"))
        total = 50_000 if len(query["orderNumber"]) < 6 else 0
        return reply(200, {"orders": [], "total": total, "page": 1, "pages": 0})

    made, script = client(answer)
    wanted = {f"k{n}": f"SO{n:06d}" for n in (10, 11, 900_000, 900_001)}
    assert made.present(wanted, None) == {}
    assert len(script.asked) == 3


# ---- shapes -------------------------------------------------------------------------------------------------


def sample(shared: Path, name: str) -> Any:
    return json.loads((shared / "specs" / "shipstation" / "samples" / name).read_text(), parse_float=Decimal)


def test_the_vendors_own_examples_are_read(shared: Path) -> None:
    order = parse_order(sample(shared, "v1/createorder_200.json"))
    assert (order.order_id, order.status, order.is_open) == (140335319, "awaiting_shipment", True)
    assert [item.quantity for item in order.items] == [2, 1] or len(order.items) == 2
    shipment = parse_shipment(sample(shared, "v1/list_shipments_200.json")["shipments"][0])
    assert shipment.shipment_id
    assert len(parse_results(sample(shared, "v1/createorders_200.json"))) == 2
    assert len(parse_webhooks(sample(shared, "v1/list_webhooks_200.json"))) == 2
    assert parse_subscribed(sample(shared, "v1/subscribe_webhook_200_id_shape.json")) == 123456
    assert parse_subscribed(sample(shared, "v1/subscribe_webhook_200_record_shape.json")) == 123456


def test_items_that_are_not_told_are_not_none_shipped() -> None:
    row = {"shipmentId": 1, "shipmentItems": None}
    assert parse_shipment(row).items is None
    assert parse_shipment({**row, "shipmentItems": []}).items == ()


def test_a_status_that_nobody_knows_counts_as_locked() -> None:
    order = {"orderId": 1, "orderKey": "k", "orderStatus": "rejected_fulfillment", "items": None}
    assert not parse_order(order).is_open
    with pytest.raises(ValueError, match="no orderStatus"):
        parse_order({"orderId": 1, "orderKey": "k"})


def test_ids_of_both_versions() -> None:
    assert label_id_of(33974373) == "se-33974373"
    assert shipment_id_of("se-33974373") == 33974373
    with pytest.raises(ValueError, match="no id"):
        shipment_id_of("33974373")


def test_files_are_known_by_their_bytes() -> None:
    assert [form_of(content) for content in (b"%PDF-1.4", b"\n^XA^XZ", b"\x89PNG\r\n", b"<html>")] == [
        "pdf", "zpl", "png", None,
    ]  # fmt: skip
    assert inline_content("data:application/pdf;base64,JVBERg==") == b"%PDF"
    assert inline_content("https://x") is None
    with pytest.raises(ValueError, match="base64"):
        inline_content("data:application/pdf,%PDF")


# ---- V2 -----------------------------------------------------------------------------------------------------


def labels(answer: Callable[[Request], Reply]) -> tuple[Labels, Script]:
    world, script = World(), Script(answer)
    world.secrets.write("demo/shipstation_v2", json.dumps({"api_key": "v2"}))
    return open_labels(world.services, "demo", system(), lane="live", holder="t", wire=script), script


@pytest.mark.parametrize(
    "link", ["https://evil.example/v2/downloads/1/a.pdf", "http://api.shipstation.com/v2/downloads/1/a.pdf",
             "https://api.shipstation.com/v2/downloads/../labels", "https://api.shipstation.com/v2/labels/se-1"],
)  # fmt: skip
def test_the_key_never_goes_where_an_answer_points(link: str) -> None:
    body = {"label_id": "se-1", "status": "completed", "label_download": {"pdf": link}}
    made, script = labels(lambda request: reply(200, body))
    label = made.label(1)
    assert label is not None
    with pytest.raises(VendorFault, match="another address"):
        made.file(label, "pdf")
    assert len(script.asked) == 1


def test_an_empty_404_is_no_label() -> None:
    made, script = labels(lambda request: reply(404))
    assert made.label(7) is None
    assert script.asked[0].url == "https://api.shipstation.com/v2/labels/se-7?label_download_type=url"
    assert script.asked[0].headers["API-Key"] == "v2"


# ---- settings -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "change", [{"base_url": "http://ssapi.shipstation.com"}, {"base_url": "https://u:p@ssapi.shipstation.com"},
               {"base_url": "ssapi"}, {"store_id": 0}, {"timeout_seconds": 5}, {"per_minute": 1}, {"other": 1}],
)  # fmt: skip
def test_settings_that_cannot_work_are_refused(change: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        system(**change)
