"""Where an engine is known to differ from AWS, in one place. Each line was measured.

A contract test that meets one is expected to fail there, and must: when an engine was updated and a line no longer
holds, the test says so and the line is deleted. Only what depends on threads passing each other may also succeed.
"""

from __future__ import annotations

import pytest

KNOWN: dict[tuple[str, str], str] = {
    ("moto", "equals, True is not 1"): "compares values as Python does, so BOOL true equals N 1",
    ("moto", "below, text is not below a number"): "raises TypeError where AWS answers that the condition failed",
    ("moto", "below, a boolean is not below a number"): "orders BOOL and N as Python does",
    ("moto", "add under threads"): "checks a condition and writes in two steps; threads pass between them",
    ("moto", "conditional put under threads"): "checks a condition and writes in two steps; threads pass between them",
    ("moto", "deduplication after delete"): "forgets a deduplication id when its message is deleted",
    ("moto", "deduplication scope"): "deduplicates over the whole queue in spite of DeduplicationScope=messageGroup",
    ("moto", "transaction token"): "applies a transaction again that is repeated with the same client request token",
}


def allow_known(request: pytest.FixtureRequest, engine: str, probe: str) -> None:
    """Marks the running test as expected to fail when the engine is known to fail this probe."""
    reason = KNOWN.get((engine, probe))
    if reason is not None:
        strict = not probe.endswith("under threads")
        request.node.add_marker(pytest.mark.xfail(reason=f"{engine}: {reason}", strict=strict))
