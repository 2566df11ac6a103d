"""What the first requests would wait for, worked out in the background as soon as the server answers."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable

from gridgeo.errors import GridgeoError
from gridgeo.web.layers import LAYERS
from gridgeo.web.site import Site
from gridgeo.web.tiles import warm as warm_tiles

_log = logging.getLogger("gridgeo.web")


def start(site: Site) -> threading.Thread:
    """Begin to work ahead; requests are answered all the while.

    Parts that fail are left to the request that needs them, which tells why.
    """
    thread = threading.Thread(target=_all, args=(site,), name="gridgeo-warm", daemon=True)
    thread.start()
    return thread


def _all(site: Site) -> None:
    for name, part in PARTS.items():
        try:
            part(site)
        except GridgeoError as error:
            _log.info("not worked out ahead: part=%s why=%s", name, error.code)


def _locate(site: Site) -> None:
    x, y = site.state().territory.boundary.bounds[:2]
    if site.state().drawn is not None:
        site.state().locator.code(x, y)


def _grids(site: Site) -> None:
    state = site.state()
    features = state.features("grids", LAYERS["grids"].build)
    features.written(range(min(len(features), 10)))
    warm_tiles(state, "grids")


def _alarms(site: Site) -> None:
    land = site.state().territory
    if len(land.responders) or len(land.emergency_units):
        site.desk().answer(land.boundary.bounds[:2], routes=True)


def _proof(site: Site) -> None:
    if site.state().drawn is not None:
        site.state().report  # noqa: B018  (worked out by being looked at)


PARTS: dict[str, Callable[[Site], None]] = {"locate": _locate, "grids": _grids, "alarms": _alarms, "proof": _proof}
"""What is worked out ahead, the quick and common first."""
