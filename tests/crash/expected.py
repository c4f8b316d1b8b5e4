"""How each cell must end, said before it is run. A cell whose row is not here fails: a new fault is judged first.

"done": both sides hold what they must, nobody was needed. "held": a person may be needed, because no query can settle
the matter; the reason stands beside it.
"""

from __future__ import annotations

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

FLOWS: dict[tuple[str, str, str], str] = {}
"""(flow, kind, fault) -> ending, where a flow differs from the table."""


def expected(flow: str, kind: str, fault: str) -> str:
    """The declared ending of a cell. Raises KeyError for one that nobody has declared."""
    return FLOWS.get((flow, kind, fault)) or TABLE[kind][fault]
