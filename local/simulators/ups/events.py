"""The kinds of events in the life of a package, after the vendor's tables of status types and codes."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Event:
    """One kind of event: type and code (the code means something only together with the type), texts, status code."""

    type: str
    code: str
    description: str
    status_code: str
    simple: str
    at: str = "destination"  # origin | destination: where it happens unless the command says otherwise


EVENTS = {
    "label_created": Event(
        "M",
        "MP",
        "Shipper created a label, UPS has not received the package yet. ",
        "003",
        "Shipment Ready for UPS",
        "origin",
    ),
    "manifest_processed": Event(
        "M", "DP", "Shipment ready for UPS, manifest processed. ", "157", "Shipment Ready for UPS", "origin"
    ),
    "voided": Event("MV", "VP", "Shipment information voided. ", "007", "Shipment Information Voided", "origin"),
    "picked_up": Event("I", "PU", "Pickup Scan ", "038", "Picked Up by UPS", "origin"),
    "origin_scan": Event("I", "OR", "Origin Scan ", "005", "On the Way", "origin"),
    "departed": Event("I", "DP", "Departed from Facility ", "005", "On the Way", "origin"),
    "arrived": Event("I", "AR", "Arrived at Facility ", "005", "On the Way"),
    "export_scan": Event("I", "EP", "Export Scan ", "005", "On the Way", "origin"),
    "import_scan": Event("I", "IP", "Import Scan ", "005", "On the Way"),
    "customs": Event("I", "IP", "Clearance in Progress ", "012", "Clearance in Progress"),
    "destination_scan": Event("I", "DS", "Destination Scan ", "005", "On the Way"),
    "out_for_delivery": Event("I", "OT", "Out For Delivery Today ", "021", "Out for Delivery"),
    "first_attempt": Event(
        "X", "48", "The receiver was not available. We will make a second attempt. ", "022", "First Attempt Made"
    ),
    "exception": Event("X", "8", "Due to operating conditions, your package may be delayed. ", "013", "Exception"),
    "address_problem": Event("X", "AE", "The street number is incorrect. ", "029", "Exception: Action Required"),
    "access_point": Event(
        "D", "2Q", "Delivered to UPS Access Point, awaiting pickup ", "040", "Ready for Customer Pickup"
    ),
    "delivered": Event("D", "FS", "DELIVERED ", "011", "Delivered"),
    "delivered_by_post": Event("D", "YC", "Delivered by Local Post Office ", "026", "Delivered by Local Post Office"),
    "returning": Event("X", "DL", "Returning to Sender ", "035", "Returning to Sender"),
    "returned": Event("D", "B0", "Returned to Sender ", "034", "Returned to Sender", "origin"),
    "lost": Event("X", "27", "All merchandise missing. ", "068", "Sent to Lost and Found"),
    "date_changed": Event("U", "UP", "Updated Delivery Date ", "005", "On the Way"),
    "time_changed": Event("U", "UT", "Updated Delivery Time ", "005", "On the Way"),
}
UPDATES = ("date_changed", "time_changed")  # Track Alert only: no scan
JOURNEY = ("picked_up", "origin_scan", "departed", "arrived", "out_for_delivery", "delivered")
ADDRESSED = ("delivered", "delivered_by_post", "access_point")
