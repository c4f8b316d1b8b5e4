"""Reads what an error answer says, whatever its shape: envelope, echoed document, OAuth error, text or HTML.

Only the vendor's sentences, field names and exception types leave this module: no field values, no stack trace.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from connector.transport import Reply

LONGEST = 500
_PREFIX = re.compile(r"^(?:[A-Za-z_.]+Exception:\s*)?(?:Error:\s*)?(?:#\d+:\s*)?")
_TAGS = re.compile(r"<(style|script)\b.*?</\1>|<[^>]*>", re.DOTALL | re.IGNORECASE)
_GENERIC = frozenset({"an error has occurred.", "operation failed", "operation failed."})
_DEEPEST = 20


@dataclass(frozen=True)
class Problem:
    """An error answer. `fields` are (path, text); `line` is for people; `everything` is searched, never shown."""

    sentences: tuple[str, ...] = ()
    fields: tuple[tuple[str, str], ...] = ()
    types: tuple[str, ...] = ()  # outermost first
    oauth: str = ""
    trace: str = ""

    @property
    def root_type(self) -> str:
        """The innermost exception type, or ""."""
        return self.types[-1] if self.types else ""

    @property
    def code(self) -> str:
        """A short code for support: the OAuth error or the innermost exception's name."""
        return self.oauth or self.root_type.rpartition(".")[2]

    @property
    def spoken(self) -> str:
        """Every sentence, in lower case."""
        return " ".join([*self.sentences, *(text for _, text in self.fields)]).lower()

    @property
    def everything(self) -> str:
        """Sentences, types and stack traces, in lower case, for recognition only."""
        return f"{self.spoken} {' '.join(self.types)} {self.trace}".lower()

    @property
    def line(self) -> str:
        """One line for a person: field errors first, then the sentences that say something, the deepest first."""
        parts = [f"{path}: {text}" for path, text in self.fields]
        telling = [sentence for sentence in reversed(self.sentences) if sentence.lower() not in _GENERIC]
        parts += telling or list(self.sentences[:1])
        text = "; ".join(dict.fromkeys(parts))
        return text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"


def read_problem(reply: Reply) -> Problem:
    """Reads an error answer. Total: any body gives a Problem."""
    try:
        document = reply.json()
    except (ValueError, RecursionError):
        return Problem(sentences=_sentences(_TAGS.sub(" ", reply.text()[:5000])[:LONGEST]))
    if not isinstance(document, Mapping):
        return Problem(sentences=_sentences(document if isinstance(document, str) else ""))
    error = document.get("error")
    if isinstance(error, str) and re.fullmatch(r"[a-z_]{3,40}", error):
        return Problem(sentences=_sentences(document.get("error_description")), oauth=error)
    envelopes = list(_envelopes(document))
    sentences = [text for envelope in envelopes for text in _sentences(envelope.get("message"))]
    sentences += [text for envelope in envelopes for text in _sentences(envelope.get("exceptionMessage"))]
    return Problem(
        sentences=tuple(dict.fromkeys([*sentences, *_sentences(error)])),
        fields=tuple(field for field in _field_errors(document, "", 0) if field[0]),
        types=tuple(str(envelope["exceptionType"]) for envelope in envelopes if envelope.get("exceptionType")),
        trace=" ".join(str(envelope.get("stackTrace", "")) for envelope in envelopes),
    )


def _envelopes(document: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    current: Any = document
    for _ in range(_DEEPEST):
        if not isinstance(current, Mapping):
            return
        yield current
        current = current.get("innerException")


def _field_errors(node: Any, path: str, depth: int) -> Iterator[tuple[str, str]]:
    """Every `error` of an echoed document with its path, at any depth."""
    if depth > _DEEPEST:
        return
    if isinstance(node, list):
        for number, row in enumerate(node, start=1):
            yield from _field_errors(row, f"{path}[{number}]", depth + 1)
    elif isinstance(node, Mapping):
        for text in _sentences(node.get("error")):
            yield path, text
        for name, value in node.items():
            if isinstance(value, Mapping | list) and name not in ("innerException", "_links"):
                yield from _field_errors(value, f"{path}.{name}" if path else name, depth + 1)


def _sentences(text: Any) -> tuple[str, ...]:
    """A vendor's text as at most one clean line."""
    if not isinstance(text, str):
        return ()
    line = _PREFIX.sub("", " ".join(text.split()), count=1)
    return (line,) if line else ()
