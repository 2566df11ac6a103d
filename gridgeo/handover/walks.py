"""Walks to hand on: a picture of each one, and a page to print with its turns and calls, in English or Chinese."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

from gridgeo.core.model import Plan
from gridgeo.core.patrol.routes import validate_route
from gridgeo.core.patrol.turns import Turn, Way, turn_list
from gridgeo.errors import InputError
from gridgeo.handover.picture import INK, PAPER, QUIET, fonts, line_shapes, scale_bar
from gridgeo.words import say
from gridgeo.words.patrol import call_text, turn_text, walk_file

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from gridgeo.core.patrol import Route

LANGUAGES = {"en": "en", "zh": "zh-CN"}
MARGIN = 0.08  # of the walk's size, around it
SIDE_IN = 7.0
LABELS, SHOWN = 40, 3  # most turns numbered in a picture, and at one spot
STYLE = """
body{font:14px/1.45 "Noto Sans CJK SC","Source Han Sans SC","PingFang SC","Microsoft YaHei",sans-serif;color:#24303a;
margin:2em auto;max-width:46em}
h1{font-size:1.5em;margin:0}h2{font-size:1.1em;margin:1.2em 0 .3em}
table{border-collapse:collapse;width:100%}thead{display:table-header-group}tr{break-inside:avoid}
th,td{text-align:left;padding:.15em .6em .15em 0;border-bottom:1px solid #dde1e4}
td.n{text-align:right;font-variant-numeric:tabular-nums}tr.call td{font-weight:600}
img{max-width:100%}section{break-after:page}section:last-child{break-after:auto}
@media print{body{margin:0;max-width:none}@page{size:A4;margin:16mm}}
"""


def save_walk_pictures(routes: Sequence[Route], folder: Path, plan: Plan, *, lang: str = "en") -> tuple[Path, ...]:
    """Paint each walk as GRID-day-round-officer.png into a folder, made if need be; return the files.

    Raises
    ------
    InputError
        A route is broken, or the folder cannot be made.
    """
    _make(folder)
    files = []
    near = shapely.STRtree(plan.territory.streets.line_geometry)
    for route in routes:
        validate_route(plan.territory.streets, route)
        path = folder / f"{walk_file(route.grid, route.day, route.round, route.officer)}.png"
        save_walk_picture(path, route, plan, near, lang=lang)
        files.append(path)
    return tuple(files)


def save_walk_picture(path: Path, route: Route, plan: Plan, near: Any, *, lang: str = "en") -> None:
    """Paint one walk: the grid, the streets around (`near`: STRtree of the street lines), arrows, turns, calls."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    shape = plan.geometry[plan.grids.row(route.grid)]
    x0, y0, x1, y1 = shapely.bounds(shapely.union(shapely.envelope(shape), shapely.envelope(route.geometry)))
    edge = MARGIN * max(x1 - x0, y1 - y0, 50.0)
    x0, y0, x1, y1 = x0 - edge, y0 - edge, x1 + edge, y1 + edge
    height = float(np.clip(SIDE_IN * (y1 - y0) / (x1 - x0), 3.0, 12.0))
    figure = Figure(figsize=(SIDE_IN, height + 0.45), dpi=130, facecolor=PAPER)
    FigureCanvasAgg(figure)
    axes = figure.add_axes((0.01, 0.01, 0.98, height / (height + 0.45) - 0.01))
    axes.set(xlim=(x0, x1), ylim=(y0, y1), aspect="equal")
    axes.axis("off")
    lines = plan.territory.streets.line_geometry
    line_shapes(axes, lines[near.query(shapely.box(x0, y0, x1, y1))], "#c9ced2", 1.6, z=1)
    line_shapes(axes, [shapely.boundary(shape)], QUIET, 1.4, z=2, dashed=True)
    _paint_walk(axes, route)
    _paint_turns(axes, turn_list(plan.territory.streets, route, plan.territory.places))
    scale_bar(axes, x0 + edge / 3, y0 + edge / 3, x1 - x0)
    title = summary(route, lang, plan)
    figure.text(0.015, 1 - 0.22 / (height + 0.45), title, fontsize=8.5, color=INK, family=fonts(title), va="center")
    figure.savefig(path, metadata={"Software": None}, facecolor=PAPER)


def _paint_walk(axes: Axes, route: Route) -> None:
    """The walk from light to dark as it goes on, with arrows; ways walked twice lie beside each other."""
    from matplotlib import colormaps
    from matplotlib.collections import LineCollection

    xy = shapely.get_coordinates(route.geometry)
    way = np.diff(xy, axis=0)
    length = np.hypot(way[:, 0], way[:, 1])
    kept = length > 0
    way, length, begin = way[kept], length[kept], xy[:-1][kept]
    span = float(max(np.ptp(xy, axis=0).max(), 1.0))
    beside = np.stack([way[:, 1], -way[:, 0]], 1) / length[:, None] * span * 0.0035  # walk on the right
    middle = np.cumsum(length) - length / 2
    shade = colormaps["plasma"](0.85 - 0.8 * middle / max(length.sum(), 1e-9))
    ends = np.stack([begin + beside, begin + way + beside], 1)
    axes.add_collection(LineCollection(list(ends), colors=shade, linewidths=1.7, zorder=5))
    marks = np.unique(np.searchsorted(np.cumsum(length), np.arange(0.5, 24) / 24 * length.sum()))
    marks = marks[marks < len(way)]
    tip = begin[marks] + beside[marks] + way[marks] / 2
    axes.quiver(
        *tip.T, *(way[marks] / length[marks, None]).T, color=shade[marks], pivot="mid", scale=38, width=0.006,
        headwidth=5, headlength=5, headaxislength=4.5, zorder=6,
    )  # fmt: skip
    axes.plot(*xy[0], marker="*", ms=15, color="#ffb703", mec=INK, mew=0.7, zorder=9)


def _paint_turns(axes: Axes, turns: Sequence[Turn]) -> None:
    """Numbers of the turn list where they belong, as many as can be read, together at one spot; squares at calls."""
    step = max(1, -(-len(turns) // LABELS))
    spots: dict[tuple[int, int], list[int]] = {}
    for number, turn in enumerate(turns, start=1):
        if turn.way == Way.CALL:
            axes.plot(*turn.xy, marker="s", ms=7, color="#2a6f97", mec="white", mew=0.7, zorder=8)
        if turn.way == Way.CALL or number % step == 1 or step == 1:
            spots.setdefault((round(turn.xy[0]), round(turn.xy[1])), []).append(number)
    for spot, numbers in spots.items():
        text = "·".join(map(str, numbers[:SHOWN])) + ("…" if len(numbers) > SHOWN else "")
        axes.annotate(text, spot, (3, 3), textcoords="offset points", fontsize=6.5, color=INK, zorder=10)


def summary(route: Route, lang: str, plan: Plan) -> str:
    """One line on a walk: grid, day, round, officer, length, minutes, and how short it is."""
    name = str(plan.grids.name[plan.grids.row(route.grid)])
    facts = {"day": route.day, "round": route.round, "officer": route.officer, "length_m": round(route.length_m)}
    minutes = round((route.walk_s + route.service_s) / 60)
    label = " · ".join(dict.fromkeys(text for text in (route.grid, name) if text))
    return f"{label} · " + say("walk-summary", lang, **facts, minutes=minutes)


def write_walk_pages(
    routes: Sequence[Route], folder: Path, plan: Plan, *, lang: str = "en", pictures: bool = False
) -> tuple[Path, ...]:
    """Write GRID.html for each grid: its walks one after the other, whole in themselves, ready to print.

    Parameters
    ----------
    routes
        Walks, those of a grid next to each other.
    folder
        Folder to fill, made if need be.
    plan
        The plan they were planned on.
    lang
        "en" or "zh".
    pictures
        Whether the walks' pictures lie in the same folder and are to be shown.

    Raises
    ------
    InputError
        A route is broken, or a file cannot be written.
    """
    _make(folder)
    files = []
    for grid in dict.fromkeys(route.grid for route in routes):
        mine = [route for route in routes if route.grid == grid]
        for route in mine:
            validate_route(plan.territory.streets, route)
        path = folder / f"{walk_file(grid, 0, 0, 0).removesuffix('-0-0-0')}.html"
        try:
            path.write_text(walk_page(mine, plan, lang, pictures=pictures), encoding="utf-8", errors="replace")
        except OSError as error:
            raise InputError(f"cannot write: {error.strerror}", where=str(path)) from error
        files.append(path)
    return tuple(files)


def walk_page(routes: Sequence[Route], plan: Plan, lang: str, *, pictures: bool = False) -> str:
    """The walks of one grid as one HTML page, a sheet a walk."""
    title = say("walks-title", lang, grid=routes[0].grid) if routes else ""
    sheets = "\n".join(_sheet(route, plan, lang, pictures) for route in routes)
    return (
        f'<!doctype html>\n<html lang="{LANGUAGES[lang]}"><head><meta charset="utf-8"><title>{escape(title)}</title>'
        f"<style>{STYLE}</style></head>\n<body><h1>{escape(title)}</h1>\n{sheets}\n</body></html>\n"
    )


def _sheet(route: Route, plan: Plan, lang: str, pictures: bool) -> str:
    name = walk_file(route.grid, route.day, route.round, route.officer)
    image = f'<img src="{escape(name)}.png" alt="">' if pictures else ""
    head = "".join(f"<th>{escape(say(word, lang))}</th>" for word in ("walk-number", "walk-at", "walk-do"))
    rows = "".join(_row(number, turn, plan, lang) for number, turn in enumerate(_turns(route, plan), start=1))
    return (
        f"<section><h2>{escape(summary(route, lang, plan))}</h2><p>{escape(proof(route, lang))}</p>{image}"
        f"<table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table></section>"
    )


def _turns(route: Route, plan: Plan) -> tuple[Turn, ...]:
    return turn_list(plan.territory.streets, route, plan.territory.places)


def proof(route: Route, lang: str) -> str:
    """How short a walk is, as far as that is proven."""
    if route.drawn:
        return say("walk-drawn", lang)
    if route.proven:
        return say("walk-proof", lang)
    over = 100 * (route.length_m / max(route.bound_m, 1e-3) - 1)
    return say("walk-bound", lang, percent=f"{over:.1f}")


def _row(number: int, turn: Turn, plan: Plan, lang: str) -> str:
    if turn.call is None:
        words = turn_text(str(turn.way), turn.name, turn.length_m, lang)
    else:
        words = call_text(str(plan.territory.places.name[turn.call.place]) or turn.call.code, turn.call.start_s, lang)
    kind = ' class="call"' if turn.call is not None else ""
    return f'<tr{kind}><td class="n">{number}</td><td class="n">{turn.at_m:.0f}</td><td>{escape(words)}</td></tr>'


def _make(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InputError(f"cannot make the folder: {error.strerror}", where=str(folder)) from error
