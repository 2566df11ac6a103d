"""`gridgeo serve`: the API and the map page."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import click

from gridgeo.cli.console import OK, Desk, verb


@verb("serve")
@click.argument("project", type=click.Path(path_type=Path), required=False)
@click.option("--host", default=None, help="Address to bind (default 127.0.0.1; others are refused without keys).")
@click.option("--port", type=click.IntRange(1, 65535), default=None, help="Port (default 8000).")
def command(desk: Desk, project: Path | None, host: str | None, port: int | None) -> int:
    """Serve PROJECT, a plan file: OGC API under /, the planner's map under /map."""
    from gridgeo.settings import Settings

    settings = Settings.from_env()
    settings = replace(
        settings,
        project=str(project) if project else settings.project,
        host=host or settings.host,
        port=port or settings.port,
    )
    desk.serve(settings)
    return OK
