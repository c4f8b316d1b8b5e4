"""The theatre of the pair Dynamics GP - ShipBob: the same disorder around another stage."""

from __future__ import annotations

import json
from typing import Any

from dynamicsgp_shipbob.flows import PAIR
from tests.crash.theatre import OFTEN, Theatre
from tests.support.gp_stage import GpStage
from tests.support.stage import NAME

FLOWS = tuple(flow.name for flow in PAIR.flows)


class GpTheatre(Theatre, GpStage):
    """One connection of the pair. Only `flows` are polled, so that a run holds no steps of others."""

    def __init__(self, *flows: str, verbose: bool = False, **changes: Any) -> None:
        self._often = {name: {"every_seconds": OFTEN, "enabled": name in flows} for name in FLOWS}
        super().__init__(*flows, verbose=verbose, **changes)
        for item, held in (("ACCS-CRD-12WH", 12), ("ACCS-HDS-1EAR", 40)):  # both sides begin with the same stock
            self.user("move_stock", item=item, site="NORTH", on_hand=-held)

    def apply(self, raw: dict[str, Any]) -> None:
        """The file of the stage, with this pair's flows in its schedule."""
        super().apply({**raw, "schedule": self._often})

    def set_password_again(self) -> None:
        """What an operator does after a refused sign-in: looks at the account and sets the secret again."""
        secret = {"username": "FABRIKAM\\svc-mlc", "password": f"again-{self.clock():%H%M}"}
        self.world.secrets.write(f"{NAME}/dynamics_gp", json.dumps(secret))
