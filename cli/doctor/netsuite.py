"""Checks of a NetSuite account: sign-in, certificate, what the role may see."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from cli.doctor.finding import Examination
from connector.credentials import Credentials
from connector.faults import ConfigurationFault, FaultKind
from vendors.netsuite.certificates import certificate_id, expires_at
from vendors.netsuite.client import NetSuite
from vendors.netsuite.open import SYSTEM
from vendors.netsuite.shapes import PURCHASE_ORDER, SALES_ORDER
from vendors.netsuite.times import wall_offset

SIGN_IN, CERTIFICATE, ROLE = "NetSuite sign-in", "NetSuite certificate", "NetSuite role"
ZONE, LICENCE = "NetSuite time zone", "NetSuite licence"
SOON, VERY_SOON = 60, 14
NO_ORDER = "0"
PERMISSIONS = "give the role SuiteAnalytics Workbook, Find Transaction and the lists of docs/setup-netsuite.md"


def check_account(examined: Examination, client: NetSuite) -> dict[str, str] | None:
    """Signs in and lists the locations; None when nothing else can be asked."""
    check_certificate(examined)
    fixes = {
        FaultKind.CONFIGURATION: "compare client id, certificate and account with the mapping in NetSuite; a sandbox "
        "refresh wipes it: map the certificate again",
        FaultKind.FORBIDDEN: PERMISSIONS,
    }
    locations = examined.attempt(SIGN_IN, client.locations, fixes)
    if locations is None:
        return None
    examined.good(SIGN_IN, f"signed in; account {client.system.account_id} at {client.system.host}")
    _check_role(examined, client)
    _check_zone(examined, client)
    examined.note(
        LICENCE, f"{client.system.concurrency} pieces of work at a time; the account's limit cannot be read",
        "compare with Setup > Integration > Integration Management > Integration Governance",
    )
    return locations


def _check_zone(examined: Examination, client: NetSuite) -> None:
    """Dates are days of the company: another zone in the file moves documents of the night to the wrong day."""
    stated = examined.attempt(ZONE, client.database_now)
    if stated is None:
        return
    now, system = examined.services.clock(), client.system
    measured = round(wall_offset(stated, now).total_seconds() / 900) * 15
    expected = int((now.astimezone(system.zone).utcoffset() or timedelta()).total_seconds() // 60)
    if measured == expected:
        examined.good(ZONE, f"the session's clock goes by {system.time_zone}")
    else:
        examined.note(
            ZONE, f"the session's clock is {measured} minutes from UTC, {system.time_zone} is {expected}",
            "compare time_zone with Setup > Company > Company Information; a role may have a zone of its own",
        )


def check_certificate(examined: Examination) -> None:
    """The certificate's end, and its id as NetSuite's list must show it."""
    try:
        secret = Credentials(examined.services, examined.name, SYSTEM).read("client_id")
        pem = secret.get("certificate", "")
        days = int((expires_at(pem) - examined.services.clock()).total_seconds() // 86_400)
        identifier = certificate_id(pem)
    except (ConfigurationFault, ValueError):
        return  # the check of the secret says what is wrong with it
    fix = f"ml-connector netsuite certificate {examined.name}"
    if days < VERY_SOON:
        examined.bad(CERTIFICATE, f"{identifier} ends in {days} days", fix)
    elif days < SOON:
        examined.warn(CERTIFICATE, f"{identifier} ends in {days} days", fix)
    else:
        examined.good(CERTIFICATE, f"{identifier}, good for {days} days")


def _check_role(examined: Examination, client: NetSuite) -> None:
    """The role can read what the flows read. Rows that it may not see are simply not there, without a word."""
    fixes = {FaultKind.FORBIDDEN: PERMISSIONS}
    for kind in (PURCHASE_ORDER, SALES_ORDER):
        if examined.attempt(f"{ROLE} ({kind})", lambda kind=kind: [client.order(kind, NO_ORDER)], fixes) is None:  # type: ignore[misc]
            return
    if examined.attempt(f"{ROLE} (items)", lambda: client.items_by_sku(["-"]), fixes) is None:
        return
    examined.good(ROLE, "reads orders, lines, items and locations")
    if client.absent:
        examined.note(ROLE, f"this account has no column {', '.join(sorted(client.absent))}; it is done without")
    examined.note(
        "NetSuite features", "cannot be read with this role",
        "look at Setup > Company > Enable Features: Advanced Receiving and Advanced Shipping must be on, or a receipt "
        "makes the vendor bill and a fulfilment the invoice at the same time",
    )  # fmt: skip


def check_listed(
    examined: Examination, client: NetSuite, table: str, identifiers: Sequence[str], key: str
) -> None:
    """Every internal id exists in a list of NetSuite's. `key`: where the connection file names them."""
    wanted = list(dict.fromkeys(identifiers))
    found = examined.attempt(f"{table}s", lambda: client.listed(table, wanted)) if wanted else None
    for identifier in wanted if found is not None else ():
        check = f"{table} {identifier}"
        if identifier in (found or {}):
            examined.good(check, f"is {(found or {})[identifier]}")
        else:
            examined.bad(check, "does not exist, is inactive, or the role may not see it", f"correct {key}")
