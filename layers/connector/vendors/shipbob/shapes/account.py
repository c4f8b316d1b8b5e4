"""What an account consists of: channels, locations, shipping methods, webhook subscriptions."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from vendors.shipbob.shapes.fields import as_document, child, flag, moment, needed, text, texts, whole


@dataclass(frozen=True)
class Channel:
    """One application's slice of the account."""

    channel_id: int
    name: str | None
    application_name: str | None
    scopes: frozenset[str]


@dataclass(frozen=True)
class Location:
    """One fulfilment centre. Map by id: names change. `zone_name` is a Windows name (see times.location_zone)."""

    location_id: int
    name: str | None
    abbreviation: str | None
    zone_name: str | None
    is_active: bool
    access_granted: bool
    is_receiving_enabled: bool
    is_shipping_enabled: bool


@dataclass(frozen=True)
class ShippingMethod:
    """A name that `shipping_method` of an order may hold. Any other text silently creates a method of its own."""

    method_id: int | None
    name: str
    is_active: bool
    service_level: str | None


@dataclass(frozen=True)
class Subscription:
    """A webhook subscription. The secret is shown once, in the answer to the creation."""

    subscription_id: str
    url: str
    topics: frozenset[str]
    enabled: bool
    created_at: datetime | None
    description: str | None
    secret: str | None = field(default=None, repr=False)


def parse_channel(value: object) -> Channel:
    """One channel. Some answers hold all scopes in one text with spaces. Raises ValueError when it has no id."""
    document = as_document(value, "channel")
    channel_id = needed(whole(document, "id", "channel"), "id", "channel")
    what = f"channel {channel_id}"
    scopes = document.get("scopes")
    listed = (scopes,) if isinstance(scopes, str) else texts(document, "scopes", what)
    return Channel(
        channel_id=channel_id,
        name=text(document, "name", what),
        application_name=text(document, "application_name", what),
        scopes=frozenset(scope for entry in listed for scope in entry.split()),
    )


def parse_location(value: object) -> Location:
    """One location, of either location list. Raises ValueError when it has no id."""
    document = as_document(value, "location")
    location_id = needed(whole(document, "id", "location"), "id", "location")
    what = f"location {location_id}"
    return Location(
        location_id=location_id,
        name=text(document, "name", what),
        abbreviation=text(document, "abbreviation", what),
        zone_name=text(document, "timezone", what),
        is_active=flag(document, "is_active", what) is not False,
        access_granted=flag(document, "access_granted", what) is not False,
        is_receiving_enabled=flag(document, "is_receiving_enabled", what) is not False,
        is_shipping_enabled=flag(document, "is_shipping_enabled", what) is not False,
    )


def parse_shipping_method(value: object) -> ShippingMethod:
    """One shipping method. Raises ValueError when it has no name."""
    document = as_document(value, "shipping method")
    method_id = whole(document, "id", "shipping method")
    what = f"shipping method {method_id}"
    return ShippingMethod(
        method_id=method_id,
        name=needed(text(document, "name", what), "name", what),
        is_active=flag(document, "active", what) is not False,
        service_level=text(child(document, "service_level", what), "name", what),
    )


def parse_subscription(value: object) -> Subscription:
    """One subscription, from the list or from its creation. Raises ValueError when it has no id."""
    document = as_document(value, "webhook subscription")
    subscription_id = needed(text(document, "id", "webhook subscription"), "id", "webhook subscription")
    what = f"webhook subscription {subscription_id}"
    return Subscription(
        subscription_id=subscription_id,
        url=text(document, "url", what) or "",
        topics=frozenset(texts(document, "topics", what)),
        enabled=flag(document, "enabled", what) is not False,
        created_at=moment(document, "created_at", what),
        description=text(document, "description", what),
        secret=text(document, "secret", what),
    )
