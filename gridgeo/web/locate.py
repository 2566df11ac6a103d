"""Which grid am I in: one point, or many at once."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec
import numpy as np
from msgspec import Meta

from gridgeo.web.faults import RequestFault
from gridgeo.web.problems import NowhereError
from gridgeo.web.routes import NoQuery, Reply, Routes
from gridgeo.web.site import Site, State

routes = Routes("Locate")

Point = tuple[float, float]
_HINT = "longitude, latitude in degrees"


class LocateQuery(NoQuery, frozen=True, forbid_unknown_fields=True):
    """Where to look."""

    point: Annotated[list[float], Meta(min_length=2, max_length=2, description="Longitude, latitude in degrees.")]


class Points(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Where to look, many at once."""

    points: Annotated[list[Point], Meta(description="Longitude, latitude in degrees, each.")]


class Located(msgspec.Struct, frozen=True):
    """The grid at a point; `grid` is null outside the territory."""

    point: Point
    grid: str | None
    name: str | None = None
    kind: str | None = None
    households: int | None = None
    in_band: bool | None = None


class LocatedAll(msgspec.Struct, frozen=True):
    """Code of the grid at each point, null outside the territory."""

    grids: list[str | None]


@routes.get("/locate", summary="Which grid is at a point", query=LocateQuery, returns=Located, problems=(400, 404))
def locate(site: Site, query: LocateQuery) -> Reply:
    """The grid at one point; a shared border goes to the lowest code."""
    lon, lat = query.point
    check_lonlat(lon, lat, "point")
    state = site.state()
    x, y = state.globe.metres(lon, lat)
    code = state.locator.code(x, y) if np.isfinite(x + y) else ""
    if not code:
        return Reply(document=Located(point=(lon, lat), grid=None))
    return Reply(document=Located(point=(lon, lat), grid=code, **_numbers(state, code)))


@routes.post(
    "/locate",
    summary="Which grids are at points",
    body=Points,
    returns=LocatedAll,
    problems=(400, 404, 413, 415),
    role="viewer",
)
def locate_all(site: Site, body: Points) -> Reply:
    """The grid at each of many points, in their order."""
    if len(body.points) > site.settings.max_points:
        raise RequestFault(f"{len(body.points)} points, at most {site.settings.max_points}", pointer="#/points")
    lonlat = np.array(body.points, np.float64).reshape(-1, 2)
    wrong = np.flatnonzero((np.abs(lonlat) > (180.0, 90.0)).any(1))
    if len(wrong):
        lon, lat = body.points[wrong[0]]
        raise NowhereError(f"{lon}, {lat} is not on the globe", where=f"#/points/{wrong[0]}", hint=_HINT)
    state = site.state()
    codes = state.locator.codes(state.globe.xy(lonlat))
    return Reply(document=LocatedAll(grids=[code or None for code in codes.tolist()]))


def check_lonlat(lon: float, lat: float, where: str) -> None:
    """A point in degrees is on the globe.

    Raises
    ------
    NowhereError
        It is not; `where` names the pointer or parameter.
    """
    if not (abs(lon) <= 180 and abs(lat) <= 90):
        raise NowhereError(f"{lon}, {lat} is not on the globe", where=where, hint=_HINT)


def _numbers(state: State, code: str) -> dict[str, Any]:
    plan = state.plan
    row = plan.grids.row(code)
    return {
        "name": str(plan.grids.name[row]),
        "kind": state.kind_names[row],
        "households": int(plan.households[row]),
        "in_band": bool(state.in_band[row]),
    }
