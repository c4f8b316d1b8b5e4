"""Tells a person once about one situation, however many workers meet it."""

from __future__ import annotations

from datetime import timedelta

from connector.instants import epoch_seconds, instant_text
from connector.ports import AbsentOrBelow, Item
from connector.services import Services

CLAIM = timedelta(minutes=1)
KEEP = timedelta(days=90)
TOLD = "9999-12-31T00:00:00.000000Z"


def alert_once(services: Services, key: str, subject: str, text: str) -> bool:
    """Sends the alert unless one with the same `key` was sent in the last 90 days; True when this call sent it.

    The claim expires: when its owner dies before the alert is out, the next one who meets the situation sends it.
    So a person may be told twice, but never not at all.
    """
    now = services.clock()
    item: Item = {
        "pk": f"alert/{key}",
        "sk": "-",
        "until": instant_text(now + CLAIM),
        "expires_at": epoch_seconds(now + KEEP),
    }
    if not services.tables.put("state", item, AbsentOrBelow("until", instant_text(now))):
        return False
    services.alerts.send(subject[:100], text)
    services.tables.put("state", {**item, "until": TOLD})
    return True
