"""What administrators and accountants do: certificates, the role, periods, locks, the sandbox refresh."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

from local.simulators.netsuite import oauth
from local.simulators.netsuite.columns import PERMISSIONS
from local.simulators.netsuite.contract import FORMS, TRANSFORMS
from local.simulators.netsuite.world import World

KNOWN = {
    "ADMI_RESTWEBSERVICES",
    "ADMI_LOGIN_OAUTH2",
    "REPO_ANALYTICS",
    *PERMISSIONS.values(),
    *TRANSFORMS.values(),
    *(form.permission for form in FORMS.values()),
}


def upload_certificate(world: World, arguments: dict[str, Any]) -> str:
    """Maps a certificate: `client_id`, `pem`, optional `role`, `entity`. Answers the certificate id."""
    given = {name: str(arguments[name]) for name in ("role", "entity") if name in arguments}
    return oauth.upload(world, arguments["client_id"], arguments["pem"], **given).certificate_id


def revoke_certificate(world: World, arguments: dict[str, Any]) -> int:
    """Revokes the certificate `certificate_id`; its tokens end with it."""
    wanted = arguments["certificate_id"]
    hit = [index for index, each in enumerate(world.mappings) if each.certificate_id == wanted]
    for index in hit:
        world.mappings[index] = replace(world.mappings[index], revoked=True)
    return len(hit)


def refresh_sandbox(world: World, arguments: dict[str, Any]) -> int:
    """What a refresh does to the set-up: every mapping is gone."""
    gone = len(world.mappings)
    world.mappings.clear()
    return gone


def close_period(world: World, arguments: dict[str, Any]) -> list[str]:
    """The accountant closes (or `open` true: opens) a `period` YYYY-MM."""
    period = arguments["period"]
    if not re.fullmatch(r"\d{4}-\d{2}", period):
        raise ValueError(f"a period is YYYY-MM, not {period!r}")
    if arguments.get("open"):
        world.masters.closed_periods.discard(period)
    else:
        world.masters.closed_periods.add(period)
    world.master_changed()
    return sorted(world.masters.closed_periods)


def lock_record(world: World, arguments: dict[str, Any]) -> None:
    """A workflow locks the transaction `id`, or lets it go (`locked` false)."""
    if arguments.get("locked", True):
        world.masters.workflow_locks.add(int(arguments["id"]))
    else:
        world.masters.workflow_locks.discard(int(arguments["id"]))


def set_permission(world: World, arguments: dict[str, Any]) -> list[str]:
    """Takes a `permission` away from the role (`granted` false) or gives it back (true)."""
    permission = arguments["permission"]
    if permission not in KNOWN:
        raise ValueError(f"no permission {permission!r}; known: {', '.join(sorted(KNOWN))}")
    if arguments.get("granted"):
        world.role.denied.discard(permission)
    else:
        world.role.denied.add(permission)
    return sorted(world.role.denied)


def restrict_role(world: World, arguments: dict[str, Any]) -> None:
    """Restricts the role to `locations` (empty: none); queries lose the other rows without a word."""
    world.role.locations = {int(each) for each in arguments.get("locations", [])}
    world.role.administrator = bool(arguments.get("administrator", world.role.administrator))


def occupy(world: World, arguments: dict[str, Any]) -> int:
    """Other integrations of the account hold so many `slots` from now on."""
    world.counters.occupied = int(arguments["slots"])
    return world.counters.occupied


def expire_tokens(world: World, arguments: dict[str, Any]) -> int:
    """Ends every token; answers how many were alive."""
    return oauth.expire_all(world)


COMMANDS = {
    "upload_certificate": upload_certificate,
    "revoke_certificate": revoke_certificate,
    "refresh_sandbox": refresh_sandbox,
    "close_period": close_period,
    "lock_record": lock_record,
    "set_permission": set_permission,
    "restrict_role": restrict_role,
    "occupy": occupy,
    "expire_tokens": expire_tokens,
}
