"""The command line: `gridgeo VERB` or `python -m gridgeo VERB`. Here, and only here, it meets the web."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from gridgeo.settings import Settings


def main() -> None:
    """Run the command line."""
    from gridgeo.cli import gridgeo

    gridgeo(prog_name="gridgeo", obj=serve)


def serve(settings: Settings, ready: Callable[[], None]) -> None:
    """Run the web service until it is stopped; loaded only when asked for. `ready` is called once it can start."""
    from gridgeo.web.serve import serve as run

    run(settings, ready=ready)


if __name__ == "__main__":
    main()
