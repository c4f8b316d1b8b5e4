"""The theatre of the pair NetSuite - ShipBob: the same disorder around another stage."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from typing import Any

from netsuite_shipbob.flows import PAIR
from tests.crash.moments import Watch
from tests.crash.theatre import OFTEN, SELDOM, Theatre
from tests.support.netsuite_stage import OTHER_CENTRE, NetSuiteStage, document

STREAMS = tuple(flow.name for flow in PAIR.flows)


def schedule_of(flows: Sequence[str]) -> dict[str, Any]:
    """Every five minutes, or once a week."""
    return {name: {"every_seconds": OFTEN if name in flows else SELDOM} for name in STREAMS}


ALGORITHM = "ES256"


class NetSuiteTheatre(Theatre, NetSuiteStage):
    """One connection of the pair. Only `flows` are polled (every five minutes)."""

    def __init__(self, *flows: str, verbose: bool = False, **changes: Any) -> None:
        self._prepare(*flows)
        # With an elliptic key: a run that dies reads its key anew, and an RSA key takes longer than all the rest.
        self._changes = {**changes, "netsuite": {"algorithm": ALGORITHM, **changes.get("netsuite", {})}}
        NetSuiteStage.__init__(self, algorithm=ALGORITHM, schedule=schedule_of(flows), **changes)
        self.shipbob.command("seed_location", {"id": OTHER_CENTRE, "name": "West", "is_receiving_enabled": True})
        self.hush(verbose)
        self.watch = Watch(self)

    def only(self, *flows: str) -> None:
        """From now on only these are polled: the others have done their part, and would only add steps."""
        self.flows = flows
        self.apply(document(schedule=schedule_of(flows), **copy.deepcopy(self._changes)))

    def listen(self) -> None:
        """Nothing to set up: NetSuite pushes nothing."""

    def happen(self) -> None:
        """Nothing happens at NetSuite by itself."""

    def said(self) -> list[str]:
        # A warning of the simulator is what NetSuite would have dropped without a word.
        return [*self.violations(), *(f"NetSuite: {text}" for text in self.netsuite.holdings()["warnings"])]
