"""Alarms: who is nearest on foot. A dispatch order for simulation and desks; nobody is called from here."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec
import numpy as np
from msgspec import Meta

from gridgeo import service
from gridgeo.web.locate import check_lonlat
from gridgeo.web.routes import Reply, Routes
from gridgeo.web.site import Site

routes = Routes("Alarms")


class Alarm(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Where help is needed, and how many to name."""

    point: Annotated[tuple[float, float], Meta(description="Longitude, latitude in degrees.")]
    count: Annotated[int, Meta(ge=1, le=100)] = 5
    max_walk_s: Annotated[int, Meta(ge=1, le=7200)] = 900


class Answering(msgspec.Struct, frozen=True):
    """One who answers: code, walking seconds, place."""

    code: str
    walk_s: float
    point: tuple[float, float]


class DispatchOrder(msgspec.Struct, frozen=True):
    """Responders on duty and emergency units, nearest first, and the grid of the alarm."""

    grid: str | None
    responders: list[Answering]
    units: list[Answering]


@routes.post("/alarms", summary="Nearest responders to an alarm", body=Alarm, returns=DispatchOrder)
def alarm(site: Site, body: Alarm) -> Reply:
    """Nearest responders on duty and emergency units by walking time, in order."""
    check_lonlat(*body.point, pointer="#/point")
    state = site.state()
    xy = state.globe.metres(*body.point)
    if not np.isfinite(xy).all():
        return Reply(document=DispatchOrder(grid=None, responders=[], units=[]))
    called = service.alarm(state.territory, xy, count=body.count, max_walk_s=body.max_walk_s)
    grid = state.locator.code(*xy) if state.drawn is not None else ""
    land = state.territory
    order = DispatchOrder(
        grid=grid or None,
        responders=[_answering(state, c, land.responders) for c in called.responders],
        units=[_answering(state, c, land.emergency_units) for c in called.units],
    )
    return Reply(document=order)


def _answering(state: Any, called: service.Called, table: Any) -> Answering:
    x, y = table.xy[table.row(called.code)].tolist()
    return Answering(code=called.code, walk_s=called.walk_s, point=state.globe.point(x, y))
