"""The command line: `gridgeo VERB` or `python -m gridgeo VERB`. Here, and only here, it meets the web."""

from __future__ import annotations

import os
import signal
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from gridgeo.settings import Settings


CANCELLED = 130


def main() -> None:
    """Run the command line; Ctrl-C while it is being loaded, or once all is done, ends it without a word."""
    leave = signal.signal(signal.SIGINT, lambda number, frame: os._exit(CANCELLED))
    from gridgeo.cli import gridgeo

    late = signal.signal(signal.SIGINT, leave)
    try:
        gridgeo(prog_name="gridgeo", obj=serve)
    finally:
        signal.signal(signal.SIGINT, late)


def serve(settings: Settings, ready: Callable[[], None]) -> None:
    """Run the web service until it is stopped; loaded only when asked for. `ready` is called once it can start."""
    from gridgeo.web.serve import serve as run

    run(settings, ready=ready)


if __name__ == "__main__":
    main()
