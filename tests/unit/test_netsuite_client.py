"""NetSuite's client: sign-in, fault table, stamps, SuiteQL literals, shapes, and what each call sends."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import jwt
import pytest
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.x509 import load_pem_x509_certificate
from pydantic import ValidationError

from connector.faults import ConfigurationFault, Executed, FaultKind, VendorFault
from connector.transport import Reply, Request
from tests.support.world import World
from vendors.answers import wire_json
from vendors.netsuite import queries
from vendors.netsuite.auth import SignIn, assertion, parse_token
from vendors.netsuite.calls import checked_external_id, new_id
from vendors.netsuite.certificates import certificate_id, expires_at, key_problem, make_certificate
from vendors.netsuite.client import NetSuite, Place
from vendors.netsuite.faults import ELAPSED, classify
from vendors.netsuite.open import open_netsuite
from vendors.netsuite.rows import Row
from vendors.netsuite.settings import NetSuiteSystem
from vendors.netsuite.shapes import order_document, order_from_document, order_line, orders_of, status_letter
from vendors.netsuite.times import checked_stamp, rewound, stamp_of, wall_offset

NOW = datetime(2026, 3, 2, 14, 5, 9, tzinfo=UTC)
KEYS = {name: make_certificate("unit test", name, NOW) for name in ("PS256", "ES256")}
HOST = "https://1234567-sb1.suitetalk.api.netsuite.com"


def system(**changes: Any) -> NetSuiteSystem:
    return NetSuiteSystem.model_validate(
        {"account_id": "1234567_SB1", "time_zone": "America/New_York", **changes}
    )


class Wire:
    """Answers from a list; a dict is a 200, an int a bare status, a Reply itself. Tokens are answered by the way."""

    def __init__(self, world: World, answers: Sequence[Any], seconds: float = 0) -> None:
        self.world, self.answers, self.seconds = world, list(answers), seconds
        self.requests: list[Request] = []
        self.tokens: list[Request] = []

    def exchange(self, request: Request) -> Reply:
        if "/oauth2/" in request.url:
            self.tokens.append(request)
            token = {"access_token": f"token-{len(self.tokens)}", "expires_in": 3600, "token_type": "Bearer"}
            return Reply(200, {}, json.dumps(token).encode())
        self.requests.append(request)
        self.world.clock.advance(self.seconds)
        answer = self.answers.pop(0)
        if isinstance(answer, Reply):
            return answer
        if isinstance(answer, int):
            return Reply(answer, {}, b"")
        return Reply(200, {}, json.dumps(answer).encode())

    def query(self, index: int = -1) -> str:
        return str(json.loads(self.requests[index].body)["q"])


@pytest.fixture
def world() -> World:
    world = World(pair="netsuite_shipbob")
    secret(world)
    return world


def secret(world: World, **changes: Any) -> None:
    made = KEYS[changes.pop("algorithm", "PS256")]
    members = {"client_id": "c" * 64, "private_key": made.private_key, "certificate": made.certificate, **changes}
    world.secrets.write("demo/netsuite", json.dumps({key: value for key, value in members.items() if value}))


def client(world: World, wire: Wire, **changes: Any) -> NetSuite:
    return open_netsuite(world.services, "demo", system(**changes), lane="live", holder="test", wire=wire)


def rows(*items: dict[str, Any], more: bool = False) -> dict[str, Any]:
    return {"links": [], "count": len(items), "hasMore": more, "offset": 0, "totalResults": len(items),
            "items": [{"links": [], **item} for item in items]}  # fmt: skip


def refusal(status: int, code: str, detail: str) -> Reply:
    body = {"title": "Bad Request", "status": status, "o:errorDetails": [{"detail": detail, "o:errorCode": code}]}
    return Reply(status, {}, json.dumps(body).encode())


HEADER = {"transaction_id": "48211", "number": "PO10482", "status_key": "PurchOrd:B",
          "last_modified": "2026-01-14 22:41:07"}  # fmt: skip
LINE = {"transaction_id": "48211", "line_id": "1", "item_id": "328", "sku": "TEE", "item_type": "InvtPart",
        "quantity": "120", "quantity_done": "20", "location_id": "6", "line_closed": "F",
        "expected_date": "2026-01-30"}  # fmt: skip


# ---- settings and certificates


@pytest.mark.parametrize("text", ["x.evil.example/", "1234567_SB1_X", "", "12 34", "1234567/../x", "１２３４"])
def test_an_account_id_that_would_lead_elsewhere_is_refused(text: str) -> None:
    with pytest.raises(ValidationError):
        system(account_id=text)


def test_both_spellings_of_an_account_are_one() -> None:
    assert system(account_id="1234567-sb1").account_id == system().account_id == "1234567_SB1"
    assert system().token_url == f"{HOST}/services/rest/auth/oauth2/v1/token"


@pytest.mark.parametrize("url", ["http://suitetalk.example", "https://a.example/services", "https://u:p@a.example"])
def test_addresses_that_are_refused(url: str) -> None:
    with pytest.raises(ValidationError):
        system(base_url=url)


@pytest.mark.parametrize("algorithm", ["PS256", "ES256"])
def test_a_made_certificate_suits_its_key_and_lasts_two_years(algorithm: str) -> None:
    made = KEYS[algorithm]
    assert key_problem(made.private_key, made.certificate, algorithm) == ""
    assert timedelta(days=728) < expires_at(made.certificate) - NOW <= timedelta(days=730)
    assert certificate_id(made.certificate) == made.certificate_id
    other = "ES256" if algorithm == "PS256" else "PS256"
    assert "needs an" in key_problem(made.private_key, made.certificate, other)
    assert "does not belong" in key_problem(made.private_key, KEYS[other].certificate, algorithm)


def test_the_vectors_of_the_facts(shared: Path) -> None:
    document = json.loads((shared / "specs/netsuite/jwt-test-vectors/valid.json").read_text())
    seen = set()
    for vector in document["vectors"]:
        if vector["alg"] not in ("PS256", "ES256"):
            continue
        seen.add(vector["alg"])
        assert certificate_id(vector["certificate_pem"]) == vector["certificate_id_kid"]
        der = base64.b64decode(vector["private_key_pkcs8_der_base64_TEST_ONLY"])
        key = serialization.load_der_private_key(der, None)
        pem = key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        ).decode()
        signing = SignIn(vector["client_id"], vector["certificate_id_kid"], pem)
        now = datetime.fromtimestamp(vector["claims"]["iat"], UTC)
        ours = assertion(system(algorithm=vector["alg"]), signing, now, vector["claims"]["jti"])
        public = load_pem_x509_certificate(vector["certificate_pem"].encode()).public_key()
        unchecked = {"verify_exp": False, "verify_iat": False}
        claims = jwt.decode(ours, public, [vector["alg"]], audience=vector["token_url"], options=unchecked)
        assert {**claims, "exp": 0} == {**vector["claims"], "exp": 0}
        assert claims["exp"] - claims["iat"] == 300
        assert jwt.get_unverified_header(ours) == vector["header"]
    assert seen == {"PS256", "ES256"}


def test_an_es256_signature_is_raw_and_verifies() -> None:
    made = KEYS["ES256"]
    signed = assertion(system(algorithm="ES256"), SignIn("c", made.certificate_id, made.private_key), NOW, "j")
    data, _, last = signed.rpartition(".")
    raw = base64.urlsafe_b64decode(last + "==")
    assert len(raw) == 64
    der = encode_dss_signature(int.from_bytes(raw[:32], "big"), int.from_bytes(raw[32:], "big"))
    public: Any = load_pem_x509_certificate(made.certificate.encode()).public_key()
    public.verify(der, data.encode(), ECDSA(hashes.SHA256()))


# ---- sign-in


def test_the_token_call_and_its_cache(world: World) -> None:
    wire = Wire(world, [rows(), rows()])
    netsuite = client(world, wire)
    netsuite.ask("SELECT 1", "test")
    netsuite.ask("SELECT 1", "test")
    assert len(wire.tokens) == 1, "one token serves for its stated life"
    token = wire.tokens[0]
    assert token.url == system().token_url
    assert "Authorization" not in token.headers
    form = parse_qs(token.body.decode())
    assert form["grant_type"] == ["client_credentials"]
    assert jwt.get_unverified_header(form["client_assertion"][0]) == {
        "typ": "JWT", "alg": "PS256", "kid": KEYS["PS256"].certificate_id,
    }  # fmt: skip
    assert wire.requests[0].headers["Authorization"] == "Bearer token-1"
    world.clock.advance(3600)
    wire.answers = [rows()]
    netsuite.ask("SELECT 1", "test")
    assert len(wire.tokens) == 2


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"private_key": ""}, "lacks 'private_key'"),
        ({"certificate": ""}, "needs 'certificate'"),
        ({"certificate_id": "another"}, "which one was uploaded"),
        ({"certificate": "-----BEGIN nothing"}, "no PEM certificate"),
        ({"private_key": "-----BEGIN nothing"}, "cannot sign with PS256"),
        ({"private_key": KEYS["ES256"].private_key}, "cannot sign with PS256"),
    ],
)
def test_secrets_that_cannot_work_are_named_and_never_quoted(world: World, changes: dict[str, str], words: str) -> None:
    secret(world, **changes)
    wire = Wire(world, [])
    with pytest.raises(ConfigurationFault) as caught:
        client(world, wire).ask("SELECT 1", "test")
    assert words in str(caught.value)
    assert "demo/netsuite" in str(caught.value)
    assert "MII" not in str(caught.value)
    assert wire.tokens == []


@pytest.mark.parametrize("life", [3600, "3600", None, "soon", 0])
def test_the_stated_life_of_a_token(life: Any) -> None:
    token = parse_token({"access_token": "a.b.c", "expires_in": life, "token_type": "Bearer"}, NOW)
    assert token.expires_at == NOW + timedelta(hours=1)


def test_a_refused_token_is_renewed_once(world: World) -> None:
    wire = Wire(world, [rows(), 401, rows(HEADER)])
    netsuite = client(world, wire)
    netsuite.ask("SELECT 1", "test")
    world.clock.advance(120)
    netsuite.ask("SELECT 1", "test")
    assert [request.headers["Authorization"] for request in wire.requests] == [
        "Bearer token-1", "Bearer token-1", "Bearer token-2",
    ]  # fmt: skip


def test_a_401_after_a_long_wait_is_overload_and_costs_no_token(world: World) -> None:
    wire = Wire(world, [401], seconds=60)
    with pytest.raises(VendorFault) as caught:
        client(world, wire).records.create("inventoryAdjustment", {"externalId": "SB-1"})
    assert (caught.value.kind, caught.value.executed) == (FaultKind.THROTTLED, Executed.MAYBE)
    assert len(wire.tokens) == 1


# ---- faults


def fault(reply: Reply, *, write: bool = False, path: str = "/services/rest/record/v1/salesOrder/1") -> VendorFault:
    found = classify(Request("POST", f"{HOST}{path}", "test", write=write), reply, NOW)
    assert found is not None
    return found


SUITEQL = "/services/rest/query/v1/suiteql"


@pytest.mark.parametrize(
    ("reply", "kind", "executed"),
    [
        (refusal(429, "CONCURRENCY_LIMIT_EXCEEDED", "Concurrent request limit exceeded."), FaultKind.THROTTLED, "no"),
        (Reply(429, {}, b'{"title": "Bad", '), FaultKind.THROTTLED, "no"),
        (refusal(401, "INVALID_LOGIN", "Invalid login attempt."), FaultKind.EXPIRED, "no"),
        (Reply(401, {ELAPSED: "61.2"}, b""), FaultKind.THROTTLED, "maybe"),
        (refusal(403, "INSUFFICIENT_PERMISSION", "no"), FaultKind.FORBIDDEN, "no"),
        (refusal(400, "USER_ERROR", "Error ... Transaction type specified is incorrect."), FaultKind.NOT_FOUND, "no"),
        (refusal(404, "NONEXISTENT_ID", "That record does not exist."), FaultKind.NOT_FOUND, "no"),
        (refusal(404, "NONEXISTENT_ID", "Record type 'x' does not exist."), FaultKind.CONFIGURATION, "no"),
        (refusal(400, "USER_ERROR", "This entity already exists."), FaultKind.DUPLICATE, "no"),
        (refusal(400, "USER_ERROR", "Record has been changed"), FaultKind.CONFLICT, "no"),
        (refusal(400, "USER_ERROR", "The posting period is closed."), FaultKind.INVALID, "no"),
        (refusal(400, "USER_ERROR", "Please enter value(s) for: Adjustment Account"), FaultKind.INVALID, "no"),
        (refusal(500, "UNEXPECTED_ERROR", "An unexpected error occurred. Error ID: x"), FaultKind.UNAVAILABLE, "maybe"),
        (Reply(503, {}, b"<html>maintenance</html>"), FaultKind.UNAVAILABLE, "maybe"),
        (Reply(202, {"location": "/services/rest/async/v1/job/1"}, b""), FaultKind.UNAVAILABLE, "maybe"),
        (Reply(302, {"location": "https://elsewhere.example"}, b""), FaultKind.CONFIGURATION, "no"),
        (Reply(405, {}, b""), FaultKind.CONFIGURATION, "no"),
    ],
)
def test_the_fault_table(reply: Reply, kind: FaultKind, executed: str) -> None:
    found = fault(reply, write=True)
    assert (found.kind, found.executed.value) == (kind, executed)
    assert fault(reply).executed is Executed.NO, "a read never executes anything"


@pytest.mark.parametrize(
    ("detail", "kind"),
    [
        ("Invalid search query. ... Unknown identifier 'isclosed'. Available ...", FaultKind.UNSUPPORTED_QUERY),
        ("Invalid search query. ... Record 'transaction' was not found", FaultKind.FORBIDDEN),
        ("Invalid search query. ... something else", FaultKind.CONFIGURATION),
    ],
)
def test_refusals_of_suiteql(detail: str, kind: FaultKind) -> None:
    assert fault(refusal(400, "INVALID_PARAMETER", detail), path=SUITEQL).kind is kind


def test_a_refused_sign_in_is_configuration_and_addresses_do_not_reach_the_message() -> None:
    reply = Reply(400, {}, b'{"error": "invalid_grant"}')
    assert fault(reply, path="/services/rest/auth/oauth2/v1/token").kind is FaultKind.CONFIGURATION
    told = fault(refusal(400, "USER_ERROR", "customer jane@example.com is inactive"))
    assert "jane" not in told.message


# ---- times and literals


def test_stamps_are_wall_clocks() -> None:
    assert rewound("2026-11-01 01:30:00") == "2026-11-01 00:15:00"
    assert rewound("2026-01-01 00:30:00") == "2025-12-31 23:15:00"
    offset = wall_offset("2026-03-02 06:05:09", NOW)
    assert offset == timedelta(hours=-8)
    assert stamp_of(NOW, offset) == "2026-03-02 06:05:09"
    with pytest.raises(ValueError, match="does not match"):
        checked_stamp("2026-03-02T06:05:09Z")


def test_literals_are_escaped_and_ids_are_numbers() -> None:
    assert queries.literal("O'Neil") == "'O''Neil'"
    for bad in ("a\nb", "a\x00"):
        with pytest.raises(ValueError, match="control"):
            queries.literal(bad)
    with pytest.raises(ValueError, match="invalid literal"):
        queries.order_with_lines("SalesOrd", "id", ["1 OR 1=1"])
    with pytest.raises(ValueError, match="cannot be found by"):
        queries.order_with_lines("SalesOrd", "memo", ["x"])
    with pytest.raises(ValueError, match="not match"):
        queries.changed_headers("PurchOrd", ["B"], "' OR 1=1 --", 0)
    with pytest.raises(ValueError, match="not ours"):
        queries.totals_of_ours("SB%", "VendBill", "2026-01-01", 0)


def test_no_query_uses_what_suiteql_lacks() -> None:
    made = [
        queries.changed_headers("PurchOrd", ["B"], "2026-01-14 22:41:07", 1), queries.lines_of(["1"], (0, 0)),
        queries.order_with_lines("SalesOrd", "tranid", ["SO1"]), queries.by_external_ids(["SB-IF-1"]),
        queries.order_with_lines("SalesOrd", "fulfilment", ["SB-IF-1"]),
        queries.order_with_lines("RtnAuth", "createdfrom", ["1"]), queries.children_of("1", "ItemShip"),
        queries.items_by_sku(["A"]),
        queries.existing(["1"]), queries.by_number("PO1"),
        queries.items_by_id(["1"]), queries.locations(), queries.database_now(), queries.stock_at("6", 0),
        queries.units_of_ours("SB-IR-", "ItemRcpt", "2026-01-01", (0, 0)),
        queries.totals_of_ours("SB-VB-", "VendBill", "2026-01-01", 0),
        queries.tracking_of_ours("SB-IF-", "ItemShip", "2026-01-01", 0),
    ]  # fmt: skip
    for query in made:
        assert not re.search(r"\bLIMIT\b|\bOFFSET\b|\bWITH\b|t\.createdfrom|LISTAGG|\bLEFT\b", query), query
        assert "status = 'PurchOrd" not in query


@pytest.mark.parametrize("text", ["SB|IF", "SB IF", "", "x" * 61, "SB-IF-é", "SB/IF"])
def test_external_ids_stand_in_addresses(text: str) -> None:
    with pytest.raises(ValueError, match="external id"):
        checked_external_id(text)


# ---- shapes


def test_an_order_is_read_and_kept_whole() -> None:
    order = orders_of([Row({**HEADER, **LINE})])[0]
    line = order.lines[0]
    assert (line.open, line.is_goods, order.is_open) == (Decimal(100), True, True)
    assert order_from_document(json.loads(json.dumps(order_document(order)))) == order


def test_sales_quantities_are_turned_and_closed_lines_are_not_open() -> None:
    line = order_line(Row({**LINE, "quantity": "-3", "quantity_done": "1"}))
    assert (line.ordered, line.open) == (Decimal(3), Decimal(2))
    assert order_line(Row({**LINE, "line_closed": "T"})).open == 0
    assert order_line(Row({**LINE, "quantity_done": "130"})).open == 0


def test_a_missing_quantity_of_goods_is_an_error_and_of_a_subtotal_is_none() -> None:
    without = {key: value for key, value in LINE.items() if key != "quantity"}
    with pytest.raises(ValueError, match="quantity"):
        order_line(Row(without))
    assert order_line(Row({**without, "item_type": "Subtotal"})).ordered == 0


@pytest.mark.parametrize("key", ["B", "PurchOrd:", "PurchOrd:BB", ""])
def test_a_status_that_is_no_status_is_an_error(key: str) -> None:
    with pytest.raises(ValueError, match="status"):
        status_letter(key)


# ---- calls


def test_a_day_of_orders_costs_one_call_and_one_for_each_page_of_lines(world: World) -> None:
    second = {**LINE, "line_id": "4", "sku": "CAP"}
    wire = Wire(world, [rows(HEADER), rows(LINE, more=True), rows(second)])
    pages = list(client(world, wire).changed("PurchOrd", ["B", "D"], Place("2026-01-14 00:00:00")))
    assert [line.sku for line in pages[0][0][0].lines] == ["TEE", "CAP"]
    assert pages[0][1] == Place("2026-01-14 22:41:07", 48211)
    assert len(wire.requests) == 3
    assert "tl.transaction = 48211 AND tl.id > 1" in wire.query()
    assert wire.requests[0].headers["Prefer"] == "transient"
    assert wire.requests[0].url.endswith("/suiteql?limit=1000&offset=0")


def test_a_column_that_the_account_lacks_is_left_out_from_then_on(world: World) -> None:
    lacking = refusal(400, "INVALID_PARAMETER", "Invalid search query. Unknown identifier 'isclosed'. Available")
    wire = Wire(world, [lacking, rows({**HEADER, **LINE}), rows({**HEADER, **LINE})])
    client(world, wire).orders("PurchOrd", "id", ["48211"])
    client(world, wire).orders("PurchOrd", "id", ["48211"])
    assert ["isclosed" in wire.query(index) for index in range(3)] == [True, False, False]


def test_a_column_that_cannot_be_left_out_is_a_fault(world: World) -> None:
    wire = Wire(world, [refusal(400, "INVALID_PARAMETER", "Unknown identifier 'itemtype'.")])
    with pytest.raises(VendorFault) as caught:
        client(world, wire).orders("PurchOrd", "id", ["48211"])
    assert caught.value.kind is FaultKind.UNSUPPORTED_QUERY


def test_a_write_is_validated_by_name_and_answers_the_new_id(world: World) -> None:
    made = Reply(204, {"location": f"{HOST}/services/rest/record/v1/itemReceipt/51930"}, b"")
    wire = Wire(world, [made])
    reply = client(world, wire).records.transform("purchaseOrder", "48211", "itemReceipt", {"externalId": "SB-1"})
    request = wire.requests[0]
    assert request.url == f"{HOST}/services/rest/record/v1/purchaseOrder/48211/!transform/itemReceipt"
    assert request.headers["X-NetSuite-PropertyNameValidation"] == "Error"
    assert request.write
    assert new_id(reply) == "51930"
    with pytest.raises(ValueError, match="no record"):
        new_id(Reply(204, {}, b""))


def test_half_an_answer_is_no_answer(world: World) -> None:
    for answer in ({"items": []}, {"hasMore": False}, [1], {"items": [1], "hasMore": False}):
        with pytest.raises(VendorFault) as caught:
            client(world, Wire(world, [answer])).ask("SELECT 1", "test")
        assert (caught.value.kind, caught.value.alarm) == (FaultKind.UNAVAILABLE, True)


def test_keys_in_any_case_and_values_of_any_kind(world: World) -> None:
    wire = Wire(world, [rows({"PO_ID": 48211, "Qty": "12.5", "flag": True, "none": None})])
    (row,), more = client(world, wire).ask("SELECT 1", "test")
    assert (row.needed("po_id"), row.quantity("qty"), row.flag("flag"), row.text("none"), more) == (
        "48211", Decimal("12.5"), True, "", False,
    )  # fmt: skip


def test_numbers_are_exact_or_refused() -> None:
    assert wire_json({"amount": Decimal("412.70")}) == b'{"amount":412.7}'
    with pytest.raises(ValueError, match="more digits"):
        wire_json({"amount": Decimal("0.1234567890123456789")})


def test_the_slots_of_an_account_are_shared_and_given_back(world: World) -> None:
    first = open_netsuite(world.services, "one", system(), lane="live", holder="a", wire=Wire(world, []))
    second = open_netsuite(world.services, "two", system(), lane="live", holder="b", wire=Wire(world, []))
    third = open_netsuite(world.services, "one", system(), lane="live", holder="c", wire=Wire(world, []))
    first.ready()
    second.ready()
    with pytest.raises(VendorFault) as caught:
        third.ready()
    assert caught.value.kind is FaultKind.BUDGET
    first.close()
    world.clock.advance(5)
    third.ready()
