"""Reading single members of UPS's JSON, as it comes rather than as it is documented.

One or many: a list member may be an object when there is one. Empty containers come as "". Numbers are text. Texts
carry the literal `&#xD;` and closing blanks. Presence of an indicator means yes, whatever its value.
Error texts name the document and the member and never repeat a value, because a value may be personal.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from typing import Any

from vendors.ups.drafts import Money

Document = Mapping[str, Any]
"""One JSON object."""

_ENTITY = re.compile(r"&#(x[0-9a-f]{1,4}|\d{1,5});", re.IGNORECASE)


def as_list(value: Any) -> list[Any]:
    """A one-or-many member as a list; absent, null and "" are none."""
    if value is None or value == "":
        return []
    if isinstance(value, list):
        return [item for item in value if item is not None and item != ""]
    return [value]


def as_document(value: Any, what: str) -> Document:
    """The value as an object; a list of one is that one. Raises ValueError."""
    if isinstance(value, list) and len(value) == 1:
        value = value[0]
    if not isinstance(value, Mapping):
        raise ValueError(f"UPS {what} is not an object")
    return value


def child(document: Document, key: str, what: str) -> Document:
    """A nested object; an empty one when absent, null or "". Raises ValueError."""
    value = document.get(key)
    if value is None or value == "" or value == []:
        return {}
    return as_document(value, f"{what}: {key}")


def children(document: Document, key: str, what: str) -> tuple[Document, ...]:
    """A one-or-many member of objects. Raises ValueError."""
    return tuple(as_document(item, f"{what}: {key}") for item in as_list(document.get(key)))


def loose(document: Document, key: str) -> Document:
    """A nested object that only adds detail: an empty one for whatever else stands there."""
    value = document.get(key)
    if isinstance(value, list) and len(value) == 1:
        value = value[0]
    return value if isinstance(value, Mapping) else {}


def cleaned(value: str) -> str:
    """Without `&#xD;` and the like, without blanks around."""
    return _ENTITY.sub(_letter, value).strip()


def _letter(match: re.Match[str]) -> str:
    code = match.group(1)
    number = int(code[1:], 16) if code[0] in "xX" else int(code)
    return " " if number < 32 else match.group(0)


def text(document: Document, key: str) -> str | None:
    """A text, cleaned; a bare number becomes text. None when absent, blank or no text at all."""
    value = document.get(key)
    if isinstance(value, str):
        return cleaned(value) or None
    if isinstance(value, int | Decimal) and not isinstance(value, bool):
        return str(value)
    return None


def texts(document: Document, key: str) -> tuple[str, ...]:
    """A one-or-many member of texts, cleaned, blank ones left out."""
    return tuple(found for item in as_list(document.get(key)) if isinstance(item, str) and (found := cleaned(item)))


def present(document: Document, key: str) -> bool:
    """An indicator: its presence counts, "" and null included."""
    return key in document


def needed(document: Document, key: str, what: str) -> str:
    """A text without which the document is useless. Raises ValueError."""
    value = text(document, key)
    if value is None:
        raise ValueError(f"UPS {what} has no {key}")
    return value


def number(value: str | None) -> Decimal | None:
    """A number in text; None when it is none."""
    try:
        found = Decimal(value) if value is not None else None
    except InvalidOperation:
        return None
    return found if found is not None and found.is_finite() else None


def money(document: Document, key: str) -> Money | None:
    """`{CurrencyCode, MonetaryValue}`. None when absent or unreadable: no number is better than a wrong one."""
    part = loose(document, key)
    amount, currency = number(text(part, "MonetaryValue")), text(part, "CurrencyCode")
    return Money(amount, currency) if amount is not None and currency is not None else None


@dataclass(frozen=True)
class Image:
    """A label, form, signature or photo. `form` is what the bytes are: ZPL, GIF, PNG, JPG, PDF, EPL or SPL."""

    content: bytes = field(repr=False)
    form: str

    @property
    def suffix(self) -> str:
        """A file name's ending."""
        return f".{self.form.lower()}"


_MAGIC = ((b"GIF8", "GIF"), (b"\x89PNG", "PNG"), (b"%PDF", "PDF"), (b"\xff\xd8\xff", "JPG"))
_WITHOUT_MAGIC = frozenset({"EPL", "SPL"})


def image(encoded: str | None, stated: str | None) -> Image:
    """Decodes base64 and looks at the first bytes; the stated format counts only where they say nothing.

    Raises ValueError, which says what is wrong with it.
    """
    if not encoded:
        raise ValueError("there is no image")
    try:
        content = base64.b64decode("".join(encoded.split()), validate=True)
    except (binascii.Error, ValueError):
        raise ValueError("the image is not base64") from None
    form = _form_of(content) or (stated.upper() if stated and stated.upper() in _WITHOUT_MAGIC else None)
    if form is None or not content:
        raise ValueError(f"the image is not of a known format (UPS says {stated or 'nothing'})")
    return Image(content, form)


def image_or_none(encoded: str | None, stated: str | None = None) -> Image | None:
    """The same for images that only add detail."""
    try:
        return image(encoded, stated)
    except ValueError:  # absent or damaged: the facts around it stay
        return None


def _form_of(content: bytes) -> str | None:
    for magic, form in _MAGIC:
        if content.startswith(magic):
            return form
    # A leading line break before ^XA is normal.
    return "ZPL" if content.lstrip(b"\r\n\t \xef\xbb\xbf").startswith(b"^XA") else None


def response(document: Any, root: str) -> Document:
    """The answer's root member. Raises ValueError when the answer is another one."""
    return as_document(as_document(document, root).get(root), root)


def succeeded(part: Document, what: str) -> bool:
    """Whether `Response.ResponseStatus.Code` is 1; HTTP 200 alone is no success."""
    status = child(child(part, "Response", what), "ResponseStatus", what)
    return text(status, "Code") == "1"


@dataclass(frozen=True)
class Alert:
    """Something that UPS adds to a success. 120900: not eligible for negotiated rates."""

    code: str
    description: str


def alerts(part: Document, key: str, what: str) -> tuple[Alert, ...]:
    """One-or-many alerts."""
    return tuple(
        Alert(text(item, "Code") or "", text(item, "Description") or "") for item in children(part, key, what)
    )
