"""`ml-connector webhooks`: subscriptions at the vendors, what arrives, the quarantine."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console

from cli.commands.connections import Name
from cli.desk import Desk, desk_of
from cli.failures import Misused
from cli.operations import alerts, push
from cli.operations.accounts import Patience, opened
from cli.operations.addresses import webhook_url
from cli.operations.arrivals import Arrivals, arrivals
from cli.operations.heard import Heard, first_heard, plain_heard
from cli.output import FINDINGS, OK, Json, answer, plural, table
from cli.pairs import connection_named, senders_of, system_settings
from connector.edge.quarantine import reverify
from connector.faults import VendorFault
from connector.journal import note
from connector.services import Services
from vendors.shipbob import subscriptions
from vendors.shipbob.subscriptions import Listed, standing
from vendors.shipstation import subscriptions as shipstation

app = typer.Typer(
    no_args_is_help=True, help="Webhooks: subscriptions, arrivals, quarantine.", rich_markup_mode=None
)


@app.command()
def register(
    context: typer.Context,
    name: Name,
    replace: Annotated[bool, typer.Option("--replace", help="New subscriptions with a new secret.")] = False,
    header_value_file: Annotated[
        Path | None, typer.Option(help="Write the value of Acumatica's header into this new file (mode 600).")
    ] = None,
    as_json: Json = False,
) -> None:
    """Subscribes at ShipBob or ShipStation (lists first, repairs what is disabled); makes what Acumatica and UPS need.

    What has to be typed on a vendor's own form is printed.

    Secrets are generated and stored before a vendor hears of them, and are not shown. May be run again at any time.

    Example: ml-connector webhooks register acme
    """
    desk = desk_of(context)
    services = desk.connection(name)
    pair, _ = connection_named(services, name)
    senders = senders_of(pair.name)
    word = "registers the webhooks of" if not replace else "makes the webhooks anew of"
    note(services, desk.place.who(), f"{word} connection {name}", {"connection": name})
    document: dict[str, Any] = {"connection": name}
    if subscriptions.SENDER in senders:
        url = webhook_url(desk.place.public_base(), pair.name, name, subscriptions.SENDER)
        listed = _register(desk, services, name, url, replace)
        document["shipbob"] = {"url": url, "subscriptions": [asdict(group) for group in listed]}
    if shipstation.SENDER in senders:
        url = webhook_url(desk.place.public_base(), pair.name, name, shipstation.SENDER)
        found = _register_shipstation(desk, services, name, url, replace)
        document["shipstation"] = {"url": f"{url}/<token>", "subscriptions": [asdict(group) for group in found]}
    if push.SENDER in senders:
        url = webhook_url(desk.place.public_base(), pair.name, name, push.SENDER)
        setup = push.prepare(services, name, pair.name, url)
        if header_value_file is not None:
            push.save_header_value(services, setup, header_value_file)
        document["acumatica"] = {**asdict(setup), "secret": desk.place.secret(setup.secret)}
        document["acumatica"]["header_value_file"] = str(header_value_file) if header_value_file else None
    if alerts.SENDER in senders:
        document["ups"] = _register_alerts(desk, services, name, replace)
    answer(as_json, document, lambda out: _show_registered(out, document))


def _register(desk: Desk, services: Services, name: str, url: str, replace: bool) -> list[Listed]:
    pair, connection = connection_named(services, name)
    patience = Patience(services, desk.sleep)
    with opened(pair, services, connection, "webhooks") as accounts:
        return patience(
            lambda: subscriptions.register(services, accounts.shipbob, name, pair.name, url, replace=replace)
        )


def _register_shipstation(
    desk: Desk, services: Services, name: str, url: str, replace: bool
) -> list[shipstation.Listed]:
    pair, connection = connection_named(services, name)
    patience = Patience(services, desk.sleep)
    with opened(pair, services, connection, "webhooks") as accounts:
        client = accounts.shipstation
        return shipstation.register(services, client, name, url, replace=replace, patience=patience)


def _register_alerts(desk: Desk, services: Services, name: str, replace: bool) -> dict[str, Any]:
    pair, connection = connection_named(services, name)
    url = webhook_url(desk.place.public_base(), pair.name, name, alerts.SENDER)
    version = system_settings(connection, alerts.SENDER).track_alert
    kind = getattr(connection.document, "settings").tracking.push_credentials  # noqa: B009 - of the pair's own model
    setup = alerts.prepare(services, name, url, version, kind, replace=replace)
    return {**asdict(setup), "secret": desk.place.secret(setup.secret)}


def _show_registered(out: Console, document: dict[str, Any]) -> None:
    if "ups" in document:
        _show_alerts(out, document["ups"])
    for key, vendor in (("shipbob", "ShipBob"), ("shipstation", "ShipStation")):
        if key not in document:
            continue
        rows = [
            (group["group"], group["state"], ", ".join(group["topics"]), group["text"])
            for group in document[key]["subscriptions"]
        ]
        out.print(f"{vendor} delivers to {document[key]['url']}")
        out.print(table("", ("group", "state", "topics", ""), rows))
    if "acumatica" in document:
        _show_push(out, document["acumatica"])


def _show_push(out: Console, setup: dict[str, Any]) -> None:
    out.print("Acumatica has no API for this: on form SM302000 (Push Notifications) add a destination")
    out.print("  Destination type  Webhook")
    out.print(f"  Address           {setup['address']}")
    out.print(f"  Header name       {setup['header_name']}")
    if setup["header_value_file"]:
        out.print(f"  Header value      the line in {setup['header_value_file']}; delete that file afterwards")
    else:
        out.print(f"  Header value      first entry of `secrets` in the secret {setup['secret']} (Secrets Manager),")
        out.print("                    or run this again with --header-value-file FILE")
    for query in setup["queries"]:
        out.print(f"  and select        {query}")


def _show_alerts(out: Console, setup: dict[str, Any]) -> None:
    if setup["version"] == "off":
        out.print("UPS Track Alert is off (systems.ups.track_alert): parcels are polled. The credential is ready.")
    elif setup["by_hand"]:
        out.print("In UPS's developer portal, Manage Webhook Credentials, type")
        out.print(f"  URL               {setup['url']}")
        if setup["token_url"]:
            out.print(f"  token URL         {setup['token_url']}")
            out.print(f"  client id         {setup['client_id']}")
        else:
            out.print(f"  header            {setup['header_name']}")
        what = "client secret    " if setup["token_url"] else "value            "
        out.print(f"  {what} first entry of `secrets` in the secret {setup['secret']} (Secrets Manager)")
    else:
        out.print(f"UPS pushes to {setup['url']}; numbers are subscribed with the credential within minutes")


@app.command()
def status(
    context: typer.Context,
    name: Name,
    days: Annotated[int, typer.Option(min=1, max=14, help="Days for which is counted who told.")] = 2,
    as_json: Json = False,
) -> None:
    """Which subscriptions are there and enabled, what arrived, what each topic missed, what is in quarantine.

    Example: ml-connector webhooks status acme
    """
    desk = desk_of(context)
    services = desk.connection(name)
    pair, _ = connection_named(services, name)
    senders = senders_of(pair.name)
    listed: list[Listed] = []
    hooks: list[shipstation.Listed] = []
    trouble = ""
    try:
        listed, hooks = _subscribed(desk, services, name)
    except VendorFault as fault:  # what has arrived can be told all the same
        trouble = str(fault)
    arrived = [arrivals(services, name, sender) for sender in senders]
    silent = bool(trouble) or any(group.state != "enabled" for group in listed if _required(pair.name, group))
    silent = silent or any(hook.state != "enabled" for hook in hooks)
    heard = first_heard(services, name, days)
    document = {
        "trouble": trouble,
        "subscriptions": [*(asdict(group) for group in listed), *(asdict(hook) for hook in hooks)],
        "arrivals": [asdict(a) for a in arrived],
        "first_heard": [plain_heard(each) for each in heard],
    }
    code = FINDINGS if silent or any(a.quarantined for a in arrived) else OK

    def show(out: Console) -> None:
        if trouble:
            out.print(f"The subscriptions cannot be read: {trouble}")
        _show_status(out, name, [*listed, *hooks], arrived, heard)

    answer(as_json, document, show, code)


def _subscribed(desk: Desk, services: Services, name: str) -> tuple[list[Listed], list[shipstation.Listed]]:
    """Which subscriptions stand at ShipBob and at ShipStation. Raises VendorFault."""
    pair, connection = connection_named(services, name)
    senders, base, patience = senders_of(pair.name), desk.place.public_base(), Patience(services, desk.sleep)
    listed: list[Listed] = []
    hooks: list[shipstation.Listed] = []
    if subscriptions.SENDER in senders:
        with opened(pair, services, connection, "webhooks") as accounts:
            present = patience(lambda: accounts.shipbob.subscriptions())
        listed = standing(present, webhook_url(base, pair.name, name, subscriptions.SENDER), pair.name)
    if shipstation.SENDER in senders:
        with opened(pair, services, connection, "webhooks") as accounts:
            present_hooks = patience(lambda: accounts.shipstation.webhooks())
        url = webhook_url(base, pair.name, name, shipstation.SENDER)
        hooks = shipstation.standing(present_hooks, url, shipstation.newest_token(services, name))
    return listed, hooks


def _to_register(listed: Listed | shipstation.Listed) -> bool:
    if isinstance(listed, shipstation.Listed):
        return listed.state != "enabled"
    return listed.state == "disabled" or (listed.state == "missing" and not listed.text)


def _required(pair: str, listed: Listed) -> bool:
    return any(group.required for group in subscriptions.TOPICS[pair] if group.name == listed.group)


def _show_status(
    out: Console, name: str, listed: list[Listed | shipstation.Listed], arrived: list[Arrivals], heard: list[Heard]
) -> None:
    rows = [(group.group, group.state, ", ".join(group.topics), group.text) for group in listed]
    if listed:
        out.print(table("Subscriptions", ("group", "state", "topics", ""), rows))
    if any(_to_register(group) for group in listed):
        out.print(f"Run: ml-connector webhooks register {name}")
    columns = ("sender", "events kept", "last", "in quarantine")
    events = [(a.sender, f"{a.events}{'+' if a.cut else ''}", a.last or "never", a.quarantined) for a in arrived]
    out.print(table("Arrivals (two weeks)", columns, events))
    told = [
        (h.stream, h.topic or "(none)", h.by_webhook, h.by_poll, h.waiting, "" if h.missed is None else f"{h.missed} %")
        for h in heard
    ]
    heading = ("stream", "topic", "by webhook", "by poll alone", "too young", "missed")
    out.print(table("Who told", heading, told))
    if any(h.cut for h in heard):
        out.print("A day had more news than were looked at: the numbers are a sample.")
    for a in arrived:
        if a.quarantined:
            again = f"ml-connector webhooks reverify {name} {a.sender}"
            out.print(f"After a late change of the secret run: {again}")
            out.print(f"Were these strangers' calls, end them:      {again} --discard --reason TEXT")


@app.command("reverify")
def reverify_command(
    context: typer.Context,
    name: Name,
    sender: Annotated[str, typer.Argument(help="Which sender: shipbob, shipstation, ups or acumatica.")],
    discard: Annotated[bool, typer.Option("--discard", help="Delete what no secret proves: strangers' calls.")] = False,
    reason: Annotated[str, typer.Option(help="Why; kept in the journal with your name. Needed for --discard.")] = "",
    as_json: Json = False,
) -> None:
    """Judges the quarantine again by the secrets of now: what is proven is worked on as if it had just arrived.

    For a secret that was rotated at the vendor before it was stored here. Safe to repeat. What remains is deleted after
    two weeks, or at once with --discard.

    Example: ml-connector webhooks reverify acme shipbob
    Example: ml-connector webhooks reverify acme shipbob --discard --reason "a stranger"
    """
    if discard and not reason.strip():
        raise Misused("--reason must say why")
    desk = desk_of(context)
    services = desk.connection(name)
    pair, _ = connection_named(services, name)
    rest = f", and the rest deleted: {reason.strip()}" if discard else ""
    said = f"has the quarantine of {name}/{sender} judged again{rest}"
    note(services, desk.place.who(), said, {"connection": name})
    found = reverify(services, name, sender, senders_of(pair.name), discard=discard)
    text = (
        f"{plural(found.enqueued, 'webhook')} proven and enqueued; "
        f"{found.unproven} still unproven, {found.unreadable} unreadable, {found.without_body} too large to be kept."
    )
    if discard:
        text = f"{text} {found.discarded} deleted."
    answer(as_json, asdict(found), lambda out: out.print(text))
