"""Reads what an error answer of UPS says, whatever its shape: five JSON forms, headers, HTML, nothing.

Codes decide, never texts. Texts leave this module without addresses, numbers and names, because some of UPS's
sentences (111285) repeat what was sent.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from connector.transport import Reply

LONGEST = 400
_TAGS = re.compile(r"<(script|style)\b.*?</\1\s*>|<[^>]*>", re.IGNORECASE | re.DOTALL)
_EMAIL = re.compile(r"[^\s@'\"<>;,]+@[^\s@'\"<>;,]+\.[^\s@'\"<>;,]+")
_QUOTED = re.compile(r"(?<!\w)(['\"`])[^'\"`]*\1(?!\w)")
_NUMBER = re.compile(r"\b(?=[A-Z0-9-]*\d{3})[A-Z0-9][A-Z0-9-]{3,}\b")
_REPEATS_VALUES = frozenset({"111285"})


@dataclass(frozen=True)
class Problem:
    """An error answer: `errors` are (code, text); `trace` is UPS's own id of the call, which its support asks for."""

    errors: tuple[tuple[str, str], ...]
    empty: bool
    html: bool
    trace: str

    @property
    def codes(self) -> tuple[str, ...]:
        """The codes, in UPS's order."""
        return tuple(code for code, _ in self.errors if code)

    @property
    def line(self) -> str:
        """One line for a person: codes, UPS's words without personal values, the trace."""
        parts = [" ".join(part for part in error if part) for error in self.errors]
        if not parts:
            parts = ["an HTML page" if self.html else "an empty answer" if self.empty else "no error code"]
        text = "; ".join(dict.fromkeys(parts))[:LONGEST]
        return f"{text}; UPS trace {self.trace}" if self.trace else text


def read_problem(reply: Reply) -> Problem:
    """Reads an answer. Total: any body gives a Problem; without errors it may be a good one."""
    empty = not reply.body.strip()
    document = _document(reply)
    found = list(_errors(document)) if document is not None else []
    # On a good answer these headers are absent; beside an empty body they are the only thing that is said.
    if not found and (empty or document is None):
        found = list(_from_headers(reply.headers))
    html = document is None and reply.text().lstrip("\ufeff \r\n\t")[:1] == "<"
    return Problem(tuple(found), empty, html, _word(reply.headers.get("bkndtransid", "")))


def error_codes(document: Any) -> tuple[str, ...]:
    """The codes of a parsed body that is or holds an error answer."""
    errors = _errors(document) if isinstance(document, Mapping) else ()
    return tuple(code for code, _ in errors if code)


def has_errors(document: Any) -> bool:
    """Whether a parsed body holds errors, with codes or without."""
    return isinstance(document, Mapping) and next(_errors(document), None) is not None


def _document(reply: Reply) -> Mapping[str, Any] | None:
    try:
        document = reply.json()
    except (ValueError, RecursionError):
        return None
    return document if isinstance(document, Mapping) else {}


def _errors(document: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    response = document.get("response")
    inside = response.get("errors") if isinstance(response, Mapping) else None
    places = [inside, document.get("errors"), _fault(document)]
    for place in places:
        for entry in place if isinstance(place, list) else [place]:
            if isinstance(entry, Mapping):
                code = entry.get("code", entry.get("Code"))
                yield _entry(code, entry.get("message", entry.get("Description")))
    if isinstance(document.get("error"), str):  # the standard's form, should the token endpoint ever use it
        yield _entry(document["error"], document.get("error_description"))


def _fault(document: Mapping[str, Any]) -> Any:
    """The primary error code of the legacy form."""
    node: Any = document
    for step in ("Fault", "detail", "Errors", "ErrorDetail"):
        node = node.get(step) if isinstance(node, Mapping) else None
        node = node[0] if isinstance(node, list) and node else node
    return node.get("PrimaryErrorCode") if isinstance(node, Mapping) else None


def _from_headers(headers: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    for code, text in (("apierrorcode", "apierrormsg"), ("errorcode", "errordescription")):
        if headers.get(code, "").strip() not in ("", "0"):
            yield _entry(headers[code], headers.get(text))
            return


def _entry(code: Any, text: Any) -> tuple[str, str]:
    plain = "" if isinstance(code, bool) or not isinstance(code, str | int) else _word(str(code))
    words = "" if plain in _REPEATS_VALUES or not isinstance(text, str) else _without_values(text)
    return plain, words


def _word(text: str) -> str:
    return text.strip() if re.fullmatch(r"\s*[\w.:/-]{1,80}\s*", text, re.ASCII) else ""


def _without_values(text: str) -> str:
    line = _EMAIL.sub("(e-mail)", _QUOTED.sub("(value)", _TAGS.sub(" ", text)))
    line = _NUMBER.sub("(number)", line)
    line = "".join(letter if letter.isprintable() else " " for letter in line)
    return " ".join(line.split())
