"""Products and variants, inventory levels, history and locations (sections 11 to 13), cursor pages (section 7)."""

from __future__ import annotations

from typing import Any
from urllib.parse import unquote

import pytest

from local.simulators.shipbob import PAT_CHANNEL
from tests.simulators.shipbob_bench import Bench, a_product, an_order, document

LINE = an_order()["products"][0]


def product_with(**changes: Any) -> dict[str, Any]:
    return {**a_product(), **changes}


REFUSED: dict[str, Any] = {
    "no name": {"variants": a_product()["variants"]},
    "empty name": product_with(name=""),
    "no variants": {"name": "x", "variants": []},
    "variants missing": {"name": "x"},
    "variant without sku": product_with(variants=[{"name": "x"}]),
    "empty sku": a_product(""),
    "weight as object": a_product(weight={"weight": 12, "unit": "oz"}),
    "weight as text": a_product(weight="12"),
    "negative weight": a_product(weight=-1),
    "dimension with unit": a_product(dimension={"length": 1, "width": 1, "height": 1, "unit": "inch"}),
    "negative side": a_product(dimension={"length": -1}),
    "unknown type": product_with(type_id=3),
    "unknown status": a_product(status_id=2),
    "status in words": a_product(status="Active"),
    "barcode as text": a_product(barcode="123"),
    "barcodes as texts": a_product(barcodes=["123"]),
    "customs value fraction": a_product(customs={"value": 1.5}),
    "packaging requirement": a_product(packaging_requirement_id=10),
    "packaging material": a_product(packaging_material_type_id=4),
    "return action": a_product(return_preferences={"primary_action_id": 4}),
    "bundle parts on a regular product": a_product(bundle_definition=[{"variant_id": 1, "quantity": 1}]),
    "bundle without parts": product_with(type_id=2),
    "bundle of unknown parts": {**a_product(bundle_definition=[{"variant_id": 1, "quantity": 1}]), "type_id": 2},
    "sku twice in one request": product_with(variants=a_product()["variants"] * 2),
    "sku that exists": a_product("TSHIRT-BLU-M"),
    "retired flat form": {"reference_id": "A", "sku": "A", "name": "x", "barcode": "1"},
    "unknown member": a_product(length=4),
}


@pytest.mark.parametrize("case", REFUSED)
def test_a_wrong_product_is_refused_and_leaves_nothing(case: str) -> None:
    bench = Bench()
    before = bench.simulator.holdings()["products"]
    reply = bench.call("POST", "/product", REFUSED[case])
    assert reply.status in (400, 422), case
    assert bench.simulator.holdings()["products"] == before


def test_errors_are_validation_problems_with_paths() -> None:
    reply = Bench().call("POST", "/product", a_product(weight=-1))
    assert (reply.status, list(document(reply)["errors"])) == (400, ["Variants[0].Weight"])


@pytest.mark.parametrize("status", [422, 400])
def test_the_status_of_a_duplicate_sku_is_a_switch(status: int) -> None:
    reply = Bench(duplicate_sku_status=status).call("POST", "/product", a_product("TSHIRT-BLU-M"))
    assert reply.status == status
    assert "Cannot insert duplicate sku: TSHIRT-BLU-M" in reply.body.decode()


def test_the_sku_lives_on_the_variant_and_the_read_form_has_units() -> None:
    bench = Bench()
    reply = bench.call("POST", "/product", a_product(barcodes=[{"value": "0012345678905"}], status_id=0))
    assert reply.status == 201
    made = document(reply)
    variant = bench.get(f"/product/{made['id']}")["variants"][0]
    assert variant["sku"] == "MUG-RED"
    assert variant["weight"] == {"weight": 12.5, "unit": "oz"}
    assert variant["dimension"] | {"source": ""} == {
        "length": 4,
        "width": 4,
        "height": 5.5,
        "unit": "inch",
        "is_locked": False,
        "source": "",
    }
    assert variant["barcodes"] == [{"value": "0012345678905", "sticker_url": None}]
    assert (variant["status"], variant["inventory"]["on_hand_qty"]) == ("Active", 0)
    assert variant["inventory"]["inventory_id"] > 0


