"""The stories of the pair Acumatica - UPS. A second label is money lost, so every label ever sold is counted."""

from __future__ import annotations

from collections.abc import Callable

from tests.crash.stories import DOUBLED, LOST, Finding, Sighting, Story, expect, hours_later, same, told_on
from tests.crash.theatre import Theatre
from tests.crash.ups_theatre import UpsTheatre
from tests.support.ups_stage import parcel


def _of(theatre: Theatre) -> UpsTheatre:
    return told_on(theatre, UpsTheatre)


def theatre_for(*steps: Callable[[UpsTheatre], object]) -> Callable[[bool], Theatre]:
    """A theatre with a warm address, tokens of hours ago, and what the steps have done."""

    def make(verbose: bool) -> Theatre:
        theatre = UpsTheatre("labels", "tracking", verbose=verbose, ups={"track_alert": "v1"})
        theatre.ups.command("set", {"push_retries": 5})
        theatre.shipment(parcel(3))
        theatre.go(8)
        return hours_later(theatre, steps, 12)

    return make


# ---- labels ------------------------------------------------------------------------------------------------------

WARM, SOLD = "SH000001", {"SH000002": ("4.5", "7"), "SH000003": ("9",)}


def _labels_act(theatre: Theatre) -> list[Sighting]:
    stage = _of(theatre)
    numbers = [stage.shipment(parcel(4.5), parcel(7)), stage.shipment(parcel(9))]
    return [Sighting("labels", number, theatre.clock()) for number in numbers]


def _reference(label: dict[str, object]) -> str:
    return str(label["references"][0]["value"])  # type: ignore[index]


def _labels_judge(theatre: Theatre) -> list[Finding]:
    stage = _of(theatre)
    labels = [label for label in stage.labels() if _reference(label) != WARM]
    sold = [(_reference(label), label["weight"]) for label in labels]
    wanted = [(number, weight) for number, weights in SOLD.items() for weight in weights]
    findings = expect(sold, wanted, "label")
    for number in SOLD:
        mine = [label["tracking_number"] for label in labels if _reference(label) == number]
        findings += expect([each for each in stage.packages(number) if each], mine, f"tracking number on {number}")
        findings += expect(stage.files(number), [f"ups-{each}.zpl" for each in mine], f"file on {number}")
        if stage.erp("Shipment")[number].get("PackageCount") != len(SOLD[number]):
            findings.append(Finding(DOUBLED, f"packages of {number}"))
    orders = stage.erp("SalesOrder")
    for key in ("SO000002", "SO000003"):
        text = str(orders[key].get("note") or "")
        findings += [Finding(LOST, f"text of {key}")] if labels and "--- UPS ---" not in text else []
        findings += [Finding(DOUBLED, f"text of {key}")] if text.count("--- UPS ---") > 1 else []
    return findings


def _labels_meanwhile(theatre: Theatre) -> None:
    _of(theatre).edit("SH000002", Description="call first")


# ---- void and another label --------------------------------------------------------------------------------------


def _two_parcels(theatre: UpsTheatre) -> None:
    theatre.shipment(parcel(4.5), parcel(7))


def _void_act(theatre: Theatre) -> list[Sighting]:
    _of(theatre).edit("SH000002", Hold=True)
    return []


def _void_judge(theatre: Theatre) -> list[Finding]:
    stage = _of(theatre)
    mine = [label for label in stage.labels() if _reference(label) == "SH000002"]
    findings = expect([label["weight"] for label in mine], ["4.5", "7"], "label of SH000002")
    findings += [Finding(LOST, f"void of {label['tracking_number']}") for label in mine if not label["voided"]]
    findings += [Finding(LOST, "removal of the numbers")] if any(stage.packages("SH000002")) else []
    other = [label["voided"] for label in stage.labels() if _reference(label) == WARM]
    return findings + same(other, [False], "the other shipment's labels")


# ---- scans -------------------------------------------------------------------------------------------------------


def _scans_act(theatre: Theatre) -> list[Sighting]:
    stage = _of(theatre)
    for label in stage.labels():
        if _reference(label) == "SH000002":
            for event in ("origin_scan", "out_for_delivery", "delivered"):
                stage.ups.command("scan", {"tracking_number": label["tracking_number"], "event": event})
    return []


def _scans_judge(theatre: Theatre) -> list[Finding]:
    stage = _of(theatre)
    text = str(stage.erp("SalesOrder")["SO000002"].get("note") or "")
    findings: list[Finding] = []
    for label in stage.labels():
        number = label["tracking_number"]
        if _reference(label) != "SH000002":
            continue
        findings += [Finding(LOST, f"delivery of {number}")] if f"{number} delivered" not in text else []
        findings += [Finding(DOUBLED, f"{number} in the text")] if text.count(str(number)) > 1 else []
        signature = f"ups-signature-{number}.gif"
        findings += expect([name for name in stage.files("SH000002") if name == signature], [signature], "signature")
    return findings + expect([_reference(each) for each in stage.labels()], [WARM, "SH000002", "SH000002"], "label")


UPS_STORIES: tuple[Story, ...] = (
    Story("labels", theatre_for(), _labels_act, _labels_judge, _labels_meanwhile),
    Story("labels void", theatre_for(_two_parcels), _void_act, _void_judge),
    Story("scans", theatre_for(_two_parcels), _scans_act, _scans_judge),
)
