"""Pure builders of every body that UPS is sent. A body, or the list of what is missing; never a guess."""

from vendors.ups.requests.address import address_key, is_covered, xav_request
from vendors.ups.requests.others import (
    Destination,
    recovery_by_number,
    recovery_by_reference,
    subscription,
    subscription_batches,
    transit_request,
)
from vendors.ups.requests.rate import rate_request
from vendors.ups.requests.references import at_package_level, reference_problem
from vendors.ups.requests.ship import packages_in, route_of, ship_request

__all__ = [
    "Destination",
    "address_key",
    "at_package_level",
    "is_covered",
    "packages_in",
    "rate_request",
    "recovery_by_number",
    "recovery_by_reference",
    "reference_problem",
    "route_of",
    "ship_request",
    "subscription",
    "subscription_batches",
    "transit_request",
    "xav_request",
]