def test_patch_changes_only_what_is_given_by_variant_id() -> None:
    bench = Bench()
    made = document(bench.call("POST", "/product", a_product()))
    number, variant = made["id"], made["variants"][0]["id"]
    assert bench.call("PATCH", f"/product/{number}", {"variants": [{"weight": 13}]}).status == 400, (
        "a variant needs its id"
    )
    assert bench.call("PATCH", f"/product/{number}", {"variants": [{"id": 1, "weight": 13}]}).status == 400
    assert bench.call("PATCH", f"/product/{number}", {"type_id": 2}).status == 400
    assert bench.call("PATCH", "/product/1", {"name": "x"}).status == 404
    assert (
        bench.call("PATCH", f"/product/{number}", {"variants": [{"id": variant, "sku": "TSHIRT-BLU-L"}]}).status == 422
    )
    reply = bench.call("PATCH", f"/product/{number}", {"variants": [{"id": variant, "weight": 13, "status_id": 1}]})
    changed = document(reply)["variants"][0]
    assert (reply.status, changed["weight"]["weight"], changed["status"], changed["name"]) == (
        200,
        13,
        "Inactive",
        "Mug",
    )


def test_a_locked_dimension_stays_and_the_strict_option_says_so() -> None:
    bench = Bench()
    locked = bench.command("seed_product", sku="BOX", is_locked=True, dimension={"length": 1, "width": 2, "height": 3})
    path = f"/product/{locked['product_id']}"
    body = {"variants": [{"id": locked["variant_id"], "dimension": {"length": 9, "width": 2, "height": 3}}]}
    reply = bench.call("PATCH", path, body)
    assert (reply.status, "locked" in reply.body.decode(), "locked" in bench.simulator.strict_violations[0]) == (
        400,
        True,
        True,
    )
    bench.command("set", strict=False)
    assert bench.call("PATCH", path, body).status == 200
    dimension = bench.get(path)["variants"][0]["dimension"]
    assert (dimension["length"], dimension["is_locked"]) == (1, True)


def test_variants_are_added_and_changed_as_arrays() -> None:
    bench = Bench()
    number = document(bench.call("POST", "/product", a_product()))["id"]
    path = f"/product/{number}/variants"
    assert bench.call("POST", path, {"sku": "MUG-BLUE"}).status == 400, "an object is no array"
    assert bench.call("POST", path, [{"sku": "TSHIRT-BLU-M"}]).status == 422
    added = bench.call("POST", path, [{"sku": "MUG-BLUE", "name": "Blue"}])
    assert (added.status, len(document(added)["variants"])) == (201, 2)
    variant = document(added)["variants"][1]["id"]
    assert bench.call("PATCH", path, {"id": variant, "status": 2}).status == 400
    assert bench.call("PATCH", path, [{"id": variant, "status_id": 1}]).status == 400, "this call says status"
    assert document(bench.call("PATCH", path, [{"id": variant, "status": 2}]))[1]["status"] == "Inactive"
    assert [each["sku"] for each in bench.get(path)] == ["MUG-RED", "MUG-BLUE"]


def test_an_order_for_an_inactive_sku_is_an_exception() -> None:
    bench = Bench()
    body = {"variants": [{"id": bench.shirt["variant_id"], "status_id": 1}]}
    assert bench.call("PATCH", f"/product/{bench.shirt['product_id']}", body).status == 200
    number = bench.order()["id"]
    assert bench.get(f"/order/{number}/shipment")[0]["status_details"][0]["name"] == "InactiveSku"


def test_only_bundles_can_be_deleted_and_they_have_no_stock() -> None:
    bench = Bench()
    body = {
        **a_product("KIT", bundle_definition=[{"variant_id": bench.shirt["variant_id"], "quantity": 2}]),
        "type_id": 2,
    }
    kit = document(bench.call("POST", "/product", body))
    assert kit["variants"][0]["inventory"] == {"inventory_id": None, "on_hand_qty": 0}
    assert bench.call("DELETE", f"/product/{bench.shirt['product_id']}").status == 400
    assert bench.call("DELETE", f"/product/{kit['id']}").status == 200
    assert bench.call("GET", f"/product/{kit['id']}").status == 404


