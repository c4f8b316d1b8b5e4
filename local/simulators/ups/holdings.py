"""Everything that the simulated UPS holds, as plain JSON: what closing tables are read from. No secret is in it."""

from __future__ import annotations

from dataclasses import asdict
from decimal import Decimal
from typing import Any

from local.simulators.ups import lanes
from local.simulators.ups.events import EVENTS
from local.simulators.ups.records import Label, Shipment
from local.simulators.ups.world import World


def _label(world: World, label: Label) -> dict[str, Any]:
    """One bought label; `cost` is what is billed: the account's own price, else the published one."""
    shipment = world.shipments[label.shipment_id]
    cost = label.published if label.negotiated is None else label.negotiated
    last = world.scans[label.tracking_number][-1]
    return {
        "tracking_number": label.tracking_number,
        "shipment_id": label.shipment_id,
        "account": shipment.account,
        "service": shipment.service,
        "service_name": lanes.SERVICES[shipment.service].name,
        "package": label.number,
        "references": [asdict(each) for each in (*label.references, *shipment.references)],
        "customer_context": shipment.context,
        "bought": shipment.created.isoformat(),
        "cost": f"{cost:.2f}",
        "published": f"{label.published:.2f}",
        "negotiated": None if label.negotiated is None else f"{label.negotiated:.2f}",
        "currency": label.currency,
        "weight": f"{label.weight}",
        "weight_unit": label.unit,
        "image_format": label.image_format,
        "voided": label.voided is not None,
        "status": EVENTS[last.event].status_code,
    }


def _shipment(shipment: Shipment) -> dict[str, Any]:
    return {
        "labels": list(shipment.labels),
        "account": shipment.account,
        "client_id": shipment.client_id,
        "service": shipment.service,
        "ship_date": shipment.ship_date,
        "description": shipment.description,
        "ship_from": asdict(shipment.origin),
        "ship_to": asdict(shipment.destination),
        "international_forms": shipment.forms,
    }


def _scans(world: World, number: str) -> list[dict[str, Any]]:
    return [
        {
            "event": each.event,
            "at": each.at.isoformat(),
            "type": EVENTS[each.event].type,
            "code": EVENTS[each.event].code,
            "status_code": EVENTS[each.event].status_code,
            "city": each.city,
        }
        for each in world.scans[number]
    ]


def _billed(world: World) -> dict[str, str]:
    sums: dict[str, Decimal] = {}
    for label in world.labels.values():
        if label.voided is None:
            cost = label.published if label.negotiated is None else label.negotiated
            sums[label.currency] = sums.get(label.currency, Decimal(0)) + cost
    return {currency: f"{total:.2f}" for currency, total in sums.items()}


def holdings(world: World) -> dict[str, Any]:
    """Labels (every one ever bought), shipments, scans, receipts, subscriptions, deliveries, tokens, violations."""
    return {
        "labels": [_label(world, each) for each in world.labels.values()],
        "billed": _billed(world),
        "shipments": {key: _shipment(each) for key, each in world.shipments.items()},
        "tracking": {number: _scans(world, number) for number in world.labels},
        "receipts": {
            number: {"received_by": each.received_by, "location": each.location, "signed": each.signature is not None}
            for number, each in world.receipts.items()
        },
        "subscriptions": [
            {
                "number": each.number,
                "version": each.version,
                "enhanced": each.enhanced,
                "url": each.url,
                "created": each.created.isoformat(),
                "expires": each.expires.isoformat(),
                "alive": world.now() < each.expires,
            }
            for each in world.subscriptions.values()
        ],
        "deliveries_waiting": len(world.outbox),
        "deliveries_lost": len(world.lost),
        "tokens_issued": dict(world.counters.tokens),
        "strict_violations": list(world.strict_violations),
    }
