"""Policies of writes: read once an hour for a company, sent along as they came.

Every write takes one (Web Service Reference, "Policy"): the rules that GP applies, some of which a client may choose. A
client cannot switch off internal rules such as the calculation of unit prices; it can only look and say so.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from connector.instants import instant_text
from connector.services import Services
from vendors.dynamics_gp.calls import Calls
from vendors.dynamics_gp.envelope import text_part
from vendors.dynamics_gp.xml import GP, Node, lxml_etree, parse

if TYPE_CHECKING:
    from vendors.dynamics_gp.xml import Element

LIFE = timedelta(hours=1)


@dataclass(frozen=True)
class Policies:
    """Keeps them in table `state`, pk `policy/<connection>`, sk the operation: {text, until}."""

    services: Services
    connection: str
    calls: Calls

    def read(self, operation: str) -> Node:
        """The policy of an operation, at most an hour old. Raises VendorFault."""
        known = self._stored(operation)
        return parse(known.encode()) if known is not None else self._ask(operation)

    def part(self, operation: str) -> Element:
        """The policy as part of a write. Raises VendorFault."""
        element = self.read(operation).element
        names: Any = element.nsmap
        policy: Element = lxml_etree().Element(f"{{{GP}}}policy", nsmap=names)
        policy.extend(list(element))
        return policy

    def _stored(self, operation: str) -> str | None:
        now = instant_text(self.services.clock())
        known: tuple[str, str] | None = self.services.memory.get(self._key(operation))
        if known is None or known[1] <= now:
            item = self.services.tables.get("state", f"policy/{self.connection}", operation)
            if item is None or str(item["until"]) <= now or item["role"] != self._about:
                return None
            known = (str(item["text"]), str(item["until"]))
            self.services.memory[self._key(operation)] = known
        return known[0]

    def _ask(self, operation: str) -> Node:
        # GetPolicyByOperation: the rules of the role in the context, else of the account's only one, else the default.
        found = self.calls.ask(
            "GetPolicyByOperation", text_part("operation", operation), purpose=f"read policy of {operation}"
        )
        until = instant_text(self.services.clock() + LIFE)
        text = lxml_etree().tostring(found.element, encoding="unicode", with_tail=False)
        self.services.tables.put(
            "state",
            {"pk": f"policy/{self.connection}", "sk": operation, "text": text, "until": until, "role": self._about},
        )
        self.services.memory[self._key(operation)] = (text, until)
        return found

    @property
    def _about(self) -> str:
        system = self.calls.system
        return f"{system.url}#{system.company_id}#{system.role or ''}"

    def _key(self, operation: str) -> tuple[str, ...]:
        return ("policy", self.connection, self._about, operation)
