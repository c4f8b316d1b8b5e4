"""UPS's answers as frozen dataclasses, and the functions that parse them.

Parsers are tolerant where UPS is (one or many, blanks, missing detail) and raise ValueError, naming the document, where
a fact is missing without which something would be lost or wrong.
"""

from vendors.ups.drafts import Money
from vendors.ups.identity import push_key
from vendors.ups.shapes.addresses import (
    UNCOVERED,
    AddressVerdict,
    Candidate,
    Classification,
    Validity,
    parse_address,
)
from vendors.ups.shapes.alerts import PushEvent, Subscription, parse_push, parse_subscription
from vendors.ups.shapes.fields import Alert, Image
from vendors.ups.shapes.rates import Rate, Rates, Transit, TransitService, parse_rates, parse_transit
from vendors.ups.shapes.recovery import LabelRecovery, RecoveredLabel, Recovery, parse_recovery, read_recovery
from vendors.ups.shapes.ship import ShippedPackage, ShipResult, parse_ship, read_ship
from vendors.ups.shapes.status import FINAL, Standing, standing
from vendors.ups.shapes.tracking import Activity, Delivery, TrackedPackage, TrackResult, parse_track
from vendors.ups.shapes.voids import VoidResult, parse_void, read_void

__all__ = [
    "FINAL",
    "UNCOVERED",
    "Activity",
    "AddressVerdict",
    "Alert",
    "Candidate",
    "Classification",
    "Delivery",
    "Image",
    "LabelRecovery",
    "Money",
    "PushEvent",
    "Rate",
    "Rates",
    "RecoveredLabel",
    "Recovery",
    "ShipResult",
    "ShippedPackage",
    "Standing",
    "Subscription",
    "TrackResult",
    "TrackedPackage",
    "Transit",
    "TransitService",
    "Validity",
    "VoidResult",
    "parse_address",
    "parse_push",
    "parse_rates",
    "parse_recovery",
    "parse_ship",
    "parse_subscription",
    "parse_track",
    "parse_transit",
    "parse_void",
    "push_key",
    "read_recovery",
    "read_ship",
    "read_void",
    "standing",
]
