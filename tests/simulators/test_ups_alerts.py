"""Track Alert: subscriptions of both versions, what is pushed, how it is authenticated, what is lost."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest

from local.simulators.base import Fault, Reply
from local.simulators.ups import DEFAULT_CLIENT, Delivery
from tests.simulators.ups_bench import Bench, a_shipment, changed, codes, document

V1 = "/api/track/v1/subscription/standard/package"
V2 = "/api/track/v2/subscription/standard/package"
ENHANCED = "/api/track/v2/subscription/enhanced/package"
ACCOUNT = "/api/track/v2/subscription/standard/account"
CIE = ["1ZCIETST0111111114", "1ZCIETST0422222228", "1ZCIEPIC0111111116"]
HOOK = "https://hooks.example.com/ups/3f1c"
DAY = 86400


def v2(*numbers: str, **more: Any) -> dict[str, Any]:
    return {"locale": "en_US", "countryCode": "US", "trackingNumberList": list(numbers), **more}


def v1(*numbers: str, **changes: Any) -> dict[str, Any]:
    destination = {"url": HOOK, "credentialType": "Bearer", "credential": "s3cr3t-42", **changes}
    return v2(*numbers, destination=destination)


def subscribed(bench: Bench, *numbers: str, path: str = V1, **more: Any) -> None:
    body = {**(v1(*numbers) if "/v1/" in path else v2(*numbers)), **more}
    reply = bench.call("POST", path, body)
    assert reply.status == 200, reply.body


def bodies(deliveries: list[Delivery]) -> list[dict[str, Any]]:
    return [json.loads(each.body) for each in deliveries]


def happened(deliveries: list[Delivery]) -> list[str]:
    return [each["activityStatus"]["code"] for each in bodies(deliveries)]


REFUSED: list[tuple[str, dict[str, Any] | None, str]] = [
    (V1, None, "VSS110"),
    (V1, {}, "VSS110"),
    (V1, changed(v1(CIE[0]), "trackingNumberList", ...), "VSS200"),
    (V1, changed(v1(CIE[0]), "trackingNumberList", CIE[0]), "VSS200"),
    (V1, changed(v1(CIE[0]), "trackingNumberList", [1]), "VSS200"),
    (V1, v1(), "VSS210"),
    (V1, v1("1Z123", "9400111899560000000000"), "VSS210"),
    (V1, v1(*(f"1Z{number:016d}" for number in range(101))), "VSS220"),
    (V1, changed(v1(CIE[0]), "locale", ...), "VSS300"),
    (V1, changed(v1(CIE[0]), "locale", "de_DE"), "VSS310"),
    (V1, changed(v1(CIE[0]), "locale", 1), "VSS310"),
    (V1, changed(v1(CIE[0]), "countryCode", "USA"), "VSS400"),
    (V1, changed(v1(CIE[0]), "countryCode", "us"), "VSS400"),
    (V1, changed(v1(CIE[0]), "destination", ...), "VSS500"),
    (V1, changed(v1(CIE[0]), "destination", "x"), "VSS500"),
    (V1, changed(v1(CIE[0]), "destination.url", ...), "VSS600"),
    (V1, v1(CIE[0], url="http://hooks.example.com/x"), "VSS600"),
    (V1, v1(CIE[0], url="hooks"), "VSS600"),
    (V1, v1(CIE[0], url=f"{HOOK}/{'x' * 1000}"), "VSS610"),
    (V1, changed(v1(CIE[0]), "destination.credential", ...), "VSS700"),
    (V1, v1(CIE[0], credential=""), "VSS700"),
    (V1, changed(v1(CIE[0]), "destination.credentialType", ...), "VSS800"),
    (V1, v1(CIE[0], credentialType=1), "VSS800"),
    (V2, changed(v2(CIE[0]), "locale", ...), "VSS300"),
    (V2, v2(*(f"1Z{number:016d}" for number in range(101))), "VSS220"),
    (ENHANCED, v2(CIE[0], eventPreferences=[]), "VSS414"),
    (ENHANCED, v2(CIE[0], eventPreferences=["Z"]), "VSS414"),
    (ENHANCED, v2(CIE[0], eventPreferences=["D", "I", "M", "X", "D"]), "VSS414"),
    (ENHANCED, v2(CIE[0], eventPreferences="D"), "VSS414"),
    (V2.replace("standard", "premium"), {}, "VSS930"),
    (ACCOUNT, {"locale": "en_US"}, "VSS000"),
    (ACCOUNT, {"locale": "en_US", "shipperAccountNumber": "Z9Y8X7"}, "VSS000"),
]


@pytest.mark.parametrize("case", range(len(REFUSED)), ids=lambda case: f"{case}-{REFUSED[case][2]}")
def test_a_wrong_subscription_is_refused_with_its_code_and_leaves_nothing(case: int) -> None:
    path, body, code = REFUSED[case]
    bench = Bench()
    headers: dict[str, str | None] = {"Content-Type": "application/json"}
    reply = bench.call("POST", path, body, headers=headers)
    assert (reply.status, codes(reply)) == (400, [code])
    assert bench.simulator.holdings()["subscriptions"] == []
    assert bench.simulator.strict_violations == []


@pytest.mark.parametrize(
    ("path", "body"),
    [
        (V2, v1(CIE[0])),  # v2 knows no destination: the portal has it
        (V2, v2(CIE[0], eventPreferences=["D"])),  # enhanced only
        (V1, v1(CIE[0], token="x")),
        (V1, {**v1(CIE[0]), "emailList": []}),
    ],
)
def test_members_of_the_other_version_or_type_are_written_down(path: str, body: dict[str, Any]) -> None:
    bench = Bench()
    assert bench.call("POST", path, body).status == 400
    assert len(bench.simulator.strict_violations) == 1


def test_a_wrong_content_type_is_10007() -> None:
    reply = Bench().call("POST", V1, v1(CIE[0]), headers={"Content-Type": "text/plain"})
    assert codes(reply) == ["10007"]


def test_errors_may_come_without_the_envelope() -> None:
    reply = Bench(bare_errors=True).call("POST", V1, changed(v1(CIE[0]), "locale", ...))
    assert document(reply)["errors"][0]["code"] == "VSS300"
    assert "response" not in document(reply)


def test_a_mixed_list_is_a_partial_success() -> None:
    bench = Bench()
    reply = bench.call("POST", V1, v1(CIE[0], "1Z123", CIE[0], "1R12345678901234"))
    assert reply.status == 200
    assert document(reply) == {
        "validTrackingNumbers": [CIE[0], "1R12345678901234"],
        "invalidTrackingNumbers": ["1Z123"],
    }
    assert [each["number"] for each in bench.simulator.holdings()["subscriptions"]] == [CIE[0], "1R12345678901234"]


def test_no_valid_number_names_the_invalid_ones_in_the_refusal() -> None:
    reply = Bench().call("POST", V2, v2("1Z1234567$8"))
    assert (reply.status, document(reply)["invalidTrackingNumbers"]) == (400, ["1Z1234567$8"])


def test_a_hundred_numbers_are_taken() -> None:
    bench = Bench()
    subscribed(bench, *(f"1Z{number:016d}" for number in range(100)))
    assert len(bench.simulator.holdings()["subscriptions"]) == 100


def test_a_partial_fault_loses_the_last_number() -> None:
    bench = Bench()
    bench.simulator.dial.plan(Fault.PARTIAL, "subscription")
    reply = bench.call("POST", V1, v1(*CIE))
    assert document(reply)["invalidTrackingNumbers"] == [CIE[2]]


def test_the_sandbox_takes_its_test_numbers_only_and_pushes_samples_one_second_apart() -> None:
    bench = Bench(cie=True)
    number = bench.bought()
    assert codes(bench.call("POST", V1, v1(number))) == ["VSS215"]
    subscribed(bench, CIE[0])
    assert happened(bench.simulator.take_deliveries()) == ["OR"]
    bench.wait(2)
    assert happened(bench.simulator.take_deliveries()) == ["OT", "FS"]
    mixed = bench.call("POST", V1, v1(CIE[1], number))
    assert document(mixed)["invalidTrackingNumbers"] == [number]


def test_a_v1_push_carries_the_credential_and_blanks() -> None:
    bench = Bench()
    number = bench.bought()
    subscribed(bench, number)
    bench.wait(60)
    bench.command("scan", tracking_number=number, event="out_for_delivery")
    [push] = bench.simulator.take_deliveries()
    assert (push.url, push.purpose) == (HOOK, "event")
    assert push.headers["credential"] == "s3cr3t-42"
    assert push.headers["User-Agent"] == "UPSPubSubTrackingService"
    [body] = bodies([push])
    assert body["activityStatus"] == {
        "type": "I",
        "code": "OT",
        "description": "Out For Delivery Today",
        "descriptionCode": "021",
    }
    assert (body["localActivityDate"], body["localActivityTime"]) == ("20260713", "165930")
    assert (body["gmtActivityDate"], body["gmtActivityTime"], body["gmtOffset"]) == ("20260713", "205930", "-04.00")
    assert (body["actualDeliveryDate"], body["activityLocation"]["postalCode"]) == ("", "")
    assert body["deliveryTimeDescription"] == "end of day"


def test_blanks_can_be_switched_off() -> None:
    bench = Bench(push_blanks=False)
    number = bench.bought()
    subscribed(bench, number)
    bench.command("scan", tracking_number=number, event="origin_scan")
    [body] = bodies(bench.simulator.take_deliveries())
    assert "actualDeliveryDate" not in body
    assert "postalCode" not in body["activityLocation"]


def test_quirk_a_blank_before_the_tracking_number() -> None:
    bench = Bench(push_leading_blank=True)
    number = bench.bought()
    subscribed(bench, number)
    bench.command("scan", tracking_number=number, event="origin_scan")
    assert bodies(bench.simulator.take_deliveries())[0]["trackingNumber"] == f" {number}"


def test_receiver_and_photo_only_in_enhanced_and_never_a_signature() -> None:
    bench = Bench()
    plain, rich = bench.bought(), bench.bought()
    bench.command("set_portal", app=DEFAULT_CLIENT.id, url=HOOK, kind="credential", credential="c")
    subscribed(bench, plain)
    subscribed(bench, rich, path=ENHANCED)
    for number in (plain, rich):
        bench.command("scan", tracking_number=number, event="delivered", received_by="JOHN")
    standard, enhanced = bodies(bench.simulator.take_deliveries())
    assert standard["activityStatus"]["descriptionCode"] == "011"
    assert standard["actualDeliveryTime"] == "165830"
    assert not {"receivedBy", "deliveryPhoto"} & set(standard)
    assert enhanced["receivedBy"] == "JOHN"
    assert base64.b64decode(enhanced["deliveryPhoto"]).startswith(b"GIF89a")
    assert "signature" not in json.dumps([standard, enhanced]).lower()


def test_no_history_and_nothing_after_fourteen_days_unless_renewed() -> None:
    bench = Bench()
    number = bench.bought()
    bench.command("scan", tracking_number=number, event="picked_up")
    subscribed(bench, number)
    assert bench.simulator.take_deliveries() == []
    bench.wait(14 * DAY - 1)
    bench.command("scan", tracking_number=number, event="origin_scan")
    assert happened(bench.simulator.take_deliveries()) == ["OR"]
    bench.wait(1)
    bench.command("scan", tracking_number=number, event="departed")
    assert bench.simulator.take_deliveries() == []
    assert bench.simulator.holdings()["subscriptions"][0]["alive"] is False
    subscribed(bench, number)
    bench.command("scan", tracking_number=number, event="arrived")
    assert happened(bench.simulator.take_deliveries()) == ["AR"]


def test_preferences_choose_events_and_updates_come_with_deliveries() -> None:
    bench = Bench()
    number = bench.bought()
    bench.command("set_portal", app=DEFAULT_CLIENT.id, url=HOOK, kind="credential", credential="c")
    subscribed(bench, number, path=ENHANCED, eventPreferences=["D"])
    for event in ("origin_scan", "exception", "date_changed", "delivered"):
        bench.command("scan", tracking_number=number, event=event)
    assert happened(bench.simulator.take_deliveries()) == ["UP", "FS"]


def test_what_is_not_taken_is_lost_unless_the_switch_gives_retries() -> None:
    bench = Bench()
    number = bench.bought()
    subscribed(bench, number)
    bench.command("scan", tracking_number=number, event="origin_scan")
    [push] = bench.simulator.take_deliveries()
    bench.simulator.report_delivery(push, False)
    bench.wait(DAY)
    assert bench.simulator.take_deliveries() == []
    assert bench.simulator.holdings()["deliveries_lost"] == 1
    bench.command("set", push_retries=1)
    bench.command("scan", tracking_number=number, event="departed")
    [push] = bench.simulator.take_deliveries()
    bench.simulator.report_delivery(push, False)
    assert bench.simulator.holdings()["deliveries_waiting"] == 1
    bench.wait(60)
    [again] = bench.simulator.take_deliveries()
    assert (again.body, again.headers, again.attempt) == (push.body, push.headers, 2)
    bench.simulator.report_delivery(again, False)
    assert bench.simulator.holdings()["deliveries_lost"] == 2


def test_an_accepted_push_is_done() -> None:
    bench = Bench(push_retries=3)
    number = bench.bought()
    subscribed(bench, number)
    bench.command("scan", tracking_number=number, event="origin_scan")
    bench.simulator.report_delivery(bench.simulator.take_deliveries()[0], True)
    bench.wait(DAY)
    assert bench.simulator.take_deliveries() == []
    assert bench.simulator.holdings()["deliveries_lost"] == 0


def test_duplicates_and_another_order() -> None:
    bench = Bench(duplicate_pushes=1, reorder_pushes=True)
    number = bench.bought()
    subscribed(bench, number)
    bench.command("progress", tracking_number=number, to="origin_scan")
    assert happened(bench.simulator.take_deliveries()) == ["OR", "OR", "PU", "PU"]


def portal(bench: Bench, **more: Any) -> str:
    bench.command("set_portal", app=DEFAULT_CLIENT.id, url=HOOK, **more)
    number = bench.bought()
    subscribed(bench, number, path=V2)
    bench.command("scan", tracking_number=number, event="origin_scan")
    return number


def test_v2_without_a_portal_entry_is_lost() -> None:
    bench = Bench()
    number = bench.bought()
    subscribed(bench, number, path=V2)
    bench.command("scan", tracking_number=number, event="origin_scan")
    assert bench.simulator.take_deliveries() == []
    assert bench.simulator.holdings()["deliveries_lost"] == 1


@pytest.mark.parametrize(
    ("kind", "header", "value"),
    [("credential", "credential", "s3cr3t-42"), ("bearer", "Authorization", "Bearer s3cr3t-42")],
)
def test_v2_with_a_static_credential_of_the_portal(kind: str, header: str, value: str) -> None:
    bench = Bench()
    portal(bench, kind=kind, credential="s3cr3t-42")
    [push] = bench.simulator.take_deliveries()
    assert (push.url, push.headers[header]) == (HOOK, value)


def oauth(bench: Bench) -> str:
    return portal(
        bench, kind="oauth", token_url="https://hooks.example.com/token", client_id="ups", client_secret="psst"
    )


def test_v2_with_oauth_asks_the_merchant_for_a_token_first_and_once() -> None:
    bench = Bench()
    number = oauth(bench)
    [call] = bench.simulator.take_deliveries()
    assert (call.purpose, call.url, call.body) == (
        "token",
        "https://hooks.example.com/token",
        b"grant_type=client_credentials",
    )
    assert call.headers["Authorization"] == "Basic " + base64.b64encode(b"ups:psst").decode()
    bench.command("scan", tracking_number=number, event="departed")
    assert bench.simulator.take_deliveries() == []  # the first call is under way
    bench.simulator.report_delivery(call, True, b'{"access_token": "T-1", "expires_in": 300, "token_type": "Bearer"}')
    pushes = bench.simulator.take_deliveries()
    assert happened(pushes) == ["OR", "DP"]
    assert {(each.headers["Authorization"], each.headers["x-api-key"]) for each in pushes} == {("Bearer T-1", "ups")}
    bench.wait(300)
    bench.command("scan", tracking_number=number, event="arrived")
    assert [each.purpose for each in bench.simulator.take_deliveries()] == ["token"]


@pytest.mark.parametrize(("accepted", "answer"), [(False, b""), (True, b"no json"), (True, b"{}"), (True, b"[]")])
def test_without_a_token_of_the_merchant_the_events_are_lost(accepted: bool, answer: bytes) -> None:
    bench = Bench()
    number = oauth(bench)
    [call] = bench.simulator.take_deliveries()
    bench.simulator.report_delivery(call, accepted, answer)
    assert bench.simulator.take_deliveries() == []
    assert bench.simulator.holdings()["deliveries_lost"] == 1
    bench.command("scan", tracking_number=number, event="departed")
    assert [each.purpose for each in bench.simulator.take_deliveries()] == ["token"]


def test_an_account_is_subscribed_without_end_and_can_be_unsubscribed() -> None:
    bench = Bench()
    bench.command("set_portal", app=DEFAULT_CLIENT.id, url=HOOK, kind="credential", credential="c")
    reply = bench.call("POST", ACCOUNT, {"locale": "en_US", "shipperAccountNumber": "A1B2C3"})
    assert document(reply) == {"expiryDate": "9999-12-31"}
    bench.bought(a_shipment(packages=2))
    assert happened(bench.simulator.take_deliveries()) == ["MP", "MP"]
    query = "shipper_account_number=A1B2C3"
    assert document(bench.call("DELETE", ACCOUNT, query=query)) == {"message": "Account unsubscribed"}
    again: Reply = bench.call("DELETE", ACCOUNT, query=query)
    assert (again.status, codes(again)) == (400, ["VSS000"])
    assert codes(bench.call("DELETE", ACCOUNT)) == ["10002"]
    bench.bought()
    assert bench.simulator.take_deliveries() == []


def test_deliveries_over_the_control_door() -> None:
    bench = Bench(push_retries=1)
    number = bench.bought()
    subscribed(bench, number)
    bench.command("scan", tracking_number=number, event="origin_scan")
    [taken] = bench.command("take_deliveries")
    assert json.loads(taken["body"])["trackingNumber"] == number
    assert (taken["url"], taken["purpose"], taken["headers"]["credential"]) == (HOOK, "event", "s3cr3t-42")
    bench.command("report_delivery", delivery=taken["delivery"], accepted=False)
    bench.wait(60)
    [again] = bench.command("take_deliveries")
    assert again["delivery"] != taken["delivery"]
    bench.command("report_delivery", delivery=again["delivery"], accepted=True)
    assert bench.simulator.holdings()["deliveries_lost"] == 0
    bench.command("set", push_retries=0)
    oauth(bench)
    [call] = bench.command("take_deliveries")
    token = '{"access_token": "T-1", "expires_in": "300"}'
    bench.command("report_delivery", delivery=call["delivery"], accepted=True, body=token)
    assert bench.command("take_deliveries")[0]["headers"]["Authorization"] == "Bearer T-1"
