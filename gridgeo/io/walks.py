"""Walks for the phone and the desk: one GPX track and one turn list in CSV a walk; and walks of a file read again."""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import shapely

from gridgeo.core.model import Objects, Places, Streets, Table
from gridgeo.core.patrol import Route, validate_route
from gridgeo.core.patrol.turns import Turn, turn_list
from gridgeo.core.tables import lines_by_grid
from gridgeo.errors import InputError
from gridgeo.io.crs import lonlat
from gridgeo.io.formats import read_layers
from gridgeo.io.gpx import Track, Waypoint, gpx_bytes, write_gpx
from gridgeo.io.values import as_text
from gridgeo.io.write import write_bytes
from gridgeo.words import say
from gridgeo.words.patrol import call_text, safe_cell, turn_text, walk_file

COLUMNS = ("number", "at_m", "turn", "street", "length_m", "text", "lon", "lat")


def read_walks(path: str | Path, *, crs: str) -> dict[str, Objects]:
    """Lines of the layer `routes` of a file in walking order, by code of the grid.

    Parameters
    ----------
    path
        A GeoPackage with walks that gridgeo wrote.
    crs
        The CRS the walks must be in.

    Raises
    ------
    InputError
        The file cannot be read, the layer is not of walks, or it has another CRS.
    NotFoundError
        The file has no layer `routes`.
    """
    layer, where = read_layers(path, ["routes"])["routes"], f"{path} routes"
    lines, columns = layer.table.geometry, layer.table.columns
    if lines is None or "grid" not in columns:
        raise InputError("the layer is not of walks", where=where, hint="name a file gridgeo patrol wrote")
    if len(lines) and (layer.crs is None or layer.crs.text != crs):
        told = "no CRS" if layer.crs is None else layer.crs.name
        raise InputError(f"the walks are in {told}, the plan in {crs}", where=where, hint="use one CRS")
    return lines_by_grid(Table(columns={"grid": as_text(columns["grid"])}, geometry=lines))


def write_gpx_folder(
    routes: Sequence[Route],
    folder: str | Path,
    streets: Streets,
    *,
    crs: str,
    lang: str = "en",
    places: Places | None = None,
) -> tuple[Path, ...]:
    """Write each walk as GRID-day-round-officer.gpx into a folder, made if need be; return the files.

    Raises
    ------
    InputError
        A route is broken, or the folder or a file cannot be written.
    """

    def write(route: Route, path: Path) -> None:
        write_gpx(path, [track_of(route, streets, crs=crs, lang=lang, places=places)])

    return _write_each(routes, folder, ".gpx", streets, write)


def write_turn_folder(
    routes: Sequence[Route],
    folder: str | Path,
    streets: Streets,
    *,
    crs: str,
    lang: str = "en",
    places: Places | None = None,
) -> tuple[Path, ...]:
    """Write each walk as GRID-day-round-officer.csv into a folder: one line a turn or call, safe to open in a sheet.

    Raises
    ------
    InputError
        A route is broken, or the folder or a file cannot be written.
    """

    def write(route: Route, path: Path) -> None:
        write_bytes(turn_csv(route, streets, crs=crs, lang=lang, places=places), path)

    return _write_each(routes, folder, ".csv", streets, write)


def _write_each(
    routes: Sequence[Route], folder: str | Path, suffix: str, streets: Streets, write: Callable[[Route, Path], None]
) -> tuple[Path, ...]:
    """Walk each route again on the graph and write it into a file of its own; return the files."""
    folder = _folder(folder)
    files = []
    for route in routes:
        validate_route(streets, route)
        path = folder / f"{walk_file(route.grid, route.day, route.round, route.officer)}{suffix}"
        write(route, path)
        files.append(path)
    return tuple(files)


def turn_csv(route: Route, streets: Streets, *, crs: str, lang: str = "en", places: Places | None = None) -> bytes:
    """The turn list of a walk as CSV: UTF-8 with a mark so that spreadsheets read it, no cell a formula."""
    lines = lines_of(route, streets, lang, places)
    points = lonlat([turn.xy for turn, _ in lines], crs)
    text = io.StringIO()
    rows = csv.writer(text, lineterminator="\r\n")
    rows.writerow(COLUMNS)
    for number, ((turn, words), (lon, lat)) in enumerate(zip(lines, points, strict=True), start=1):
        cells = (number, round(turn.at_m, 1), str(turn.way), turn.name or turn.street, round(turn.length_m, 1), words)
        rows.writerow([safe_cell(cell) for cell in (*cells, round(lon, 7), round(lat, 7))])
    return b"\xef\xbb\xbf" + text.getvalue().encode("utf-8", "replace")


