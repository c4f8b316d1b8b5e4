"""Our numbers on a shipment: what ties a 1Z to the ERP, on the label and in UPS's searches."""

from __future__ import annotations

import re
from typing import Any

from vendors.ups.codec.sheet import Sheet
from vendors.ups.drafts import Reference
from vendors.ups.requests.parties import Route

LONGEST = 35
MOST = 5
PRINTED = 2

_PACKAGE_LEVEL = frozenset({("US", "US"), ("PR", "PR")})


def at_package_level(route: Route) -> bool:
    """Within the US or within Puerto Rico a reference belongs to the package (else 120541), elsewhere to the
    shipment (else 120542)."""
    return (route.origin, route.destination) in _PACKAGE_LEVEL


def reference_problem(value: str) -> str | None:
    """Why UPS could not find this value again, or None. A reference is never cut: the cut one would find nothing."""
    if not value.strip():
        return "is empty"
    if len(value) > LONGEST:
        return f"has {len(value)} characters, UPS takes {LONGEST}"
    if not re.fullmatch(r"[\x20-\x7e]+", value) or value != value.strip():
        return "holds characters that cannot be searched for"
    return None


def reference_forms(references: tuple[Reference, ...], sheet: Sheet) -> list[dict[str, Any]]:
    """The references in the given order; the first two are printed."""
    if len(references) > MOST:
        sheet.problem("references", f"there are {len(references)}, UPS takes {MOST}")
    elif len(references) > PRINTED:
        sheet.note("references", f"only the first {PRINTED} of {len(references)} are printed on the label")
    forms = []
    for number, reference in enumerate(references, start=1):
        problem = reference_problem(reference.value)
        if problem is not None:
            sheet.problem(f"reference {number}", problem)
        if reference.code and not re.fullmatch(r"[0-9A-Z]{2}", reference.code, re.ASCII):
            sheet.problem(f"reference {number}", "its code must have two capital letters or digits")
        forms.append({**({"Code": reference.code} if reference.code else {}), "Value": reference.value})
    return forms
