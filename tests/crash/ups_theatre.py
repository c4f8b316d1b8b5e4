"""The theatre of the pair Acumatica - UPS: the same disorder around another stage."""

from __future__ import annotations

from tests.crash.theatre import Theatre
from tests.support.ups_stage import UpsStage


class UpsTheatre(Theatre, UpsStage):
    """One connection of the pair. Its chores run as well: the subscriptions are one of them."""

    chores = ("chore:subscribe",)

    def subscribe(self, secret: str = "") -> None:
        """Nothing to do beforehand: numbers are subscribed when their labels are bought."""

    def push_webhooks(self) -> list[int]:
        return self._push("ups", self.ups)
