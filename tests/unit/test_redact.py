"""What an operator may see of stored requests and answers: no secret, no person; everything that explains a fault."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connector.redact import redact_body, redact_headers, redact_text, redact_url, redact_value

SECRETS = (
    "Bearer abcDEF123456._-", "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl", "whsec_bWFkZSB1cCBmb3IgYSB0ZXN0+/A=",
    "Basic bWFkZTp1cA==", "refresh_token=9f8e7d6c5b4a", 'password: "hunter 2 and more"',
)
PERSONAL = (
    "jane.doe+x@example.co.uk", "jane%40example.com", "+1 (312) 555-0199", "+493012345678", "312-555-0199",
    "(312) 555-0199", "1600 Pennsylvania Avenue", "12B Old Mill Rd", "7 MAIN STREET", "221 baker street",
)

SHIPBOB_ORDER: dict[str, Any] = {
    "id": 337200001,
    "reference_id": "SO-004711",
    "created_date": "2026-03-02T14:05:09.25+00:00",
    "recipient": {
        "name": "Jane Doe",
        "email": "jane@example.com",
        "phone_number": 3125550199,
        "address": {
            "address1": "100 Nowhere Plaza", "address2": None, "company_name": "Doe GmbH", "city": "Cicero",
            "state": "IL", "zip_code": "60804", "country": "US",
        },
    },
    "products": [{"sku": "TShirt-Blue", "name": "Blue T-Shirt", "quantity": 2}],
    "shipping_method": "Standard",
    "gift_message": "Happy birthday, dear Ann",
    "shipments": [{"tracking": {"tracking_number": "1Z12345E0205271688", "carrier": "UPS"}}],
}


def test_an_order_keeps_what_explains_it_and_loses_the_person() -> None:
    redacted = redact_value(SHIPBOB_ORDER)
    assert redacted["recipient"] == {
        "name": "[name, 8 characters]",
        "email": "[email, 16 characters]",
        "phone_number": "[phone, 10 characters]",
        "address": {
            "address1": "[street, 17 characters]", "address2": None, "company_name": "[name, 8 characters]",
            "city": "Cicero", "state": "IL", "zip_code": "60804", "country": "US",
        },
    }
    assert redacted["gift_message"] == "[note, 24 characters]"
    unchanged = ("id", "reference_id", "created_date", "products", "shipping_method", "shipments")
    assert {key: redacted[key] for key in unchanged} == {key: SHIPBOB_ORDER[key] for key in unchanged}


def test_wrapped_values_and_contacts() -> None:
    order = {
        "OrderNbr": {"value": "SO004711"},
        "CustomerID": {"value": "C000042"},
        "ShipToContact": {
            "Attention": {"value": "Jane"}, "Email": {"value": "j@x.org"}, "Phone1": {"value": "5550199"},
        },
        "ShipToAddress": {"AddressLine1": {"value": "Plaza 1"}, "City": {"value": "Bern"}},
        "Details": [{"InventoryID": {"value": "AACOMPUT01"}, "LineDescription": {"value": "Computer"}}],
    }
    redacted = redact_value(order)
    assert redacted["OrderNbr"] == {"value": "SO004711"}
    assert redacted["CustomerID"] == {"value": "C000042"}
    assert redacted["ShipToContact"]["Attention"] == {"value": "[name, 4 characters]"}
    assert redacted["ShipToContact"]["Email"] == {"value": "[email, 7 characters]"}
    assert redacted["ShipToContact"]["Phone1"] == {"value": "[phone, 7 characters]"}
    assert redacted["ShipToAddress"]["AddressLine1"] == {"value": "[street, 7 characters]"}
    assert redacted["ShipToAddress"]["City"] == {"value": "Bern"}
    assert redacted["Details"] == order["Details"]


def test_a_label_answer() -> None:
    answer: dict[str, Any] = {
        "ShipmentResponse": {
            "Response": {"ResponseStatus": {"Code": "1", "Description": "Success"}},
            "ShipmentResults": {
                "ShipmentIdentificationNumber": "1Z12345E0205271688",
                "PackageResults": [
                    {"TrackingNumber": "1Z12345E0205271688", "ShippingLabel": {"GraphicImage": "R0lGOD" * 900}}
                ],
            },
        },
        "ShipTo": {
            "Name": "Jane Doe", "Phone": {"Number": "3125550199"}, "Address": {"AddressLine": ["Plaza 1", "Door 2"]},
        },
    }
    redacted = redact_value(answer)
    assert redacted["ShipTo"]["Name"] == "[name, 8 characters]"
    package = redacted["ShipmentResponse"]["ShipmentResults"]["PackageResults"][0]
    assert package == {
        "TrackingNumber": "1Z12345E0205271688", "ShippingLabel": {"GraphicImage": "[content, 5400 characters]"}
    }
    assert redacted["ShipmentResponse"]["Response"] == answer["ShipmentResponse"]["Response"]
    assert redacted["ShipTo"]["Phone"] == {"Number": "[phone, 10 characters]"}
    assert redacted["ShipTo"]["Address"]["AddressLine"] == ["[street, 7 characters]", "[street, 6 characters]"]


def test_a_shipping_address_by_that_name_stays_open_and_a_text_one_goes() -> None:
    opened = redact_value({"shippingAddress": {"city": "Bern", "addr1": "Plaza 1", "addressee": "Jane"}})
    assert opened == {
        "shippingAddress": {"city": "Bern", "addr1": "[street, 7 characters]", "addressee": "[name, 4 characters]"}
    }
    assert redact_value({"shipAddress": "Jane\nPlaza 1\nBern"}) == {"shipAddress": "[street, 17 characters]"}
    assert redact_value({"entity": {"id": "12", "refName": "Jane"}}) == {
        "entity": {"id": "12", "refName": "[name, 4 characters]"}
    }
    assert redact_value({"item": {"id": "12", "refName": "SKU 1"}}) == {"item": {"id": "12", "refName": "SKU 1"}}


@pytest.mark.parametrize("text", SECRETS + PERSONAL)
def test_patterns_in_free_text(text: str) -> None:
    redacted = redact_text(f"before {text} after")
    assert text not in redacted
    assert redacted.startswith("before [")
    assert redacted.endswith("] after")


@pytest.mark.parametrize(
    "text",
    [
        "Rate limit is exceeded. Try again in 25 seconds.",
        "251004 Bearer token expired",
        "bearer authentication failed",
        "order 337200001 for 2 pieces of TShirt-Blue",
        "3 orders are on the way",
        "1Z12345E0205271688",
        "2026-03-02T14:05:09.2500000+00:00",
        "2026-03-02 14:05:09",
        "recipient.address.address1 must not be longer than 35",
        "INVALID_LOGIN_ATTEMPT",
        "SO-2026-0000123",
        "[name, 4 characters]",
    ],
)
def test_vendor_texts_stay(text: str) -> None:
    assert redact_text(text) == text


def test_headers_and_address() -> None:
    headers = redact_headers({
        "Authorization": "Basic YTpi", "Cookie": "ASP.NET_SessionId=1", "webhook-signature": "v1,abc", "API-Key": "k",
        "x-remaining-calls": "17", "Content-Type": "application/json", "webhook-id": "msg_1",
    })
    assert headers == {
        "Authorization": "[secret, 10 characters]", "Cookie": "[secret, 19 characters]",
        "webhook-signature": "[secret, 6 characters]", "API-Key": "[secret, 1 character]",
        "x-remaining-calls": "17", "Content-Type": "application/json", "webhook-id": "msg_1",
    }
    query = "customerName=Jane&page=2&email=jane%40example.com&since=2026-03-02T00%3A00Z"
    url = redact_url(f"https://api.example/orders/12?{query}")
    assert url == (
        "https://api.example/orders/12?customerName=[name, 4 characters]&page=2&email=[email, 16 characters]"
        "&since=2026-03-02T00%3A00Z"
    )


def test_bodies_of_every_form() -> None:
    login = b"grant_type=password&username=jane&password=x%26y&client_id=a%40b"
    form = redact_body(login, "application/x-www-form-urlencoded")
    assert form == "grant_type=password&username=[name, 4 characters]&password=[secret, 3 characters]&client_id=a%40b"
    xml = redact_body(
        b'<a:ShipTo id="7" email="j@x.org"><a:Line1>Plaza 1</a:Line1>'
        b"<Name><![CDATA[Jane]]></Name><City>Bern</City></a:ShipTo>"
    )
    assert xml == (
        '<a:ShipTo id="7" email="[email, 7 characters]"><a:Line1>[street, 7 characters]</a:Line1>'
        "<Name>[name, 16 characters]</Name><City>Bern</City></a:ShipTo>"
    )
    assert redact_body(b"\xff\xfe\x00label") == "[content, 8 bytes]"
    assert "jane" not in redact_body(b'{"id": 1, "recipient": {"name": "jane", "email": "jan')
    assert redact_body(b'{"id": 1, "sku": "A", "lin') == '{"id": 1, "sku": "A", "lin'


def test_json_inside_text_is_redacted_as_json() -> None:
    inner = json.dumps({"recipient": {"name": "Jane"}, "id": 1})
    assert json.loads(redact_value({"body": inner})["body"]) == {"recipient": {"name": "[name, 4 characters]"}, "id": 1}


PLAIN = st.text(st.characters(codec="utf-8", exclude_characters="@"), max_size=20)
KEYS = st.one_of(PLAIN, st.sampled_from(["name", "address", "recipient", "items", "value", "Email", "token", "note"]))
FORMS = ("", "application/json", "application/x-www-form-urlencoded", "text/xml")


def documents(leaf: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    def grown(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
        return st.lists(inner, max_size=4) | st.dictionaries(KEYS, inner, max_size=4)

    return st.recursive(leaf, grown, max_leaves=12)


PLANTED = st.sampled_from([text for text in SECRETS + PERSONAL if '"' not in text])


@given(documents(st.builds(lambda before, text: f"{before} {text} ", PLAIN, PLANTED)))
def test_nothing_planted_survives_anywhere(document: Any) -> None:
    shown = redact_body(json.dumps(document).encode())
    for text in SECRETS + PERSONAL:
        assert text not in shown


@given(documents(st.one_of(PLAIN, PLANTED, st.integers(), st.booleans(), st.none())))
def test_redacting_twice_changes_nothing_and_shapes_stay(document: Any) -> None:
    once = redact_value([document])
    assert redact_value(once) == once
    assert json.loads(redact_body(json.dumps([document]).encode())) == once


@given(st.binary(max_size=300), st.sampled_from(FORMS))
def test_any_bytes_can_be_shown(content: bytes, content_type: str) -> None:
    assert isinstance(redact_body(content, content_type), str)
