"""The closing table of labels: what UPS sold and what Acumatica's packages hold, package by package.

Like closing.py it reads plain holdings and owes nothing to the connector.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from decimal import Decimal

from local.demo.books import Holdings, Row
from local.demo.table import Line

SIDES = ("Acumatica", "UPS")

DELIVERED = "011"
"""UPS's status code of a parcel that has arrived."""

KINDS = (
    ("token", "/oauth/token"), ("address", "/addressvalidation/"), ("void", "/void/"), ("ship", "/ship"),
    ("recovery", "/recovery"), ("track by reference", "/reference/"), ("track", "/track/v1/details"),
    ("subscribe", "/subscription/"),
)  # fmt: skip


def compare(acumatica: Holdings, ups: Holdings) -> list[Line]:
    """The whole table."""
    return [section(acumatica, ups) for section in (_purchases, _labels, _files, _deliveries, _manners)]


def calls_by_kind(paths: Iterable[str]) -> dict[str, int]:
    """Calls to UPS by what they ask for."""
    found: Counter[str] = Counter()
    for path in paths:
        found[next((kind for kind, part in KINDS if part in path), "other")] += 1
    return dict(found)


def packages_of(acumatica: Holdings) -> list[tuple[str, Row]]:
    """Every package with the number of its shipment."""
    shipments = sorted(acumatica["Shipment"].items())
    return [(number, package) for number, shipment in shipments for package in shipment.get("Packages", ())]


def is_for(label: Row, number: str) -> bool:
    """Whether a label was bought for a shipment: our reference is on it."""
    return any(each["value"] == number for each in label["references"])


def _purchases(acumatica: Holdings, ups: Holdings) -> Line:
    """One purchase per shipment, also where an answer was lost: a second one costs money."""
    found = []
    for number in sorted(acumatica["Shipment"]):
        bought = {label["shipment_id"] for label in ups["labels"] if is_for(label, number)}
        if len(bought) != 1:
            found.append(f"shipment {number} was bought {len(bought)} times")
    return Line("Shipments and purchases", str(len(acumatica["Shipment"])), str(len(ups["shipments"])),
                     tuple(found))  # fmt: skip


def _labels(acumatica: Holdings, ups: Holdings) -> Line:
    """One label per package: none lost, none second, each on the package that it was bought for."""
    packages, labels = packages_of(acumatica), {label["tracking_number"]: label for label in ups["labels"]}
    held = Counter(str(package.get("TrackingNbr") or "") for _, package in packages)
    found = [f"label {each} is on {held[each]} packages" for each in sorted(labels) if held[each] != 1]
    for number, package in packages:
        tracking = str(package.get("TrackingNbr") or "")
        label = labels.get(tracking)
        if label is None:
            found.append(f"a package of {number} has {tracking or 'no label'}, which UPS never sold")
        elif not is_for(label, number):
            found.append(f"{tracking} is on {number} and was bought for another shipment")
        elif Decimal(label["weight"]) != Decimal(str(package["Weight"])):
            found.append(f"{tracking} weighs {label['weight']} at UPS and {package['Weight']} in Acumatica")
    found += [f"label {each} is voided" for each, label in sorted(labels.items()) if label["voided"]]
    return Line("Packages and labels", str(len(packages)), str(len(labels)), tuple(found))


def _files(acumatica: Holdings, ups: Holdings) -> Line:
    """The label's file hangs on its package, once."""
    found, files = [], 0
    for number, package in packages_of(acumatica):
        name = f"ups-{package.get('TrackingNbr')}.zpl"
        times = [file["name"] for file in package.get("files", ())].count(name)
        files += times
        if times != 1:
            found.append(f"{name} is {times} times on its package of {number}")
    return Line("Label files on packages", str(files), str(len(ups["labels"])), tuple(found))


def _deliveries(acumatica: Holdings, ups: Holdings) -> Line:
    """Every parcel has arrived, and its sales order says so, once."""
    notes = [str(order.get("note") or "") for order in acumatica["SalesOrder"].values()]
    found, shown, arrived = [], 0, 0
    for label in ups["labels"]:
        number = label["tracking_number"]
        arrived += label["status"] == DELIVERED
        times = sum(len(re.findall(rf"{number} delivered", note)) for note in notes)
        shown += times
        if label["status"] != DELIVERED:
            found.append(f"{number} is still on its way (status {label['status']})")
        if times != 1:
            found.append(f"the delivery of {number} is {times} times on the sales orders")
    return Line("Deliveries shown on sales orders", str(shown), str(arrived), tuple(found))


def _manners(acumatica: Holdings, ups: Holdings) -> Line:
    """What no vendor should have seen."""
    found = [f"Acumatica was sent a field that it does not know: {name}" for name in acumatica["unknown_fields"]]
    found += [f"a carrier plug-in bought a label: {label}" for label in acumatica["labels_bought_by_plugin"]]
    found += [f"UPS refused a strange request: {text}" for text in ups["strict_violations"]]
    return Line("Requests no vendor knows", "0", "0", tuple(found))
