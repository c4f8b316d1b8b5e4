"""Chores of the pair: webhook subscriptions that ShipBob gave up, and the certificate that NetSuite stops taking."""

from __future__ import annotations

from connector.alerting import alert_once
from connector.connection import Connection
from connector.credentials import Credentials
from connector.instants import instant_text
from connector.services import Services
from netsuite_shipbob.clients import Accounts
from vendors.netsuite.certificates import expires_at
from vendors.netsuite.open import SYSTEM
from vendors.shipbob.subscriptions import watch_subscriptions

NAME = "netsuite_shipbob"
ALERT_DAYS = (60, 30, 14, 3)
"""Days before the end at which a person is told; NetSuite itself mails two months, one month and 14 days before."""


def watch_webhooks(services: Services, connection: Connection, accounts: Accounts) -> None:
    """Puts subscriptions right that ShipBob has disabled; nothing else tells of it, and nothing is replayed."""
    watch_subscriptions(services, accounts.shipbob, connection.name, NAME)


def watch_certificate(services: Services, connection: Connection, accounts: Accounts) -> None:
    """Measures how long the certificate is still good for, and tells a person in time. It lasts two years at most."""
    secret = Credentials(services, connection.name, SYSTEM).read("client_id")
    certificate = secret.get("certificate", "")
    if not certificate:
        return  # only its id is in the secret: NetSuite's own mails are the warning
    try:
        end = expires_at(certificate)
    except ValueError:
        services.log.error("the certificate in the secret cannot be read", connection=connection.name)
        return
    days = (end - services.clock()).total_seconds() / 86_400
    services.log.metric("CertificateDaysLeft", days)
    due = [limit for limit in ALERT_DAYS if days <= limit]
    if not due:
        return
    services.log.metric("CertificateExpiring", 1)
    name = connection.name
    alert_once(
        services,
        f"certificate/{name}/{instant_text(end)}/{min(due)}",
        f"{name}/netsuite: the certificate ends in {max(0, int(days))} days",
        f"NetSuite stops taking the certificate of connection {name} at {instant_text(end)}; nothing can be read or "
        f"written after that.\nMake a new one with `ml-connector netsuite certificate {name}`, upload it, and store it "
        "as the command says. The old one stays valid meanwhile.",
    )
