"""Takes secrets and personal data out of stored requests and answers before an operator sees them.

What stays is what explains a fault: ids, numbers, dates, quantities, SKUs, town, region, postal code, country, the
vendor's error texts. What goes leaves its kind and length behind (`[street, 41 characters]`), because a length is
often the fault. Two nets: members by name (`connector.redact_names`), then patterns in every remaining text.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote, unquote_plus

from connector.redact_names import NEUTRAL, kind_of, person_around

BULKY = 2000
"""Texts longer than this without a space are images or documents; they are named, not shown."""

WRAPPERS = frozenset({"value", "error"})
"""Members of an object that only wraps a value."""

_MARK = re.compile(r"\[[a-z]+, \d+ characters?\]")

_CREDENTIAL_WORDS = (
    "access_token|refresh_token|id_token|client_secret|client_assertion|assertion|password|api[_-]?key|code_verifier"
)
_MAILBOX = r"[^\s@<>\"'(),:;=\[\]\\&]"
_ROADS = (
    "Street|St|Avenue|Ave|Road|Rd|Boulevard|Blvd|Lane|Ln|Drive|Dr|Court|Ct|Place|Pl|Terrace|Highway|Hwy|Parkway|Pkwy|"
    "Way|Circle|Cir|Square|Sq"
)

PATTERNS: tuple[tuple[str, re.Pattern[str]], ...] = (
    # A scheme and a value: long, or short with a character that plain words ("bearer authentication") do not have.
    (
        "secret",
        re.compile(
            r"\b(?:bearer|basic|ntlm|negotiate)\s+(?:[A-Za-z0-9._~+/=-]{24,}|(?=[A-Za-z._~+/-]*[0-9=])[A-Za-z0-9._~+/=-]{8,})",
            re.IGNORECASE,
        ),
    ),
    ("secret", re.compile(r"\beyJ[A-Za-z0-9_-]{5,}\.[A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]*)?")),
    ("secret", re.compile(r"\bwhsec_[A-Za-z0-9+/=_-]+")),
    (
        "secret",
        re.compile(
            rf"(?<![A-Za-z])(?:{_CREDENTIAL_WORDS})\"?\s*[=:]\s*(?:\"[^\"]*\"?|(?!\[secret, )[^\s&\"<>,;]+)",
            re.IGNORECASE,
        ),
    ),
    ("name", re.compile(r"(?<=, received by )[^\n;]+")),  # our own words about a delivery
    ("email", re.compile(rf"{_MAILBOX}{{1,64}}(?:@|%40){_MAILBOX}+\.{_MAILBOX}{{2,}}")),
    ("phone", re.compile(r"(?<![\w.+-])\+\d[\d ().-]{6,18}\d(?![\w-])")),
    ("phone", re.compile(r"(?<![\w.-])(?:1[ .-])?(?:\(\d{3}\) ?|\d{3}[ .-])\d{3}[ .-]\d{4}(?![\w-])")),
    # Capitals, or one of the three words that mean nothing else: "3 orders on the way" is no address.
    (
        "street",
        re.compile(
            rf"(?<![\w-])\d{{1,6}}[A-Za-z]?(?:(?: [A-Z0-9][\w.'-]*){{1,4}}? (?:{_ROADS}|{_ROADS.upper()})|"
            r"(?: [\w.'-]+){1,4}? (?:street|avenue|boulevard))\b\.?"
        ),
    ),
)
"""What is recognised in free text. Plain digits are no phone: they are order numbers far more often."""


def redact_text(text: str) -> str:
    """The text with everything that looks like a secret, an e-mail address, a phone number or a street replaced."""
    if len(text) > BULKY and " " not in text[:BULKY]:
        return _mark("content", text)
    for kind, pattern in PATTERNS:
        text = pattern.sub(lambda match, kind=kind: _mark(kind, match[0]), text)  # type: ignore[misc]
    return text


def redact_value(value: Any) -> Any:
    """The same JSON value, redacted at any depth. Numbers, booleans and null stay unless their member is secret."""
    return _value(value, None, False)


def redact_headers(headers: Mapping[str, str]) -> dict[str, str]:
    """Header names as they are, values redacted."""
    return {name: _leaf(value, kind_of(name, False)) for name, value in headers.items()}


def redact_url(url: str) -> str:
    """The address with its query's values redacted like members of a body."""
    head, mark, query = url.partition("?")
    return redact_text(head) + mark + (_form(query) if mark else "")


