"""What a builder notes while it works: what it changed, and what is missing or does not fit."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass
class Sheet:
    """Field notes and problems, in order, each once. Neither holds personal values: both are shown and logged."""

    notes: list[str] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)

    def note(self, name: str, text: str) -> None:
        """Something was changed on the way, and the result may be sent: "ship-to phone: ..."."""
        line = f"{name}: {text}"
        if line not in self.notes:
            self.notes.append(line)

    def problem(self, name: str, text: str) -> None:
        """Something is missing or does not fit; nothing may be sent."""
        line = f"{name}: {text}"
        if line not in self.problems:
            self.problems.append(line)
