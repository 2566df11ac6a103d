"""`gridgeo key`: keys of a project."""

from __future__ import annotations

from contextlib import closing
from datetime import UTC, datetime, timedelta

import click

from gridgeo.cli.console import OK, Desk, verb
from gridgeo.errors import InputError
from gridgeo.keys import Key, KeyRing, Role
from gridgeo.ports import instant
from gridgeo.words import say

ROLES = tuple(role.name.lower() for role in Role)


@verb("key")
@click.argument("action", type=click.Choice(("add", "list", "revoke")))
@click.argument("project")
@click.argument("key", required=False)
@click.option("--role", type=click.Choice(ROLES), default="viewer", show_default=True, help="What the key may do.")
@click.option("--label", default="", help="What it is for: a post or a machine, no person.")
@click.option("--days", type=click.IntRange(1, 3660), default=None, help="Days until it expires (default: never).")
def command(desk: Desk, action: str, project: str, key: str | None, role: str, label: str, days: int | None) -> int:
    """Make a key for PROJECT and show it once, list its keys, or revoke KEY by its id.

    PROJECT is a plan file, or postgresql://user@host/database?schema=town.
    """
    from gridgeo.store import open_store

    if (key is None) == (action == "revoke"):
        raise InputError("revoke takes the id of a key, add and list take none", where="key", hint="see: key list")
    now = datetime.now(UTC).replace(microsecond=0)
    when = _text(now)
    with closing(open_store(project)) as store:
        ring = KeyRing(store)
        if action == "add":
            expires = _text(now + timedelta(days=days)) if days else ""
            made, text = ring.add(Role[role.upper()], when=when, label=label, expires=expires)
            _show_new(desk, made, text, project)
        elif action == "revoke":
            revoked = ring.revoke(str(key), when=when)
            desk.say("key-revoked", id=revoked.id)
            desk.document({"key": _told(revoked, now), "seconds": desk.seconds})
        else:
            _show_all(desk, ring.keys(), now)
    return OK


def _show_new(desk: Desk, made: Key, text: str, project: str) -> None:
    desk.say("key-made", id=made.id, role=made.role.name.lower(), path=project)
    if desk.as_json:
        told = {"id": made.id, "role": made.role.name.lower(), "expires": made.expires}
        desk.document({"key": told, "text": text, "seconds": desk.seconds})
    else:
        click.echo(text)


def _show_all(desk: Desk, keys: tuple[Key, ...], now: datetime) -> None:
    told = [_told(key, now) for key in keys]
    names = ("id", "role", "label", "created", "expires", "last_used")
    header = ["key-" + name.replace("_", "-") for name in (*names, "state")]
    states = [say(f"key-is-{row['state']}", desk.lang) for row in told]
    if not told:
        desk.say("key-none")
    rows = [[*(row[name] for name in names), state] for row, state in zip(told, states, strict=True)]
    desk.table("table-keys", header, rows)
    desk.document({"keys": told, "seconds": desk.seconds})


def _told(key: Key, now: datetime) -> dict[str, str]:
    expired = key.expires and instant(key.expires) <= now
    return {
        "id": key.id,
        "role": key.role.name.lower(),
        "label": key.label,
        "created": key.created,
        "expires": key.expires,
        "revoked": key.revoked,
        "last_used": key.last_used,
        "state": "revoked" if key.revoked else "expired" if expired else "valid",
    }


def _text(moment: datetime) -> str:
    return moment.isoformat().replace("+00:00", "Z")