def test_sku_filters_are_loose_and_any_takes_a_list() -> None:
    bench = Bench()
    bench.command("seed_product", sku="0041", name="Insert Card - A")

    def skus(query: str) -> list[str]:
        return [
            variant["sku"] for product in bench.get("/product", query=query)["items"] for variant in product["variants"]
        ]

    assert skus("SKU=tshirt-blu") == ["TSHIRT-BLU-M", "TSHIRT-BLU-L"], "part of the text, any letter case"
    assert skus("SKU=any:TSHIRT-BLU-L,0041") == ["TSHIRT-BLU-L", "0041"]
    assert skus("SKU=NO-SUCH") == []
    assert skus(f"InventoryId={bench.shirt['inventory_id']}") == ["TSHIRT-BLU-M"]
    assert skus(f"Search={bench.shirt['inventory_id']}") == ["TSHIRT-BLU-M"]
    assert skus("Name=card") == ["0041"]
    assert skus(f"ChannelIds={PAT_CHANNEL}&VariantStatus=Inactive") == []
    assert skus("LastUpdatedTimestamp=2026-03-02T15:04:11Z") == []


@pytest.mark.parametrize(
    "query", ["Sku=X", "sku=X", "PageSize=0", "PageSize=251", "SortBy=Sku", "Page=1", "LastUpdatedTimestamp=2026-03-02"]
)
def test_wrong_product_filters_are_refused(query: str) -> None:
    assert Bench().call("GET", "/product", query=query).status == 400


def seeded(count: int, **switches: Any) -> Bench:
    bench = Bench(**switches)
    for index in range(count - 2):
        bench.command("seed_product", sku=f"P-{index:03d}")
    return bench


def test_pages_are_short_and_next_is_a_path_of_other_letter_case() -> None:
    bench = seeded(120)
    page = bench.get("/product", query="PageSize=250")
    assert len(page["items"]) == 50, "fewer rows than asked although more follow"
    assert page["next"].startswith("/Product?cursor=")
    assert bench.call("GET", page["next"], version="").status == 404, "the path as it stands leads nowhere"
    seen, cursor = len(page["items"]), page["next"].split("cursor=")[1]
    while cursor:
        page = bench.get("/product", query=f"PageSize=250&cursor={cursor}")
        seen += len(page["items"])
        cursor = page["next"].split("cursor=")[1] if page["next"] else ""
    assert seen == 120


def test_a_cursor_is_encoded_once_and_must_be_sent_encoded_once() -> None:
    bench = seeded(60)
    encoded = bench.get("/product")["next"].split("cursor=")[1]
    assert unquote(encoded) != encoded, "the example holds characters that are escaped"
    assert len(bench.get("/product", query=f"cursor={encoded}")["items"]) == 10
    assert bench.call("GET", "/product", query=f"cursor={encoded.replace('%', '%25')}").status == 400


def test_the_whole_path_as_a_cursor_is_a_500_and_garbage_a_400() -> None:
    bench = seeded(60)
    link = bench.get("/product")["next"]
    assert bench.call("GET", "/product", query={"cursor": link}).status == 500
    assert bench.call("GET", "/product", query="cursor=garbage").status == 400


@pytest.mark.parametrize(("style", "start"), [("url", "https://api.shipbob.com/Product?cursor="), ("token", "eyJ")])
def test_next_may_also_be_a_url_or_a_token(style: str, start: str) -> None:
    assert seeded(60, next_style=style).get("/product")["next"].startswith(start)


