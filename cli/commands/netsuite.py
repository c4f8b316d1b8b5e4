"""`ml-connector netsuite`: the certificate that a connection signs in with."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Literal

import typer
from rich.console import Console

from cli.commands.connections import Name
from cli.desk import desk_of
from cli.failures import Misused
from cli.operations.applying import continue_for_secret
from cli.operations.certificates import Made, activate, make
from cli.output import Json, answer, plural
from cli.pairs import connection_named, system_settings
from connector.instants import instant_text
from vendors.netsuite.open import SYSTEM

app = typer.Typer(no_args_is_help=True, help="NetSuite: the certificate of a connection.", rich_markup_mode=None)

File = Annotated[Path, typer.Option(help="Where the certificate is written: a new file. The key goes into the secret.")]


@app.command("certificate")
def certificate_command(
    context: typer.Context,
    name: Name,
    file: File = Path("netsuite-certificate.pem"),
    algorithm: Annotated[str, typer.Option(help="PS256 (RSA) or ES256 (EC); default: the connection's.")] = "",
    as_json: Json = False,
) -> None:
    """Makes a key and a certificate, stores the key, and says how an administrator maps the certificate in NetSuite.

    Nothing changes for the running connection until `netsuite activate`. A certificate lasts two years.

    Example: ml-connector netsuite certificate acme --file acme.pem
    """
    desk = desk_of(context)
    services = desk.place.services()
    if not algorithm and services.tables.get("connections", name, "document") is not None:
        _, connection = connection_named(services, name)
        algorithm = str(system_settings(connection, SYSTEM).algorithm)
    made = make(services, name, _algorithm(algorithm or "PS256"), file)
    document = {**asdict(made), "expires_at": instant_text(made.expires_at), "secret": desk.place.secret(made.secret)}
    answer(as_json, document, lambda out: _show(out, name, made, str(document["secret"])))


def _algorithm(text: str) -> Literal["PS256", "ES256"]:
    match text.upper():
        case "PS256":
            return "PS256"
        case "ES256":
            return "ES256"
    raise Misused("--algorithm must be PS256 or ES256")


def _show(out: Console, name: str, made: Made, secret: str) -> None:
    out.print(f"The certificate is in {made.certificate_file}; the key is in the secret {secret} and nowhere else.")
    out.print("An administrator of the NetSuite account now:")
    out.print("  1. opens Setup > Integration > OAuth 2.0 Client Credentials (M2M) Setup, Create New")
    out.print("  2. chooses the user, the role and the application (integration record) of this connector")
    out.print(f"  3. uploads {made.certificate_file}")
    out.print(f"  4. compares the certificate id in the list: {made.certificate_id}")
    out.print(f"Then: ml-connector netsuite activate {name} --client-id CLIENT_ID")
    out.print(f"It is good until {instant_text(made.expires_at)}.")


@app.command("activate")
def activate_command(
    context: typer.Context,
    name: Name,
    client_id: Annotated[str, typer.Option(help="Client id of the integration record; default: the one in use.")] = "",
    as_json: Json = False,
) -> None:
    """Signs in with the certificate made last; when NetSuite takes it, the connection uses it from now on.

    The old certificate stays valid at NetSuite; revoke it there afterwards.

    Example: ml-connector netsuite activate acme
    """
    desk = desk_of(context)
    services = desk.connection(name)
    _, connection = connection_named(services, name)
    done = activate(services, name, system_settings(connection, SYSTEM), client_id)
    resumed = continue_for_secret(services, name, SYSTEM, desk.correlation())
    document = {**asdict(done), "secret": desk.place.secret(done.secret), "records_resumed": resumed}
    more = f" {plural(resumed, 'record')} held for it can go on." if resumed else ""
    text = f"NetSuite takes certificate {done.certificate_id}. Running functions use it within five minutes."
    answer(as_json, document, lambda out: out.print(text + more))
