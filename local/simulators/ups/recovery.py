"""Label recovery: the label of a shipment once more, by 1Z or by reference number and shipper number.

Not found is no proof of absence: what was just bought may not be there yet, and refusals such as "already on its way"
prove that the shipment exists.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from local.simulators.base import Reply, json_reply
from local.simulators.checks import Finding, both, rule
from local.simulators.ups import answers, labels, scans
from local.simulators.ups.gateway import Asked
from local.simulators.ups.labels import STOCK_FORMATS
from local.simulators.ups.problems import refuse
from local.simulators.ups.records import Label, Shipment
from local.simulators.ups.ship import label_lines
from local.simulators.ups.validation import record, text
from local.simulators.ups.world import World

ROOT = "LabelRecoveryRequest"
FORMATS = ("GIF", "PDF", "ZPL", "EPL", "SPL")
CANDIDATE_DAYS = 30
_shape = record(
    {
        ROOT: record(
            {
                "Request": record(
                    {
                        "SubVersion": text(4, 4, choices=("1701", "1707", "1903", "2603")),
                        "RequestOption": text(1),
                        "TransactionReference": record({"CustomerContext": text(0, 512)}),
                    }
                ),
                "LabelSpecification": record(
                    {
                        "HTTPUserAgent": text(1, 64),
                        "LabelImageFormat": record(
                            {"Code": text(3, 4, choices=FORMATS), "Description": text(1, 35)}, ("Code",)
                        ),
                        "LabelStockSize": record(
                            {"Height": text(1, 3, choices=("6", "8")), "Width": text(1, 3, choices=("4",))},
                            ("Height", "Width"),
                        ),
                    }
                ),
                "TrackingNumber": text(18, 18, pattern="1Z[0-9A-Z]{16}"),
                "ReferenceValues": record(
                    {
                        "ReferenceNumber": record({"Value": text(1, 35)}, ("Value",)),
                        "ShipperNumber": text(6, 6, pattern="[0-9A-Z]{6}"),
                    },
                    ("ReferenceNumber", "ShipperNumber"),
                ),
                "Locale": text(5, 5, pattern="[a-z]{2}_[A-Z]{2}"),
            }
        )
    },
    (ROOT,),
)


def _one_key(value: Any, path: str) -> Iterator[Finding]:
    asked = value[ROOT]
    if ("TrackingNumber" in asked) == ("ReferenceValues" in asked):
        yield rule(f"{ROOT}.TrackingNumber", "Exactly one of TrackingNumber and ReferenceValues")
    if "LabelSpecification" not in asked:
        yield rule(f"{ROOT}.LabelSpecification", "Missing LabelSpecification: needed without a return service")
    written = asked.get("LabelSpecification", {})
    if "LabelStockSize" in written and _format(asked) not in STOCK_FORMATS:
        yield rule(f"{ROOT}.LabelSpecification.LabelStockSize", "LabelStockSize is only for ZPL, EPL and SPL")


BODY = both(_shape, _one_key)


def _format(asked: dict[str, Any]) -> str:
    """The format asked for; absent means HTML."""
    return str(asked.get("LabelSpecification", {}).get("LabelImageFormat", {}).get("Code", "HTML"))


def recover(world: World, asked: Asked) -> Reply:
    """POST /labels/v1/recovery."""
    wanted = asked.body[ROOT]
    lag = world.switches.recovery_lag_seconds
    if "TrackingNumber" in wanted:
        label = world.labels.get(wanted["TrackingNumber"])
        shipment = world.shipment_of(wanted["TrackingNumber"])
        if label is None or shipment is None or shipment.account not in asked.client.accounts:
            raise _not_found()
        if not world.sees(shipment.created):
            raise _not_found()
        if not world.sees(shipment.created, lag):
            raise refuse(400, "9801041", "The shipment has not been processed yet")
        return _answer(world, wanted, shipment, [label])
    reference = wanted["ReferenceValues"]
    if reference["ShipperNumber"] not in asked.client.accounts:
        raise _not_found()
    return _by_reference(world, wanted, reference["ReferenceNumber"]["Value"], reference["ShipperNumber"])


def _not_found() -> Exception:
    return refuse(400, "9801031", "No shipment was found for this request")


def _by_reference(world: World, wanted: dict[str, Any], value: str, account: str) -> Reply:
    """One shipment: its labels. Several: candidates, none of them chosen."""
    start = world.now() - timedelta(days=CANDIDATE_DAYS)
    found = [world.shipments[key] for key in _shipment_ids(world, value)]
    visible = [
        each
        for each in found
        if each.account == account
        and each.created >= start
        and world.sees(each.created, world.switches.recovery_lag_seconds)
    ]
    if not visible:
        raise _not_found()
    if len(visible) == 1:
        return _answer(world, wanted, visible[0], [world.labels[each] for each in visible[0].labels])
    candidates = [_candidate(each) for each in visible]
    document = {
        "Response": answers.response(world, answers.context_of(wanted.get("Request", {}))),
        "LabelResults": [],
        "TrackingCandidate": candidates,
    }
    return json_reply(200, {"LabelRecoveryResponse": document})


def _shipment_ids(world: World, value: str) -> list[str]:
    return list(dict.fromkeys(world.labels[each].shipment_id for each in scans.numbers_with(world, value)))


def _candidate(shipment: Shipment) -> dict[str, Any]:
    day = shipment.ship_date
    return {
        "TrackingNumber": shipment.id,
        "DestinationPostalCode": shipment.destination.postal_code,
        "DestinationCountryCode": shipment.destination.country,
        "PickupDateRange": {"BeginDate": day, "EndDate": day},
    }


def _answer(world: World, wanted: dict[str, Any], shipment: Shipment, found: list[Label]) -> Reply:
    """Labels that can be recovered; a refusal where none can, in the order in which UPS would notice."""
    alive = [each for each in found if not world.is_voided(each)]
    if not world.switches.forward_labels_recoverable:
        raise _not_found()
    if not alive:
        raise refuse(400, "9801040", "The shipment has been voided")
    if world.now() - shipment.created > timedelta(days=world.switches.recovery_days):
        raise refuse(400, "9800020", "The label has expired")
    if any(world.movement(each.tracking_number) for each in alive):
        raise refuse(400, "9801028", "The package is already on its way")
    image_format = _format(wanted)
    rows = [_result(world, shipment, label, image_format, place) for place, label in enumerate(alive)]
    document = {
        "Response": answers.response(world, answers.context_of(wanted.get("Request", {}))),
        "ShipmentIdentificationNumber": shipment.id,
        "LabelResults": answers.one_or_many(world, rows),
    }
    return json_reply(200, {"LabelRecoveryResponse": document})


def _result(world: World, shipment: Shipment, label: Label, image_format: str, place: int) -> dict[str, Any]:
    """One LabelResults row. With PDF only the first carries an image (of all labels)."""
    row: dict[str, Any] = {"TrackingNumber": label.tracking_number}
    if image_format == "PDF" and place > 0:
        return row
    lines = label_lines(shipment.destination, (*label.references, *shipment.references))
    real = "GIF" if image_format == "HTML" else image_format
    data = labels.label(real, label.tracking_number, lines, world.switches.cie)
    shown = image_format.lower() if world.switches.lower_case_formats else image_format
    image = {"LabelImageFormat": {"Code": shown}, "GraphicImage": labels.encoded(data)}
    if image_format in ("HTML", "GIF"):
        image["HTMLImage"] = labels.encoded(labels.page(label.tracking_number))
    row["LabelImage"] = image
    row["Receipt"] = "" if world.switches.empty_as_text else {"HTMLImage": labels.encoded(b"<html></html>")}
    return row
