"""`gridgeo copy`: a project from one store to another."""

from __future__ import annotations

import click

from gridgeo.cli.console import OK, Desk, verb


@verb("copy")
@click.argument("source")
@click.argument("target")
def command(desk: Desk, source: str, target: str) -> int:
    """Copy a project with all versions, journals and keys from SOURCE to TARGET, equal by content hash.

    Each is a plan file, or postgresql://user@host/database?schema=town. A database must hold no project there.
    """
    from gridgeo.io.write import write_territory
    from gridgeo.store.backup import copy_store

    digest, versions = copy_store(source, target, write_territory)
    desk.say("copy-done", path=target, versions=versions, digest=digest[:16])
    desk.document({"source": source, "target": target, "digest": digest, "versions": versions, "seconds": desk.seconds})
    return OK
