"""The answer to a purchase: shipment, packages, labels, charges. (Shipping, ShipmentResults.)"""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from connector.transport import Reply
from vendors.ups.drafts import Money
from vendors.ups.problems import has_errors
from vendors.ups.shapes.fields import (
    Alert,
    Document,
    Image,
    alerts,
    child,
    children,
    image,
    image_or_none,
    loose,
    money,
    needed,
    number,
    present,
    response,
    succeeded,
    text,
)

WITHOUT_NEGOTIATED_RATES = frozenset({"120900", "128320"})


@dataclass(frozen=True)
class ShippedPackage:
    """One package. `label` None: bought, but its image is missing or damaged (`label_problem`); recover it by 1Z."""

    tracking_number: str
    label: Image | None
    label_problem: str = ""
    html: str = field(default="", repr=False)
    base_charge: Money | None = None
    options_charge: Money | None = None
    postal_number: str | None = None


@dataclass(frozen=True)
class ShipResult:
    """A bought shipment. `shipment_id` is the key for voiding it: the 1Z of the first package.

    Packages stand in the order of the request; UPS echoes no id of ours per package. published: list price;
    negotiated: the account's price, None without eligibility. `notes`: what could not be read of the rest.
    """

    shipment_id: str
    packages: tuple[ShippedPackage, ...]
    published: Money | None
    negotiated: Money | None
    billing_weight: Decimal | None
    alerts: tuple[Alert, ...]
    forms: tuple[Image, ...]
    context: str
    notes: tuple[str, ...] = ()

    @property
    def cost(self) -> Money | None:
        """What UPS will charge: negotiated if there is one, else published; None when it could not be read."""
        return self.negotiated or self.published

    @property
    def tracking_numbers(self) -> tuple[str, ...]:
        """The 1Z numbers in the order of the request."""
        return tuple(package.tracking_number for package in self.packages)

    @property
    def lacks_negotiated_rates(self) -> bool:
        """Whether UPS says that this account and app get published rates only."""
        return any(alert.code in WITHOUT_NEGOTIATED_RATES for alert in self.alerts)


def read_ship(reply: Reply, packages: int) -> ShipResult:
    """The result of a (stored) reply to a request for so many packages.

    Success is: status 200, readable, status code 1, a shipment number, at least one package, as many as asked for.
    Raises ValueError for anything less: then a label may have been bought, and UPS must be asked.
    """
    if reply.status != 200:
        raise ValueError(f"UPS shipment: HTTP {reply.status} is no success")
    return parse_ship(reply.json(), packages)


def parse_ship(document: Any, packages: int) -> ShipResult:
    """The same for a parsed body. Raises ValueError."""
    what = "shipment"
    part = response(document, "ShipmentResponse")
    if has_errors(document):
        raise ValueError(f"UPS {what}: the answer holds errors beside its result")
    if not succeeded(part, what):
        raise ValueError(f"UPS {what}: the answer does not report success")
    results = child(part, "ShipmentResults", what)
    shipment_id = needed(results, "ShipmentIdentificationNumber", what)
    found = tuple(_package(item, what) for item in children(results, "PackageResults", what))
    if not found or len(found) != packages:
        raise ValueError(f"UPS {what}: {len(found)} packages came back, {packages} were asked for")
    if len({package.tracking_number for package in found}) != len(found):
        raise ValueError(f"UPS {what}: two packages have the same tracking number")
    return _result(shipment_id, found, part, results)


def _result(
    shipment_id: str, packages: tuple[ShippedPackage, ...], part: Document, results: Document
) -> ShipResult:
    head = loose(part, "Response")
    published = money(loose(results, "ShipmentCharges"), "TotalCharges")
    negotiated = money(loose(results, "NegotiatedRateCharges"), "TotalCharge")
    notes = [] if published is not None else ["the published charges are missing or cannot be read"]
    if negotiated is None and present(results, "NegotiatedRateCharges"):
        notes.append("the negotiated charges cannot be read")
    notes += [f"{package.tracking_number}: {package.label_problem}" for package in packages if package.label is None]
    form = loose(loose(results, "Form"), "Image")
    forms = [image_or_none(text(form, "GraphicImage"), text(loose(form, "ImageFormat"), "Code"))]
    return ShipResult(
        shipment_id=shipment_id,
        packages=packages,
        published=published,
        negotiated=negotiated,
        billing_weight=number(text(loose(results, "BillingWeight"), "Weight")),
        alerts=alerts(head, "Alert", "shipment"),
        forms=tuple(found for found in forms if found is not None),
        context=text(loose(head, "TransactionReference"), "CustomerContext") or "",
        notes=tuple(notes),
    )


def _package(item: Document, what: str) -> ShippedPackage:
    """The number is essential; a label that cannot be read is a note, because the package is bought all the same."""
    number_of_package = needed(item, "TrackingNumber", f"{what}: PackageResults")
    shipping_label = loose(item, "ShippingLabel")
    label: Image | None = None
    problem = ""
    try:
        stated = text(loose(shipping_label, "ImageFormat"), "Code")
        label = image(text(shipping_label, "GraphicImage"), stated)
    except ValueError as error:
        problem = str(error)
    return ShippedPackage(
        tracking_number=number_of_package,
        label=label,
        label_problem=problem,
        html=text(shipping_label, "HTMLImage") or "",
        base_charge=money(item, "BaseServiceCharge"),
        options_charge=money(item, "ServiceOptionsCharges"),
        postal_number=text(item, "USPSPICNumber"),
    )
