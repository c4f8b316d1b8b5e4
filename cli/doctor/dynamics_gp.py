"""Checks of a Dynamics GP server: sign-in, company, rights, the policies that change what is sent."""

from __future__ import annotations

from collections.abc import Collection

from cli.doctor.finding import Examination
from connector.faults import FaultKind
from connector.instants import instant_text
from vendors.dynamics_gp.client import DynamicsGp
from vendors.dynamics_gp.keys import folded, folded_all
from vendors.dynamics_gp.login import open_since
from vendors.dynamics_gp.shapes.inventory import KINDS

SIGN_IN, COMPANY, PRICES = "Dynamics GP sign-in", "Dynamics GP company", "Dynamics GP unit prices"
ZONE = "Dynamics GP time zone"
RIGHTS = "give the account's role this operation in the Dynamics Security Console (docs/setup-dynamics-gp.md lists all)"


def check_server(examined: Examination, client: DynamicsGp) -> bool:
    """Signs in and finds the company; False when nothing else can be asked."""
    since = open_since(examined.services, examined.name)
    if since is not None:
        examined.bad(
            SIGN_IN,
            f"refused at {instant_text(since[0])}, and no call is made since: {since[1]}",
            f"look whether the account is locked, then ml-connector secrets set {examined.name} dynamics_gp",
        )
    companies = examined.attempt(SIGN_IN, client.companies)
    if companies is None:
        return False
    examined.good(SIGN_IN, f"signed in at {client.system.url}")
    mine = [company for company in companies if company.company_id == client.system.company_id]
    if not mine:
        names = ", ".join(f"{company.company_id} ({company.name})" for company in companies) or "no company"
        examined.bad(
            COMPANY, f"the account does not see company {client.system.company_id}; it sees {names}",
            "correct company_id, or enable the company for web services and for the account's role",
        )
        return False
    examined.good(COMPANY, f"{client.system.company_id} ({mine[0].name})")
    examined.note(
        ZONE, f"goes by the connection file: {client.system.time_zone}; GP shows none",
        "compare systems.dynamics_gp.time_zone with the company's own: it decides on which day a date falls",
    )
    return True


def check_prices(examined: Examination, client: DynamicsGp, operation: str, *, sent: bool) -> None:
    """With "Calculate", GP replaces the prices that are sent; a client cannot switch that off."""
    check = f"{PRICES} ({operation})"
    found = examined.attempt(check, lambda: [client.calculates_prices(operation)], {FaultKind.FORBIDDEN: RIGHTS})
    if found is None:
        return
    if found[0] is None:
        examined.note(check, "the policy does not say whether GP calculates prices; the record shows differences")
    elif found[0] and sent:
        examined.warn(
            check, "GP calculates them from its own price lists, so that documents whose prices differ will be held",
            "set 'Calculate Unit Price' to 'Do Not Calculate' in the Dynamics Security Console, or orders.prices to gp",
        )
    else:
        examined.good(check, "GP calculates them" if found[0] else "GP keeps what is sent")


def check_listed(examined: Examination, what: str, wanted: Collection[str], there: Collection[str], where: str) -> None:
    """Every name of a mapping table exists in GP."""
    known = folded_all(there)
    lost = sorted(name for name in set(wanted) if folded(name) not in known)
    if lost:
        examined.bad(what, f"GP has no {', '.join(lost)}", f"create them in GP, or correct {where}")
    elif wanted:
        examined.good(what, f"all {len(set(wanted))} exist in GP")


def check_rights(examined: Examination, client: DynamicsGp) -> None:
    """Documents can be read: a key that is nobody's answers "not found" where the right is there."""
    fixes = {FaultKind.FORBIDDEN: RIGHTS}
    for entity in ("SalesOrder", "SalesReturn"):
        check = f"right Get{entity}ByKey"
        if examined.attempt(check, lambda entity=entity: [client.document(entity, "NO-SUCH-NUMBER")], fixes):  # type: ignore[misc]
            examined.good(check, "is there")
    now = examined.services.clock()
    for kind in KINDS:
        check = f"right Get{kind}List"
        if examined.attempt(check, lambda kind=kind: [list(client.inventory_posted(kind, now, now))], fixes):  # type: ignore[misc]
            examined.good(check, "is there")
