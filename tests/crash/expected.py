"""How each cell must end, said before it is run. A cell whose row is not here fails: a new fault is judged first.

"done": both sides hold what they must, nobody was needed. "held": a person may be needed, because no query can settle
the matter; the reason stands beside it.
"""

from __future__ import annotations

from dataclasses import dataclass
from fnmatch import fnmatchcase

DONE, HELD = "done", "held"

EVERYWHERE = ("killed", "killed beside a second worker", "second worker")
CALLS = (
    "dropped before", "dropped after", "time-out before", "time-out after", "429", "500 before", "500 after",
    "503 after", "outage of six calls", "slow", "garbage",
)  # fmt: skip

TABLE: dict[str, dict[str, str]] = {
    "store": dict.fromkeys([*EVERYWHERE, "store refuses", "store answer lost"], DONE),
    "queue": dict.fromkeys([*EVERYWHERE, "queue refuses", "queue answer lost"], DONE),
    "read": dict.fromkeys([*EVERYWHERE, *CALLS, "expired token", "stale read", "partial list"], DONE),
    "write": dict.fromkeys([*EVERYWHERE, *CALLS, "expired token", "executed late"], DONE),
    "token": dict.fromkeys([*EVERYWHERE, *CALLS], DONE),
}
"""Kind of boundary -> fault -> ending, for every flow."""



@dataclass(frozen=True)
class Exemption:
    """Cells that may need a person: a flow, the boundary's label (both may end in `*`), the faults, and why nothing can
    settle the matter."""

    flow: str
    label: str
    faults: frozenset[str]
    why: str


ROTATION = (
    "ShipBob kills the old refresh token when it answers the new one. Whoever dies or hears nothing between the two "
    "has neither; no call can ask for it, so a person consents again. One alert, and everything continues by itself."
)
PURCHASE = (
    "UPS knows no idempotency key and cannot prove that a label was not bought. What was noted as sent and never "
    "reached UPS is looked for twice, is not found, and is a person's: to buy again unasked might be a second label."
)
SIGN_IN = (
    "A refused Windows sign-in counts towards the account's lock-out, so it is never repeated: nothing is sent until "
    "a person has set the secret again. One alert, and everything continues by itself."
)
BLIND = (
    "GP knows no idempotency key, and shows a posted adjustment under another key: that it does not show one is no "
    "proof. What was noted as sent and never reached GP is a person's: to enter it again might put stock in twice."
)
HELD_ROWS = (
    Exemption("GP returns, adjustments", "dynamics_gp #CreateInventoryAdjustment",
              frozenset({*EVERYWHERE, "dropped before", "time-out before", "500 before", "429",
                         "outage of six calls"}), BLIND),
    Exemption("GP returns, adjustments", "tables.put", frozenset({*EVERYWHERE, "store refuses", "store answer lost"}),
              BLIND),
    Exemption("GP *", "dynamics_gp *", frozenset({"expired token"}), SIGN_IN),
    Exemption(
        "labels", "ups POST /api/shipments/v#/ship",
        frozenset({*EVERYWHERE, "dropped before", "time-out before", "500 before", "outage of six calls"}), PURCHASE,
    ),
    # The same between the note and the call: which of a table's steps that is, the label does not say.
    Exemption(
        "labels", "tables.put", frozenset({*EVERYWHERE, "store refuses", "store answer lost"}), PURCHASE
    ),
    Exemption(
        "orders by OAuth", "shipbob POST /connect/token",
        frozenset({*EVERYWHERE, "dropped after", "time-out after", "500 after", "503 after", "outage of six calls",
                   "garbage"}),
        ROTATION,
    ),
    Exemption(
        "orders by OAuth", "secrets.write", frozenset({*EVERYWHERE, "store refuses", "store answer lost"}), ROTATION
    ),
)  # fmt: skip


def expected(flow: str, kind: str, label: str, fault: str) -> str:
    """The declared ending of a cell. Raises KeyError for one that nobody has declared."""
    ending = TABLE[kind][fault]
    rows = [row for row in HELD_ROWS if fnmatchcase(flow, row.flow) and fnmatchcase(label, row.label)
            and fault in row.faults]
    return HELD if rows else ending
