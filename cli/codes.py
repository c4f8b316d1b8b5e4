"""Exit codes of commands; apart from how they answer, because the operator API knows them too."""

from __future__ import annotations

OK, FINDINGS, USAGE, NOT_REACHABLE = 0, 1, 2, 3
