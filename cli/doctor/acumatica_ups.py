"""Checks of the pair Acumatica - UPS: everything that the file names exists on its side."""

from __future__ import annotations

from datetime import timedelta

from acumatica_ups.settings import AcumaticaUps, ShownFields
from cli.doctor import acumatica, ups
from cli.doctor.finding import Examination
from connector.faults import FaultKind, VendorFault
from vendors.acumatica.client import Acumatica

LISTING = "list of shipments"


def examine(examined: Examination, *, quick: bool) -> None:
    """Both sides, then what joins them. `quick` leaves the comparison of the shipments' two lists out."""
    document, accounts = examined.connection.document, examined.accounts
    if not isinstance(document, AcumaticaUps):
        raise TypeError(f"connection {examined.name} is not one of acumatica_ups")
    if acumatica.check_site(examined, accounts.acumatica):
        _check_erp(examined, document, accounts.acumatica, quick=quick)
    if ups.check_account(examined, accounts.ups):
        ups.check_alert(examined, accounts.ups, document.pair, document.settings.tracking.push_credentials)


def _check_erp(examined: Examination, document: AcumaticaUps, client: Acumatica, *, quick: bool) -> None:
    _check_ship_vias(examined, document, client)
    boxes = [box for box in (*document.tables.boxes, document.settings.labels.box) if box]
    acumatica.check_on_file(examined, client, "ShippingBox", boxes, "CS207600", "settings.labels.box or tables.boxes")
    acumatica.check_warehouses(examined, client, document.tables.warehouses)
    tracking = document.settings.tracking
    _check_fields(examined, client, "SalesOrder", tracking.order_fields)
    _check_fields(examined, client, "Shipment", tracking.shipment_fields)
    if not quick:
        _check_list(examined, document, client)


def _check_fields(examined: Examination, client: Acumatica, entity: str, fields: ShownFields) -> None:
    for field in (fields.status, fields.delivered_on, fields.received_by):
        if field is not None:
            acumatica.check_custom_field(examined, client, entity, f"Document.{field}")


def _check_ship_vias(examined: Examination, document: AcumaticaUps, client: Acumatica) -> None:
    """The codes exist and are not bound to a carrier plug-in: confirming would buy a second label."""
    codes = document.tables.services
    acumatica.check_ship_vias(
        examined, client, codes, codes, document.settings.labels.plug_in_ship_vias, absent="tables.services",
        plugged="use a Ship Via without plug-in and name it in tables.services",
        setting="settings.labels.plug_in_ship_vias",
    )


def _check_list(examined: Examination, document: AcumaticaUps, client: Acumatica) -> None:
    """Some sites refuse to list shipments, or answer an empty list without a word: the orders tell."""
    until = examined.services.clock() + timedelta(days=1)
    since = until - timedelta(days=15)
    if document.settings.labels.find_shipments == "orders":
        examined.note(LISTING, "shipments are found through their sales orders")
        return
    try:
        listed = examined.patience(lambda: client.list_changed("Shipment", since, until, ("Status",)))
    except VendorFault as fault:
        if fault.kind is not FaultKind.UNSUPPORTED_QUERY:
            examined.bad(LISTING, str(fault), "as the text says; then run the doctor again")
            return
        examined.bad(LISTING, "this site cannot list shipments", "set settings.labels.find_shipments to orders")
        return
    orders = examined.attempt(LISTING, lambda: client.list_changed("SalesOrder", since, until, ("Status",)))
    shipping = [row for row in orders or () if row.row.text("Status") == "Shipping"]
    if not listed and shipping:
        examined.bad(
            LISTING, f"is empty although {len(shipping)} orders are Shipping",
            "set settings.labels.find_shipments to orders",
        )
    else:
        examined.good(LISTING, f"{len(listed)} changed in two weeks")