def redact_body(content: bytes, content_type: str = "") -> str:
    """A stored body as text for people: JSON, forms and XML by member names, the rest by patterns."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return f"[content, {len(content)} bytes]"
    document = _parsed(text)
    if document is not None:
        return json.dumps(redact_value(document), ensure_ascii=False, indent=2)
    if "form-urlencoded" in content_type.lower():
        return _form(text)
    return redact_text(_xml(text)) if text.lstrip().startswith("<") else redact_text(_broken_json(text))


def _parsed(text: str) -> Any:
    """A JSON object or array, or None: everything else is text."""
    if not text.lstrip().startswith(("{", "[")):
        return None
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def _value(value: Any, kind: str | None, person: bool) -> Any:
    """`kind`: set when a member's name condemns everything below it. `person`: inside an address or contact."""
    if isinstance(value, Mapping):
        return {key: _member(str(key), item, kind, person) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_value(item, kind, person) for item in value]
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, str):
        return _leaf(value, kind)
    return value if kind is None else _mark(kind, str(value))


def _member(key: str, item: Any, kind: str | None, person: bool) -> Any:
    found = kind or kind_of(key, person)
    around = person_around(key)
    if kind is None and found in ("street", "name") and isinstance(item, Mapping) and not item.keys() <= WRAPPERS:
        # `shippingAddress: {...}` is opened, so that its town and country can be read; `{"value": ...}` is the value.
        found, around = None, True
    return _value(item, found, person if around is None else around)


def _leaf(text: str, kind: str | None) -> str:
    nested = _parsed(text) if kind is None else None
    if nested is not None:
        return json.dumps(redact_value(nested), ensure_ascii=False)
    if kind is None or not text.strip() or text.strip().lower() in NEUTRAL:
        return redact_text(text)
    return text if _MARK.fullmatch(text) else _mark(kind, text)


def _mark(kind: str, text: str) -> str:
    return f"[{kind}, {len(text)} character{'' if len(text) == 1 else 's'}]"


def _form(text: str) -> str:
    pairs = (pair.partition("=") for pair in text.split("&"))
    return "&".join(f"{name}{mark}{_form_value(unquote_plus(name), value)}" for name, mark, value in pairs)


def _form_value(name: str, value: str) -> str:
    plain = unquote_plus(value)
    redacted = _leaf(plain, kind_of(name, False))
    return value if redacted == plain else quote(redacted, safe="[], ")


_ELEMENT = re.compile(r"<([\w.-]+:)?([\w.-]+)((?:\s[^<>]*)?)>((?:[^<]|<!\[CDATA\[.*?\]\]>)+)</", re.DOTALL)
_ATTRIBUTE = re.compile(r"(\s)([\w.:-]+)=(\"[^\"<]*\"|'[^'<]*')")


_PAIR = re.compile(r'"([^"\\\n]{1,80})"\s*:\s*"((?:[^"\\]|\\.)*)', re.DOTALL)


def _broken_json(text: str) -> str:
    """Members of what began as JSON and broke off: a cut answer is kept as well."""

    def pair(match: re.Match[str]) -> str:
        kind = kind_of(match[1], True)
        return match[0] if kind is None else match[0][: match.start(2) - match.start()] + _leaf(match[2], kind)

    return _PAIR.sub(pair, text)


def _xml(text: str) -> str:
    """Element texts and attributes by name. XML has no reader here: a broken answer must be shown as well."""

    def attribute(match: re.Match[str]) -> str:
        quoted = match[3]
        kind = kind_of(match[2].rpartition(":")[2], False)
        value = quoted[1:-1] if kind is None else _leaf(quoted[1:-1], kind)
        return f"{match[1]}{match[2]}={quoted[0]}{value}{quoted[0]}"

    def element(match: re.Match[str]) -> str:
        # Where a person begins is not known here, so every plain name counts as one.
        kind = kind_of(match[2], True)
        return match[0] if kind is None else f"<{match[1] or ''}{match[2]}{match[3]}>{_leaf(match[4], kind)}</"

    return _ELEMENT.sub(element, _ATTRIBUTE.sub(attribute, text))
