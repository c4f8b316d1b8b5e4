"""A person's consent by authorization code (RFC 6749, 4.1) with state and PKCE (RFC 7636)."""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import parse_qsl, urlsplit

from cli.failures import Refused
from cli.systems.shapes import Consent
from connector.tokens import Token


@dataclass(frozen=True)
class Begun:
    """A consent that a person is asked for. `url` holds no secret; the verifier stays here."""

    url: str
    redirect_uri: str
    state: str = field(repr=False)
    verifier: str = field(repr=False)


def begin(consent: Consent, redirect_uri: str) -> Begun:
    """The address to open, with a fresh state and code challenge."""
    state, verifier = secrets.token_urlsafe(24), secrets.token_urlsafe(48)
    digest = hashlib.sha256(verifier.encode("ascii")).digest()
    challenge = base64.urlsafe_b64encode(digest).rstrip(b"=").decode("ascii")
    return Begun(consent.url(redirect_uri, state, challenge), redirect_uri, state, verifier)


def returned_members(text: str) -> Mapping[str, str]:
    """The members of the address that the browser ended at: of its query, or of its fragment."""
    parts = urlsplit(text.strip())
    return dict(parse_qsl(parts.query) + parse_qsl(parts.fragment))


def finish(consent: Consent, begun: Begun, returned: Mapping[str, str]) -> Token:
    """Checks the state, exchanges the code, stores the token; it is durable when this returns.

    Raises Refused (nothing is stored), VendorFault, ConfigurationFault.
    """
    if not hmac.compare_digest(returned.get("state", "").encode(), begun.state.encode()):
        raise Refused(
            "the address does not carry the state of this consent, so the code in it may be somebody else's; nothing "
            "was exchanged. Run the command again, and paste the whole address of that same browser window"
        )
    if "error" in returned:
        detail = (returned.get("error_description") or returned["error"])[:200]
        raise Refused(f"the consent was not given: {detail}. Correct the app's settings, then run the command again")
    code = returned.get("code", "")
    if not code:
        raise Refused("the address holds no code; paste the whole address that the browser ended at")
    token = consent.exchange(code, begun.redirect_uri, begun.verifier)
    if not token.refresh:
        raise Refused(
            "the consent brought no refresh token, so the connection would end within the hour; nothing was stored. "
            f"{consent.advice}, and the app must be allowed offline_access"
        )
    consent.store(token)
    return token
