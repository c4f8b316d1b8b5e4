"""Stores, carriers, warehouses, tags; products that are only replaced; customers that are only read."""

from __future__ import annotations

from typing import Any

import pytest

from tests.simulators.shipstation_bench import ONE, Bench, an_order, changed, document


def with_product(**members: Any) -> tuple[Bench, int]:
    bench = Bench()
    number = bench.command("seed_product", sku="1004", name="Coffee Mug", price=26, weightOz=26, **members)
    return bench, int(number)


def test_a_product_is_replaced_as_a_whole() -> None:
    bench, number = with_product(warehouseLocation="Bin 22")
    bench.wait(60)
    body = {"productId": number, "sku": "1004", "name": "Mug", "active": True, "weightOz": 30}
    answer = document(bench.call("PUT", f"/products/{number}", body))
    assert answer == {"success": True, "message": "The requested product has been updated"}
    shown = bench.get(f"/products/{number}")
    assert (shown["name"], shown["weightOz"], shown["warehouseLocation"], shown["price"]) == ("Mug", 30, None, None)
    assert (shown["createDate"], shown["modifyDate"]) == ("2026-03-16T11:40:05.77", "2026-03-16T11:41:05.77")


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("productId", ...),
        ("productId", "7854008"),
        ("productId", 1),
        ("sku", ...),
        ("sku", 1004),
        ("active", "yes"),
        ("weightOz", "26"),
        ("tags", {}),
        ("tags", [{"tagId": "1"}]),
        ("productCategory", []),
        ("noCustoms", 0),
    ],
)
def test_a_product_that_does_not_bind_is_refused(path: str, value: Any) -> None:
    bench, number = with_product()
    before = bench.holdings()
    body = changed(bench.get(f"/products/{number}"), path, value)
    assert bench.call("PUT", f"/products/{number}", body).status == 400
    assert bench.holdings() == before


def test_a_product_as_it_was_read_can_be_put_back() -> None:
    bench, number = with_product()
    body = bench.get(f"/products/{number}")
    assert bench.call("PUT", f"/products/{number}", body).status == 200
    assert bench.simulator.strict_violations == []
    assert bench.call("PUT", "/products/1", body).status == 404
    assert bench.call("GET", "/products/1").status == 404


def test_no_call_creates_a_product() -> None:
    bench = Bench()
    assert bench.call("POST", "/products", {"sku": "x"}).status == 405
    bench.create()
    assert bench.get("/products")["total"] == 0


def test_orders_may_make_products() -> None:
    bench = Bench(api_orders_make_products=True)
    bench.create()
    assert [each["sku"] for each in bench.get("/products")["products"]] == ["AALEGO500", "0041"]


def test_a_known_sku_gets_its_product_id() -> None:
    bench, number = with_product()
    answer = bench.post(ONE, an_order(items=[{"sku": "1004", "name": "Mug", "quantity": 1, "productId": 5}]))
    assert answer["items"][0]["productId"] == number


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({}, ["1004", " 41", "10045"]),
        ({"sku": "1004"}, ["1004", "10045"]),  # no exact match
        ({"name": "mug"}, ["1004"]),
        ({"showInactive": "true"}, ["1004", " 41", "10045", "OLD"]),
        ({"sortBy": "SKU"}, [" 41", "1004", "10045"]),
        ({"sortBy": "SKU", "sortDir": "DESC"}, ["10045", "1004", " 41"]),
        ({"startDate": "2026-03-16 11:40:05"}, ["1004", " 41", "10045"]),
        ({"endDate": "2026-03-16 11:40:05"}, []),
        ({"tagId": 9180}, ["10045"]),
        ({"productCategoryId": 9999}, ["10045"]),
        ({"pageSize": 1, "page": 2}, [" 41"]),
    ],
)
def test_every_filter_of_products(query: dict[str, Any], found: list[str]) -> None:
    bench, _ = with_product()
    bench.command("seed_product", sku=" 41", name="A leading blank")
    tags, category = [{"tagId": 9180, "name": "Fragile"}], {"categoryId": 9999, "name": "Cups"}
    bench.command("seed_product", sku="10045", name="Cup", tags=tags, productCategory=category)
    bench.command("seed_product", sku="OLD", name="Old", active=False)
    assert [each["sku"] for each in bench.get("/products", **query)["products"]] == found
    assert bench.simulator.strict_violations == []


def test_products_have_no_modify_date_filter() -> None:
    bench, _ = with_product()
    assert bench.get("/products", modifyDateStart="2030-01-01")["total"] == 1
    assert len(bench.simulator.strict_violations) == 1
    assert bench.call("GET", "/products", query="sortBy=Name").status == 400


def test_a_customer_comes_from_an_order_with_a_username_and_is_only_read() -> None:
    bench = Bench()
    bench.create("A")
    bench.create("B")
    bench.post(ONE, changed(an_order("C"), "customerUsername", ...))
    [customer] = bench.get("/customers")["customers"]
    assert (customer["email"], customer["countryCode"], customer["createDate"]) == (
        "buyer@example.com", "US", "2026-03-16T11:40:05.7700000",
    )  # fmt: skip
    assert customer["marketplaceUsernames"][0]["username"] == "ABARTENDE"
    assert bench.get(f"/customers/{customer['customerId']}") == customer
    for method in ("POST", "PUT", "DELETE"):
        path = "/customers" if method == "POST" else f"/customers/{customer['customerId']}"
        assert bench.call(method, path, customer).status == 405
    assert bench.call("GET", "/customers/99").status == 404


@pytest.mark.parametrize(
    ("query", "count"), [({"stateCode": "NJ"}, 1), ({"stateCode": "CA"}, 0), ({"countryCode": "US"}, 1),
                         ({"marketplaceId": 0}, 1), ({"marketplaceId": 36}, 0), ({"tagId": 1}, 0)],
)  # fmt: skip
def test_every_filter_of_customers(query: dict[str, Any], count: int) -> None:
    bench = Bench()
    bench.create()
    assert bench.get("/customers", **query)["total"] == count


def test_customers_are_not_found_by_email() -> None:
    bench = Bench()
    bench.create()
    assert bench.get("/customers", email="nobody@example.com")["total"] == 1
    assert len(bench.simulator.strict_violations) == 1


def test_bare_lists() -> None:
    bench = Bench()
    assert [store["marketplaceId"] for store in bench.get("/stores")] == [0, 0]
    assert bench.get("/stores", marketplaceId=115) == []
    codes = [carrier["code"] for carrier in bench.get("/carriers")]
    assert codes.count("fedex") == 2
    assert "ups_ground" in [each["code"] for each in bench.get("/carriers/listservices", carrierCode="ups")]
    assert "package" in [each["code"] for each in bench.get("/carriers/listpackages", carrierCode="ups")]
    assert bench.get("/warehouses")[0]["isDefault"] is True
    assert bench.get("/accounts/listtags")[0]["tagId"] == 1234
    assert len(bench.get("/users")) == 1


@pytest.mark.parametrize("query", ["", "carrierCode=", "carrierCode=dpd"])
def test_services_want_a_carrier(query: str) -> None:
    assert Bench().call("GET", "/carriers/listservices", query=query).status == 400
    assert Bench().call("GET", "/carriers/listpackages", query=query).status == 400
