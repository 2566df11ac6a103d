"""`gridgeo backup`: a project into one file, while others work with it."""

from __future__ import annotations

from pathlib import Path

import click

from gridgeo.cli.console import BROKEN, OK, Desk, verb
from gridgeo.cli.fsck import document, examined, show
from gridgeo.cli.places import OutputFile


@verb("backup")
@click.argument("project")
@click.option("-o", "--output", type=OutputFile(".gpkg"), required=True, help="The copy: a GeoPackage.")
def command(desk: Desk, project: str, output: Path) -> int:
    """Copy PROJECT with all versions and journals into one GeoPackage, as it stands at one moment, and examine it.

    The copy is a project itself: to restore, serve it, or put it where the old one was.
    """
    from gridgeo.io.write import write_territory
    from gridgeo.store.backup import backup

    digest = backup(project, output, write_territory)
    health = examined(str(output))
    desk.say("backup-done", path=output, versions=health.versions, entries=health.entries, digest=digest[:16])
    if health.findings:
        show(desk, str(output), health)
    told = {"backup": str(output), "digest": digest, **document(desk, health), "seconds": desk.seconds}
    desk.document(told)
    return BROKEN if health.findings else OK