def test_a_cursor_carries_its_filters_and_refuses_others() -> None:
    bench = seeded(120)
    cursor = bench.get("/product", query="SKU=P-")["next"].split("cursor=")[1]
    for query in (f"cursor={cursor}", f"SKU=P-&cursor={cursor}"):
        page = bench.get("/product", query=query)
        assert all(product["variants"][0]["sku"].startswith("P-") for product in page["items"])
    assert bench.call("GET", "/product", query=f"SKU=T&cursor={cursor}").status == 400


def test_levels_count_on_hand_committed_exception_and_awaiting() -> None:
    bench = Bench()
    bench.stock("TSHIRT-BLU-M", 3, location=10)
    bench.order("A")
    bench.order("B", products=[{**LINE, "quantity": 500}])
    item = bench.shirt["inventory_id"]
    level = bench.get(f"/inventory-level/{item}")
    totals = {
        name.removeprefix("total_").removesuffix("_quantity"): value
        for name, value in level.items()
        if name.startswith("total")
    }
    assert totals == {
        "on_hand": 103,
        "committed": 2,
        "fulfillable": 101,
        "exception": 500,
        "sellable": 0,
        "awaiting": 0,
        "internal_transfer": 0,
        "backordered": 399,
    }
    places = bench.get(f"/inventory-level/{item}/locations")["locations"]
    assert [(row["location_id"], row["on_hand_quantity"], row["fulfillable_quantity"]) for row in places] == [
        (8, 100, 98),
        (10, 3, 3),
    ]


def test_the_location_feed_has_pages_filters_and_no_row_for_a_vanished_stock() -> None:
    bench = seeded(60)
    page = bench.get("/inventory-level/locations", query="PageSize=250")
    assert (len(page["items"]), page["next"].startswith("/Inventory-Level/Locations?cursor=")) == (50, True)
    query = f"InventoryIds={bench.shirt['inventory_id']}&LocationId=8"
    assert bench.get("/inventory-level/locations", query=query)["items"][0]["locations"][0]["on_hand_quantity"] == 100
    bench.command("forget_stock", sku="TSHIRT-BLU-M", location_id=8)
    assert bench.get("/inventory-level/locations", query=query)["items"][0]["locations"] == []


def test_levels_may_lag_behind_the_warehouse() -> None:
    bench = Bench()
    bench.wait(3600)
    bench.command("set", inventory_lag_seconds=60)
    bench.command("fulfil", order_id=bench.order()["id"])
    item = bench.shirt["inventory_id"]
    assert bench.get(f"/inventory-level/{item}")["total_on_hand_quantity"] == 100
    bench.wait(60)
    assert bench.get(f"/inventory-level/{item}")["total_on_hand_quantity"] == 98


def test_lots_are_listed_apart_and_the_oldest_ships_first() -> None:
    bench = Bench()
    bench.command("seed_product", sku="SOAP")
    for lot, date in (("L2", "2026-12-01T00:00:00Z"), ("L1", "2026-06-01T00:00:00Z")):
        bench.command("seed_stock", sku="SOAP", location_id=8, quantity=2, lot=lot, lot_date=date)
    number = bench.order(products=[{**LINE, "reference_id": "SOAP", "quantity": 3}])["id"]
    bench.command("fulfil", order_id=number)
    items = bench.get(f"/order/{number}/shipment")[0]["products"][0]["inventory_items"]
    assert [(item["lot"], item["quantity"]) for item in items] == [("L1", 2), ("L2", 1)]
    lots = bench.get("/inventory-level/lots", query=f"InventoryIds={items[0]['id']}")["items"][0]["lots"]
    assert [(lot["lot_number"], lot["on_hand_quantity"]) for lot in lots] == [("L1", 0), ("L2", 1)]


@pytest.mark.parametrize(
    ("path", "query"),
    [
        ("/inventory", "SortBy=-onHand"),
        ("/inventory", "InventoryIds=" + ",".join(str(n) for n in range(1, 152))),
        ("/inventory-level", "LocationId=8"),
        ("/inventory-level/locations", "LocationIds=8"),
        ("/inventory-level/locations", "PageSize=251"),
        ("/inventory-level/locations", "IsActive=1"),
    ],
)
def test_wrong_inventory_filters_are_refused(path: str, query: str) -> None:
    assert Bench().call("GET", path, query=query).status == 400


