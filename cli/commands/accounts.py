"""`ml-connector connections ping` and `authorize`: whether the accounts answer, and a person's consent."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from typing import Annotated

import typer

from cli.commands.connections import Name
from cli.desk import desk_of
from cli.failures import Misused
from cli.operations import consent as consents
from cli.operations.listener import wait_for_redirect
from cli.operations.pinging import ping
from cli.output import Json, answer, say, table
from cli.pairs import connection_named, system_settings
from cli.systems import SYSTEMS
from cli.systems.shapes import Consent
from connector.faults import ConfigurationFault
from connector.instants import instant_text

PASTED = "https://localhost:8765/callback"
LISTENED = "http://localhost:8765/callback"


def ping_command(context: typer.Context, name: Name, as_json: Json = False) -> None:
    """Signs in at every system of the connection and reads something small. Waits up to 90 seconds for a free session.

    Example: ml-connector connections ping acme
    """
    desk = desk_of(context)
    answers = ping(desk.connection(name), name, desk.sleep)
    document = [
        {"system": p.system, "reached": p.reached, "text": p.text, "milliseconds": p.milliseconds} for p in answers
    ]
    rows = [(p.system, "yes" if p.reached else "NO", p.milliseconds, p.text) for p in answers]
    shown = table("", ("system", "reached", "ms", "answer"), rows)
    answer(as_json, document, lambda out: out.print(shown), max((p.code for p in answers), default=0))


def authorize(
    context: typer.Context,
    name: Name,
    system: Annotated[str, typer.Option(help="Which system: acumatica or shipbob.")],
    redirect_uri: Annotated[
        str, typer.Option(help=f"Registered redirect URI, exactly. Default: {PASTED}, with --listen {LISTENED}.")
    ] = "",
    listen: Annotated[bool, typer.Option("--listen", help="Take the redirect on this machine, no pasting.")] = False,
    as_json: Json = False,
) -> None:
    """A person consents in the browser; the first refresh token is stored. Run again, it is the manual renewal.

    It prints an address to open. After the consent the browser ends at the redirect URI (an error page there is fine):
    paste that whole address. It ends "must be connected again"; work that waits continues by itself.

    Example: ml-connector connections authorize acme --system shipbob
    """
    services = desk_of(context).connection(name)
    _, connection = connection_named(services, name)
    settings = system_settings(connection, system)
    known = SYSTEMS.get(system)
    if known is None or known.consent is None:
        raise ConfigurationFault(name, f"nobody has to consent for {system}; use `ml-connector secrets set`")
    consent = known.consent(services, name, settings)
    begun = consents.begin(consent, _redirect(consent, redirect_uri, listen, system))
    token = consents.finish(consent, begun, _returned(begun, consent, listen))
    facts = {"connection": name, "system": system, "scope": token.scope, "access_until": instant_text(token.expires_at)}
    text = f"{name}/{system} is connected: the refresh token is stored. Scopes: {token.scope or '(not stated)'}."
    answer(as_json, facts, lambda out: out.print(text))


def _redirect(consent: Consent, given: str, listen: bool, system: str) -> str:
    redirect_uri = given or (LISTENED if listen else PASTED)
    if not listen and not consent.in_query:
        raise Misused(
            f"systems.{system}.response_mode is form_post, so the address in the browser will hold no code: use "
            "--listen, or set response_mode to query and apply"
        )
    if consent.secure and redirect_uri.startswith("http://"):
        say(f"Note: {system} registers https redirect URIs only. If it refuses this one, leave --listen away.")
    return redirect_uri


def _returned(begun: consents.Begun, consent: Consent, listen: bool) -> Mapping[str, str]:
    say(f"{consent.advice}: {begun.redirect_uri}\n\nOpen this address and consent:\n\n{begun.url}\n")
    if listen:
        return wait_for_redirect(begun.redirect_uri, lambda: say("Waiting for the browser to come back ..."))
    # Hidden: the code in it is a credential for some minutes, and terminals keep their scrollback.
    if sys.stdin.isatty():
        return consents.returned_members(
            str(typer.prompt("Then paste the address that the browser ended at (not shown)", hide_input=True, err=True))
        )
    return consents.returned_members(sys.stdin.readline())
