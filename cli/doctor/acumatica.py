"""Checks of an Acumatica site: sign-in, pinned endpoint, and single records that a connection names."""

from __future__ import annotations

from collections.abc import Iterable

from cli.doctor.finding import Examination
from connector.faults import FaultKind
from vendors.acumatica.client import Acumatica

ENDPOINT = "Acumatica endpoint"


def check_site(examined: Examination, client: Acumatica) -> bool:
    """Signs in and finds the pinned endpoint among those served; False when nothing else can be asked."""
    system = client.system
    site = examined.attempt(
        ENDPOINT, client.check_endpoint,
        {FaultKind.CONFIGURATION: "set endpoint and endpoint_version in the connection file to what the site serves"},
    )
    if site is None:
        return False
    examined.good(ENDPOINT, f"{system.endpoint} {system.endpoint_version} is served by build {site.build or 'unknown'}")
    return True


def check_vendor(examined: Examination, client: Acumatica, vendor: str, currency: str) -> None:
    """The vendor of the bills exists, is active and has the currency."""
    check = f"vendor {vendor}"
    found = examined.attempt(check, lambda: [client.vendor(vendor)])
    if found is None:
        return
    if found[0] is None:
        examined.bad(check, "does not exist", "create it on form AP303000, or correct settings.charges.vendor")
    elif found[0].status not in (None, "Active"):
        examined.bad(check, f"is {found[0].status}", "make it active on form AP303000")
    elif found[0].currency not in (None, currency):
        what = f"has the currency {found[0].currency}, not {currency}"
        examined.bad(check, what, "correct settings.charges.currency")
    else:
        examined.good(check, "exists and is active")


def check_on_file(
    examined: Examination, client: Acumatica, entity: str, keys: Iterable[str], form: str, setting: str
) -> None:
    """Accounts, subaccounts, boxes: they exist, as far as the endpoint shows them."""
    unseen = []
    for key in sorted(set(keys)):
        check = f"{entity} {key}"
        found = examined.attempt(check, lambda key=key: [client.on_file(entity, key)])  # type: ignore[misc]
        if found is None:
            continue
        if found[0] is None:
            unseen.append(key)
        elif found[0]:
            examined.good(check, "exists")
        elif entity == "Subaccount":
            # Segmented keys are stored without their separators, so a miss may be one of spelling.
            examined.warn(check, "was not found under this spelling", f"look on form {form}; correct {setting}")
        else:
            examined.bad(check, "does not exist", f"create it on form {form}, or correct {setting}")
    if unseen:
        examined.note(
            f"{entity} {', '.join(unseen)}", "cannot be read through this endpoint", f"look on form {form} by hand"
        )


def check_custom_field(examined: Examination, client: Acumatica, entity: str, field: str) -> None:
    """A user-defined field exists on the form."""
    check = f"field {field}"
    missing = examined.attempt(check, lambda: client.missing_custom_fields(entity, [field]))
    if missing:
        examined.bad(check, f"{entity} has no such field", "add the attribute to the form, or correct order_field")
    elif missing is not None:
        examined.good(check, f"exists on {entity}")
