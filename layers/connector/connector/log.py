"""Structured log lines: one JSON object a line, correlation id in every one, free of secrets and personal data.

Fields are named by the caller; a field whose name is not on the list of harmless names is dropped unless it is a
number, a boolean or None. So a new field cannot leak by being forgotten: it has to be allowed here first.
Written by hand because the webhook's cold start has no room for a logging library (docs/decisions).
"""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, TextIO

from connector.instants import Clock, instant_text, system_clock

LEVELS = {"DEBUG": 10, "INFO": 20, "WARNING": 30, "ERROR": 40}

HARMLESS = frozenset(
    {
        "account",
        "action",
        "alarm",
        "attempt",
        "cause",
        "connection",
        "correlation",
        "effect",
        "error",
        "fault",
        "fault_kind",
        "flow",
        "group",
        "intent",
        "key_kind",
        "lane",
        "message_id",
        "method",
        "metric",
        "outcome",
        "pair",
        "path",
        "purpose",
        "queue",
        "reason",
        "record",
        "secret_name",
        "sender",
        "state",
        "stream",
        "system",
        "topic",
        "until",
        "vendor",
        "version",
        "window",
    }
)
"""Text fields that may be logged. Values are ours or vendor identifiers, never names, addresses or credentials."""

NAMESPACE = "ml-connector"
_OWN = frozenset({"time", "level", "text"})


@dataclass(frozen=True)
class Log:
    """Writes lines with a fixed context. `log.bind(record=...)` answers a narrower one."""

    context: Mapping[str, Any] = field(default_factory=dict)
    clock: Clock = system_clock
    level: int = LEVELS["INFO"]
    stream: TextIO | None = None

    def bind(self, **fields: Any) -> Log:
        """The same log with more context."""
        return replace(self, context={**self.context, **fields})

    def debug(self, text: str, **fields: Any) -> None:
        """A line for developers."""
        self._write("DEBUG", text, fields)

    def info(self, text: str, **fields: Any) -> None:
        """A line of the normal story."""
        self._write("INFO", text, fields)

    def warning(self, text: str, **fields: Any) -> None:
        """Something an operator may want to see."""
        self._write("WARNING", text, fields)

    def error(self, text: str, **fields: Any) -> None:
        """Something an operator must see."""
        self._write("ERROR", text, fields)

    def metric(self, name: str, value: float, unit: str = "Count") -> None:
        """One CloudWatch metric in embedded metric format, dimensions pair and connection (where bound)."""
        self.metrics({name: value}, unit)

    def metrics(self, values: Mapping[str, float], unit: str = "Count") -> None:
        """Several metrics of one moment in one line."""
        dimensions = {key: str(self.context[key]) for key in ("pair", "connection") if key in self.context}
        sets = [list(names) for names in dict.fromkeys((tuple(sorted(dimensions)), ("pair",)))]
        document = {
            "_aws": {
                "Timestamp": int(self.clock().timestamp() * 1000),
                "CloudWatchMetrics": [
                    {
                        "Namespace": NAMESPACE,
                        "Dimensions": sets if "pair" in dimensions else [sorted(dimensions)],
                        "Metrics": [{"Name": name, "Unit": unit} for name in values],
                    }
                ],
            },
            **{key: str(self.context[key]) for key in ("correlation",) if key in self.context},
            **dimensions,
            **values,
        }
        print(json.dumps(document), file=self.stream or sys.stdout, flush=True)

    def _write(self, level: str, text: str, fields: Mapping[str, Any]) -> None:
        if LEVELS[level] < self.level:
            return
        line: dict[str, Any] = {"time": instant_text(self.clock()), "level": level, "text": text}
        for name, value in {**self.context, **fields}.items():
            if name in _OWN:
                continue
            if value is None or isinstance(value, bool | int | float):
                line[name] = value
            elif name in HARMLESS:
                line[name] = str(value)
        # ASCII, because half a surrogate pair from a webhook must not make a log line fail.
        print(json.dumps(line), file=self.stream or sys.stdout, flush=True)
