"""`ml-connector label`: UPS labels of Acumatica shipments: print again, void, ask for a price, ask where they are."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console

from acumatica_ups.clients import document_of
from acumatica_ups.prepare import Case, built, drafted, money_text
from cli.commands.records import OfConnection, Reason
from cli.desk import Desk, desk_of
from cli.failures import Misused, Refused
from cli.operations.accounts import Patience, opened
from cli.operations.labels import ask_for_void, bought, image_of, label_record, save
from cli.output import Json, answer, plural, table
from cli.pairs import connection_named
from connector.outcome import Held
from connector.record import Record
from vendors.ups.requests import rate_request

app = typer.Typer(no_args_is_help=True, help="UPS labels: reprint, void, quote, track.", rich_markup_mode=None)

Shipment = Annotated[str, typer.Argument(help="Number of the Acumatica shipment.")]


@app.command()
def reprint(
    context: typer.Context,
    shipment: Shipment,
    directory: Annotated[Path, typer.Option(help="Where the files are written.")] = Path(),
    connection: OfConnection = "",
    as_json: Json = False,
) -> None:
    """Writes the labels of a shipment into files, as they were bought; UPS is asked only for one that was not kept.

    Example: ml-connector label reprint SH001207 --directory labels
    """
    desk, record = _record(context, shipment, connection)
    services = desk.place.services(record.pair)
    label = bought(services, record)
    if label.voided:
        raise Refused(f"the label {label.shipment_id} of shipment {shipment} is voided; it must not be used")
    pair, stored = connection_named(services, record.connection)
    with opened(pair, services, stored, "label") as accounts:
        found = {number: image_of(services, label, number, lambda: accounts.ups) for number in label.numbers}
    paths = {number: str(save(image, number, directory)) for number, image in found.items()}
    document = {"shipment": record.source_key, "files": paths}
    answer(as_json, document, lambda out: out.print(table("", ("1Z", "file"), list(paths.items()))))


@app.command()
def void(
    context: typer.Context,
    shipment: Shipment,
    reason: Reason,
    new_label: Annotated[bool, typer.Option("--new-label", help="Buy another one afterwards.")] = False,
    connection: OfConnection = "",
    as_json: Json = False,
) -> None:
    """Has the label voided at UPS and its numbers taken out of Acumatica; with --new-label another one is bought.

    The only way to a second label, beside the setting voids.new_label. A label that is voided already is left so.

    Example: ml-connector label void SH001207 --reason "repacked" --new-label
    """
    if not reason.strip():
        raise Misused("--reason must say why")
    desk, record = _record(context, shipment, connection)
    services = desk.place.services(record.pair)
    label = bought(services, record)
    if label.voided and not new_label:
        raise Refused(f"the label {label.shipment_id} of shipment {shipment} is voided already")
    due = ask_for_void(
        services, record, label, new_label=new_label, who=desk.place.who(), reason=reason.strip(),
        correlation=desk.correlation(),
    )
    then = ", then another label is bought" if new_label else ""
    document = {"record": due.id, "shipment_id": label.shipment_id, "new_label": new_label}
    answer(as_json, document, lambda out: out.print(
        f"{label.shipment_id} will be voided{then}; see `ml-connector records show {due.id}`"
    ))


@app.command()
def quote(
    context: typer.Context, shipment: Shipment, connection: OfConnection = "", as_json: Json = False
) -> None:
    """What UPS would charge for a shipment, by service. Nothing is bought.

    Example: ml-connector label quote SH001207
    """
    desk, record = _record(context, shipment, connection)
    services = desk.place.services(record.pair)
    pair, stored = connection_named(services, record.connection)
    notes: list[str] = []
    with opened(pair, services, stored, "label") as accounts:
        patience = Patience(services, desk.sleep)
        rows = patience(lambda: _offers(services, stored, accounts, record, notes))
    columns = ("service", "price", "list price", "saturday")
    document = {"shipment": record.source_key, "offers": [dict(zip(columns, row, strict=True)) for row in rows],
                "notes": notes}

    def show(out: Console) -> None:
        out.print(table(f"{plural(len(rows), 'offer')} for {record.source_key}", columns, rows))
        for note in notes:
            out.print(f"note: {note}")

    answer(as_json, document, show)


def _offers(services: Any, stored: Any, accounts: Any, record: Record, notes: list[str]) -> list[tuple[str, ...]]:
    document = document_of(stored)
    erp = accounts.acumatica.shipment(record.source_key)
    if erp is None:
        raise Refused(f"Acumatica holds no shipment {record.source_key}")
    if erp.ship_via not in document.tables.services:
        raise Refused(f"Ship Via {erp.ship_via or '(none)'} of {erp.number} is not one that table services names")
    notes.clear()
    case = Case(services, document, accounts, erp, f"{stored.name}/quote", notes.append)
    draft = drafted(case, check_address=False)
    if isinstance(draft, Held):
        raise Refused(draft.why)
    body = built(case, rate_request(replace(draft, service=""), document.systems.ups))
    if isinstance(body, Held):
        raise Refused(body.why)
    offers = sorted(accounts.ups.rates(body.body).offers, key=lambda offer: offer.cost.amount)
    return [
        (offer.service, money_text(offer.cost), money_text(offer.published), "yes" if offer.saturday else "")
        for offer in offers
    ]


@app.command()
def track(
    context: typer.Context, shipment: Shipment, connection: OfConnection = "", as_json: Json = False
) -> None:
    """Where the parcels of a shipment are, asked from UPS now: one call a parcel. Nothing is written.

    Example: ml-connector label track SH001207
    """
    desk, record = _record(context, shipment, connection)
    services = desk.place.services(record.pair)
    label = bought(services, record)
    pair, stored = connection_named(services, record.connection)
    patience, rows = Patience(services, desk.sleep), []
    with opened(pair, services, stored, "label") as accounts:
        for number in label.numbers:
            found = patience(lambda number=number: accounts.ups.track(number)).package(number)  # type: ignore[misc]
            scan = found.latest if found is not None else None
            state = found.standing.value.replace("_", " ") if found is not None else "not known to UPS (yet)"
            rows.append((number, state, scan.local if scan else "", scan.place if scan else ""))
    columns = ("1Z", "state", "last scan (local)", "place")
    document = {"shipment": record.source_key, "parcels": [dict(zip(columns, row, strict=True)) for row in rows]}
    answer(as_json, document, lambda out: out.print(table("", columns, rows)))


def _record(context: typer.Context, shipment: str, connection: str) -> tuple[Desk, Record]:
    desk = desk_of(context)
    return desk, label_record(desk.place.services(), shipment, connection)
