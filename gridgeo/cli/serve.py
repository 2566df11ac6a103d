"""`gridgeo serve`: the API and the map page."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import click

from gridgeo.cli.console import OK, Desk, verb


@verb("serve")
@click.argument("project", required=False)
@click.option("--host", default=None, help="Address to bind (default 127.0.0.1; others are refused without keys).")
@click.option("--port", type=click.IntRange(1, 65535), default=None, help="Port (default 8000).")
@click.option(
    "--workers", type=click.IntRange(1, 64), default=None, help="Server processes (default: one a core, 2 at most)."
)
@click.option("--settings", "file", type=click.Path(path_type=Path), default=None, help="TOML file of settings.")
def command(
    desk: Desk, project: str | None, host: str | None, port: int | None, workers: int | None, file: Path | None
) -> int:
    """Serve PROJECT, a plan file or a database: OGC API under /, the planner's map under /map."""
    from gridgeo.settings import Settings

    settings = Settings.load(file)
    settings = replace(
        settings,
        project=project or settings.project,
        host=host or settings.host,
        port=port or settings.port,
        workers=workers or settings.workers,
    )
    desk.serve(settings)
    return OK