def lines_of(route: Route, streets: Streets, lang: str, places: Places | None) -> list[tuple[Turn, str]]:
    """Turns and calls of a walk in walking order, each with its words."""
    named = [] if places is None else places.name.tolist()
    return [(turn, _words(turn, lang, named)) for turn in turn_list(streets, route, places)]


def _words(turn: Turn, lang: str, named: Sequence[str]) -> str:
    if turn.call is None:
        return turn_text(str(turn.way), turn.name, turn.length_m, lang)
    return call_text(named[turn.call.place] or turn.call.code, turn.call.start_s, lang)


def _folder(folder: str | Path) -> Path:
    folder = Path(folder)
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InputError(f"cannot make the folder: {error.strerror}", where=str(folder)) from error
    return folder


def track_of(route: Route, streets: Streets, *, crs: str, lang: str = "en", places: Places | None = None) -> Track:
    """A walk as a GPX track in longitude and latitude, its turns and calls as waypoints in the given language."""
    lines = lines_of(route, streets, lang, places)
    points = lonlat([turn.xy for turn, _ in lines], crs)
    waypoints = [
        Waypoint(lonlat=point, name=f"{number:03d}", text=words)
        for number, ((_, words), point) in enumerate(zip(lines, points, strict=True), start=1)
    ]
    facts = {"grid": route.grid, "round": route.round, "length_m": round(route.length_m)}
    return Track(
        name=say("walk-name", lang, **facts),
        lonlat=np.array(lonlat(shapely.get_coordinates(route.geometry), crs)),
        turns=waypoints,
        text=say("walk-text", lang, **facts, minutes=round((route.walk_s + route.service_s) / 60)),
    )


def gpx_of_table(table: Table, *, crs: str, lang: str = "en") -> dict[str, bytes]:
    """Walks of the layer `routes` of a file as GPX documents by file name: the lines as they are, without turns.

    Walks of one grid, day, round and officer are numbered.

    Raises
    ------
    InputError
        A column of walks is missing, or holds what is no number.
    """
    wanted = ("officer", "round", "day", "length_m", "walk_s", "service_s")
    absent = [name for name in ("grid", *wanted) if name not in table.columns]
    if absent or table.geometry is None:
        raise InputError(f"the layer of walks has no column {', '.join(absent)}", where="routes")
    columns = [as_text(table.columns["grid"]).tolist(), *(_numbers(table, name) for name in wanted)]
    xy, of = shapely.get_coordinates(table.geometry, return_index=True)
    degrees = np.array(lonlat(xy, crs)).reshape(-1, 2)  # in one transform: each costs as much as a hundred points
    lines = np.split(degrees, np.searchsorted(of, np.arange(1, len(table))))
    out: dict[str, bytes] = {}
    of_name: Counter[str] = Counter()
    for line, (grid, officer, turn, day, length_m, walk_s, service_s) in zip(
        lines, zip(*columns, strict=True), strict=True
    ):
        facts = {"grid": grid, "round": int(turn), "length_m": round(length_m)}
        track = Track(
            name=say("walk-name", lang, **facts),
            lonlat=line,
            text=say("walk-text", lang, **facts, minutes=round((walk_s + service_s) / 60)),
        )
        name = walk_file(grid, int(day), int(turn), int(officer))
        of_name[name] += 1
        again = f".{of_name[name]}" if of_name[name] > 1 else ""
        out[f"{name}{again}.gpx"] = gpx_bytes([track])
    return out


def _numbers(table: Table, name: str) -> list[float]:
    """A column of numbers."""
    try:
        values = np.asarray(table.columns[name].tolist(), dtype=np.float64)
    except (TypeError, ValueError):
        values = np.array([np.nan])
    if not np.isfinite(values).all():
        raise InputError(f"{name} of a walk is no number", where="routes", hint="name a file gridgeo patrol wrote")
    return list(values.tolist())
