"""Addresses: keys in paths, query options, filters, and the vendor's own links, checked before use."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import quote, urlsplit

from vendors.acumatica.settings import AcumaticaSystem

_UNSAFE_IN_PATH = frozenset("/\\|<>*%&:?#+\"")
"""`/` and `|` separate keys; the others are refused by ASP.NET or IIS in a path, even percent-encoded."""


_PLAIN_IN_QUERY = "',/()"


def addressable(keys: Mapping[str, str]) -> bool:
    """Whether keys can stand in a path; if not, the record's `id` must. Raises ValueError for an empty key."""
    for name, value in keys.items():
        if not value.strip():
            raise ValueError(f"the key {name} is empty: an empty key would address the whole collection")
    return not any(set(value) & _UNSAFE_IN_PATH or value.endswith(".") for value in keys.values())


def record_url(system: AcumaticaSystem, entity: str, *keys: str) -> str:
    """`{entity_url}/SalesOrder/SO/000123`, or with the one key `id` instead."""
    return "/".join([system.entity_url, entity, *(quote(key, safe="") for key in keys)])


def with_options(url: str, options: Mapping[str, str]) -> str:
    """The URL with query options; `+` and `:` inside values are percent-encoded, empty options are left out."""
    query = "&".join(f"{name}={quote(value, safe=_PLAIN_IN_QUERY)}" for name, value in options.items() if value)
    return f"{url}?{query}" if query else url


def equals(field: str, value: str) -> str:
    """`Field eq 'value'`, quotes doubled."""
    quoted = value.replace("'", "''")
    return f"{field} eq '{quoted}'"


def resolve(system: AcumaticaSystem, link: str) -> str:
    """A link from an answer as an absolute URL. Raises ValueError when it leads away from the instance's /entity tree.

    Links are host-relative and already contain the virtual directory; old builds wrote absolute ones. A link to
    another host would carry the token there.
    """
    parts = urlsplit(link)
    absolute = link if parts.scheme or parts.netloc else f"{system.origin}{link}"
    seen = urlsplit(absolute)
    if f"{seen.scheme}://{seen.netloc}".lower() != system.origin.lower():
        raise ValueError("the site answered with a link to another host; it is not followed")
    root = urlsplit(system.base_url).path.rstrip("/") + "/entity/"
    if not seen.path.lower().startswith(root.lower()) or ".." in seen.path.split("/"):
        raise ValueError("the site answered with a link outside its web service; it is not followed")
    return absolute