def test_unknown_inventory_is_a_problem_404() -> None:
    for path in ("/inventory/1", "/inventory-level/1", "/inventory-level/1/locations", "/inventory-level/1/lots"):
        reply = Bench().call("GET", path)
        assert (reply.status, document(reply)["status"]) == (404, 404)


def test_history_shows_signed_changes_of_one_facility_after_the_cursor() -> None:
    bench = Bench()
    bench.command("fulfil", order_id=bench.order()["id"])
    bench.command("adjust_stock", sku="TSHIRT-BLU-M", location_id=8, quantity=5)
    bench.command("adjust_stock", sku="TSHIRT-BLU-M", location_id=10, quantity=7)
    answered = document(bench.call("POST", "/inventory/history:query", {"facility_id": 8}))
    assert [row["event_category"] for row in answered["data"]] == [
        "InventoryReceived",
        "InventoryReceived",
        "OrderPicked",
        "InventoryAdjusted",
    ]
    picked, adjusted = answered["data"][2:]
    assert (picked["decrement"]["quantity_change"], picked["increment"]) == (-2, None)
    assert (adjusted["increment"]["quantity_change"], adjusted["decrement"]) == (5, None)
    last = picked["inventory_audit_event_id"]
    in_query = document(bench.call("POST", "/inventory/history:query", {"facility_id": 8}, query=f"cursor={last}"))
    in_body = document(bench.call("POST", "/inventory/history:query", {"facility_id": 8, "cursor": last}))
    for answer in (in_query, in_body):
        assert [row["inventory_audit_event_id"] for row in answer["data"]] == [adjusted["inventory_audit_event_id"]]


def test_history_pages_by_250_with_the_event_id() -> None:
    bench = Bench()
    for _ in range(260):
        bench.command("adjust_stock", sku="TSHIRT-BLU-M", location_id=10, quantity=1)
    first = document(bench.call("POST", "/inventory/history:query", {"facility_id": 10}))
    rest = document(
        bench.call("POST", "/inventory/history:query", {"facility_id": 10}, query=f"cursor={first['next']}")
    )
    assert (len(first["data"]), len(rest["data"]), rest["next"]) == (250, 10, None)


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"facility_id": "8"},
        {"facility_id": 8, "event_category": "Sold"},
        {"facility_id": 8, "start_date": "2025-11-01T00:00:00Z", "end_date": "2026-03-01T00:00:00Z"},
        {"facility_id": 8, "start_date": "2026-03-02T00:00:00Z", "end_date": "2026-03-01T00:00:00Z"},
        {"facility_id": 8, "inventory_ids": ["1"]},
        {"facility_id": 8, "location_id": 8},
    ],
)
def test_wrong_history_queries_are_refused(body: dict[str, Any]) -> None:
    assert Bench().call("POST", "/inventory/history:query", body).status == 400


def test_locations_are_a_bare_array_with_windows_time_zones() -> None:
    bench = Bench()
    bench.command("seed_location", id=28, name="Altona VIC", timezone="AUS Eastern Standard Time", access_granted=False)
    rows = bench.get("/location", query="AccessGranted=true")
    assert [(row["id"], row["timezone"]) for row in rows] == [
        (8, "Central Standard Time"),
        (10, "Pacific Standard Time"),
    ]
    assert len(bench.get("/location")) == 3
    assert [row["id"] for row in bench.get("/fulfillment-center")] == [8, 10, 28]
    assert bench.call("GET", "/location", query="PageSize=10").status == 400


def test_channels_are_paged_by_a_plain_token() -> None:
    bench = Bench()
    page = bench.get("/channel", query="RecordsPerPage=1")
    assert len(page["items"]) == 1
    rest = bench.get("/channel", query={"RecordsPerPage": 1, "Cursor": page["next"]})
    assert (rest["items"][0]["id"], rest["next"]) == (PAT_CHANNEL, None)
