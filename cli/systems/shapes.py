"""The words in which a vendor's credentials and consent are described."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from connector.services import Services
from connector.tokens import Token

OPEN_MEMBERS = frozenset({"client_id", "username", "header_name"})
"""Members that may be seen while they are typed."""


@dataclass(frozen=True)
class SecretShape:
    """One secret of a connection, `<connection>/<name>`.

    members: what it must hold, with where to find each. `when` says in which case, for people.
    check: raises ValueError, without the values, for what cannot work.
    several_lines: members that may hold line breaks, as a PEM text does.
    optional: members that it may hold besides (certificates, a partner's key): from a file or standard input, never
    asked for at a prompt.
    """

    name: str
    members: Mapping[str, str]
    when: str = ""
    check: Callable[[Mapping[str, str]], None] = field(default=lambda values: None)
    several_lines: frozenset[str] = frozenset()
    optional: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Consent:
    """A person's consent by authorization code. `exchange` and `store` raise VendorFault, ConfigurationFault.

    advice: what the person must have registered at the vendor. secure: the vendor takes https redirects only.
    """

    url: Callable[[str, str, str], str]  # redirect URI, state, code challenge
    exchange: Callable[[str, str, str], Token]  # code, redirect URI, verifier
    store: Callable[[Token], None]
    advice: str
    in_query: bool = True  # False: the code comes in a form post, so a pasted address cannot hold it
    secure: bool = False


@dataclass(frozen=True)
class System:
    """One vendor. `settings` is its part of a document, None when no connection is applied yet.

    secrets: the secrets it needs, or every possible one without settings.
    ping: a cheap, signed-in read with the opened client; answers what it found. Raises VendorFault.
    consent: None where nobody has to consent, else how. Raises ConfigurationFault where this connection signs in
    otherwise.
    others: further secrets of the vendor: the client (a name among the accounts) that uses it, and its ping.
    one_password: whether the vendor knows one password at a time, so that the stored one ended when it was changed.
    """

    name: str
    secrets: Callable[[Any | None], Sequence[SecretShape]]
    ping: Callable[[Any], str]
    consent: Callable[[Services, str, Any], Consent] | None = None
    others: Mapping[str, tuple[str, Callable[[Any], str]]] = field(default_factory=dict)
    one_password: bool = False
