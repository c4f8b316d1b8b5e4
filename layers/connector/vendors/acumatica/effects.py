"""Acumatica's actions as effects: what they did is read from the document, never believed from the answer alone."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

from connector.effect import Draft, Effect, Found, Pending, Reference, Repeat
from connector.faults import Executed, FaultKind, VendorFault
from connector.transport import Reply
from vendors.acumatica.client import Acumatica
from vendors.acumatica.faults import VENDOR

SETTLE = timedelta(seconds=30)


def action_effect(
    acumatica: Acumatica,
    name: str,
    entity: str,
    action: str,
    keys: Mapping[str, Any],
    achieved: Callable[[], Reference | None],
    parameters: Mapping[str, Any] | None = None,
) -> Effect:
    """An action on one document. `achieved` reads the document and answers its reference once the action has worked.

    204 means done or nothing to do, 202 runs on (guide: "Execute an Action"); both are checked against the document.
    """

    def find(key: str) -> Found | None:
        reference = achieved()
        return Found(reference) if reference is not None else None

    def make(key: str, draft: Draft) -> Reply:
        return acumatica.action(entity, action, keys, parameters)

    def verified() -> Reference:
        reference = achieved()
        if reference is None:
            text = f"{action} was reported as done, but {entity} {'/'.join(map(str, keys.values()))} does not show it"
            raise VendorFault(VENDOR, FaultKind.UNAVAILABLE, text, Executed.MAYBE)
        return reference

    def read(reply: Reply) -> Reference | Pending:
        return acumatica.operation(reply) or verified()

    def check(operation: str) -> Reference | Pending:
        return acumatica.check_operation(operation) or verified()

    return Effect(name, VENDOR, Repeat.FINDABLE, SETTLE, find, make, read, check=check)
