"""Checks of an Acumatica site: sign-in, pinned endpoint, and single records that a connection names."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from cli.doctor.finding import Examination
from connector.faults import FaultKind
from vendors.acumatica.calls import Ask
from vendors.acumatica.client import Acumatica
from vendors.acumatica.plugins import PLUGIN_FIELDS

ENDPOINT, LICENCE, ZONE = "Acumatica endpoint", "Acumatica licence", "Acumatica time zone"


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
    _check_licence(examined, client)
    _check_zone(examined, client)
    return True


def _check_licence(examined: Examination, client: Acumatica) -> None:
    """No call shows what is licensed. Where it is used up, a site delays everybody before it declines."""
    system = client.system
    known = f"{system.per_minute} requests a minute" if system.per_minute else "requests a minute unknown, so adaptive"
    examined.note(
        LICENCE, f"goes by the connection file: {known}, {system.sessions} session(s) of ours",
        "compare systems.acumatica.per_minute and sessions with form SM604000; a trial has two sessions for everybody",
    )


def _check_zone(examined: Examination, client: Acumatica) -> None:
    """Times are compared as instants, dates are days of the business zone; what a site writes shows its own."""
    found = examined.attempt(ZONE, lambda: [client.stated_time()])
    moment = found[0] if found else None
    if moment is None:
        if found is not None:
            examined.note(ZONE, f"{client.system.time_zone}; no sales order shows the site's own yet")
        return
    name, here = client.system.time_zone, moment.astimezone(client.system.zone)
    if moment.utcoffset() == here.utcoffset():
        examined.good(ZONE, f"the site writes its times as {name} has them")
    else:
        examined.note(
            ZONE, f"the site writes {moment:%z}, {name} has {here:%z}",
            "compare systems.acumatica.time_zone with the company's own: it decides on which day a date falls",
        )


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


def check_ship_vias(
    examined: Examination, client: Acumatica, codes: Iterable[str], written: Collection[str], bound: Collection[str],
    *, absent: str, plugged: str, setting: str,
) -> None:
    """The codes exist, and those that are written are not bound to a carrier plug-in: it would buy a second label.

    bound: codes that the connection says are. absent, plugged: what to do; setting: where bound codes are named.
    """
    unreadable = []
    for code in sorted(codes):
        check, asked = f"Ship Via {code}", Ask(select=("CarrierID",), custom=PLUGIN_FIELDS)
        found = examined.attempt(check, lambda code=code, asked=asked: [client.get("ShipVia", (code,), asked)])  # type: ignore[misc]
        if found is None:
            continue
        if found[0] is None:
            examined.bad(check, "does not exist", f"create it on form CS207500, or correct {absent}")
        elif code in written and (code in bound or any(found[0].custom.values())):
            what = "is bound to a carrier plug-in: confirming a shipment would buy a second label"
            examined.bad(check, what, plugged)
        else:
            examined.good(check, "exists")
            if code in written and PLUGIN_FIELDS[0] not in found[0].custom:
                unreadable.append(code)
    if unreadable:
        examined.warn(
            "Ship Via plug-ins", f"the site does not show whether {', '.join(unreadable)} have a carrier plug-in",
            f"look on form CS207500; name bound codes in {setting} and use others",
        )


def check_warehouses(examined: Examination, client: Acumatica, names: Iterable[str]) -> None:
    """The warehouses that the file names exist."""
    for name in names:
        check = f"warehouse {name}"
        found = examined.attempt(check, lambda name=name: [client.exists("Warehouse", name)])  # type: ignore[misc]
        if found == [False]:
            examined.bad(check, "does not exist in Acumatica", "correct the key in tables.warehouses (form IN204000)")
        elif found:
            examined.good(check, "exists in Acumatica")
