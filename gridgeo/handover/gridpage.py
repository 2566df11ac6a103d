"""One page of the map book: a grid at a round scale, and beside it what the register says of it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely

from gridgeo.core.model import Floats, Ints, geometries
from gridgeo.handover.frame import Frame, frame_around
from gridgeo.handover.ground import ATOM, COMMUNITY, Ground, north_arrow, scale_bar
from gridgeo.handover.paper import FAINT, GRAY, INK, RED, Paper
from gridgeo.handover.qr import qr_matrix
from gridgeo.handover.register import Entry, joined
from gridgeo.words import say

MARGIN, FOOT = 28.0, 40.0
MAP_WIDTH, MAP_HEIGHT = 560.0, 508.0
PANEL = MARGIN + MAP_WIDTH + 14
PANEL_WIDTH = 841.89 - MARGIN - PANEL
OWN, OTHER, OUTLINE = "#fff3c9", "#ffffff", "#8c949a"
STATION, UNIT, PLACE = "#f0a202", RED, "#1b6ca8"
ROW_PT, STEP_PT = 13.2, 10.0
"""Height of a row of the table, and of a line of text."""
FACT_PT, LINE_PT, SMALL_PT = 8.4, 7.8, 7.0
QR_PT = HERE_PT = 92.0


@dataclass(frozen=True, kw_only=True)
class Standing:
    """What stands in a grid, numbered on its map: place (x, y) in meters, title, and its color."""

    xy: tuple[float, float]
    title: str
    color: str


@dataclass(frozen=True, kw_only=True, eq=False)
class Sheet:
    """What one grid's page shows: its entry, its row in the plan, what stands there, and its stations (n, 2)."""

    entry: Entry
    row: int
    standing: tuple[Standing, ...]
    stations: Floats


def paint_grid_page(paper: Paper, ground: Ground, sheet: Sheet, lang: str) -> None:
    """Draw the page of a grid, but for its foot."""
    entry = sheet.entry
    title = say("book-grid", lang, code=entry.code)
    paper.text(MARGIN, 562, title, 15, bold=True)
    beside = MARGIN + paper.measure(title, 15) + 10
    named = (entry.name, entry.community, entry.subdistrict, entry.county)
    above = " · ".join(text for text in dict.fromkeys(named) if text not in ("", entry.code))
    paper.text(beside, 562, paper.fitted(above, 10, 841.89 - MARGIN - beside), 10, color=GRAY)
    shown = _paint_panel(paper, ground, sheet, lang)
    bounds = ground.plan.geometry[sheet.row].bounds
    frame = frame_around(bounds, x=MARGIN, y=FOOT, width=MAP_WIDTH, height=MAP_HEIGHT, edge=0.09)
    paper.clipped(frame.x, frame.y, frame.width, frame.height)
    _paint_map(paper, ground, sheet, frame)
    for number, thing in enumerate(sheet.standing[:shown], start=1):
        x, y = frame.paper(np.array([thing.xy]))[0].tolist()
        paper.disc(x, y, 4.8, fill=thing.color, edge="#ffffff", line=0.6)
        paper.text(x, y - 2, str(number), 5.6, color="#ffffff", side="middle")
    paper.free()
    paper.box(frame.x, frame.y, frame.width, frame.height, edge=INK, line=0.8)
    north_arrow(paper, frame.x + frame.width - 18, frame.y + frame.height - 42)
    scale_bar(paper, frame, frame.x + 12, frame.y + 8)


def _paint_map(paper: Paper, ground: Ground, sheet: Sheet, frame: Frame) -> None:
    """Draw the map of a grid: the ground, the grid, its neighbors, its stations."""
    own = geometries([ground.plan.geometry[sheet.row]])
    ground.paint_land(paper, frame)
    paper.areas(frame.cut(own), fill=OWN)
    ground.paint_barriers(paper, frame)
    ground.paint_buildings(paper, frame)
    ground.paint_streets(paper, frame)
    ground.paint_atoms(paper, frame, sheet.row)
    around = ground.near("grids", frame)
    others = around[around != sheet.row]
    paper.lines(frame.cut(ground.plan.geometry[others]), OUTLINE, 0.9)
    ground.paint_communities(paper, frame)
    paper.lines(frame.cut(own), RED, 2.2)
    ground.write_streets(paper, frame, _name_neighbors(paper, ground, frame, others))
    for x, y in frame.paper(sheet.stations).tolist():
        _star(paper, x, y)


def _name_neighbors(paper: Paper, ground: Ground, frame: Frame, rows: Ints) -> list[shapely.Geometry]:
    """Codes of the grids around, each where most of what the frame shows of it lies; returns what they cover."""
    taken = []
    shapes = frame.cut(ground.plan.geometry[rows])
    for row, shape in zip(rows.tolist(), shapes.tolist(), strict=True):
        parts = [part for part in shapely.get_parts(shape) if part.area > 200]
        if not parts:
            continue
        spot = shapely.point_on_surface(max(parts, key=lambda part: part.area))
        code, size = str(ground.plan.grids.code[row]), 6.6
        half = paper.measure(code, size) / 2
        x = float(np.clip(spot.x, frame.x + half + 3, frame.x + frame.width - half - 3))
        y = float(np.clip(spot.y, frame.y + 4, frame.y + frame.height - 10))
        paper.text(x, y, code, size, color=GRAY, side="middle", halo=True)
        taken.append(shapely.box(x - half, y - 2, x + half, y + size))
    return taken


def _star(paper: Paper, x: float, y: float, radius: float = 6.5) -> None:
    turn = np.pi / 2 + np.arange(10) * np.pi / 5
    reach = np.where(np.arange(10) % 2 == 0, radius, radius * 0.42)
    points = np.stack([x + reach * np.cos(turn), y + reach * np.sin(turn)], axis=1)
    paper.areas(geometries([shapely.Polygon(points)]), fill=STATION, edge=INK, line=0.5)


def _facts(entry: Entry, lang: str) -> list[tuple[str, str]]:
    """Names and values of the table of a grid."""
    counted = f"{entry.households:,}"
    if entry.low != entry.high:
        counted = say("book-estimated", lang, households=counted, low=entry.low, high=entry.high)
    none = say("book-none", lang)
    dates = [day.isoformat() if day else "…" for day in (entry.start, entry.end)]
    force = none if entry.start is entry.end is None else say("book-from-until", lang, start=dates[0], end=dates[1])
    return [
        (say("register-kind", lang), say(f"kind-{entry.kind.name.lower()}", lang)),
        (say("register-post", lang), entry.post or "________"),
        (say("register-households", lang), counted),
        (say("register-in_band", lang), say("yes" if entry.in_band else "no", lang)),
        (say("register-buildings", lang), f"{entry.buildings:,}"),
        (say("register-compounds", lang), str(len(entry.compounds))),
        (say("book-area", lang), say("book-hectares", lang, area=f"{entry.area_m2 / 1e4:,.2f}")),
        (say("book-perimeter", lang), say("book-meters", lang, length=f"{entry.perimeter_m:,.0f}")),
        (say("book-in-force", lang), force),
        (say("register-predecessors", lang), joined(entry.predecessors, lang) or none),
    ]


def _paint_panel(paper: Paper, ground: Ground, sheet: Sheet, lang: str) -> int:
    """Draw what stands beside the map; returns how many things the list has room for."""
    entry, y = sheet.entry, FOOT + MAP_HEIGHT - ROW_PT
    for name, value in _facts(entry, lang):
        paper.text(PANEL, y, name, FACT_PT, color=GRAY)
        room = PANEL_WIDTH - paper.measure(name, FACT_PT) - 8
        paper.text(PANEL + PANEL_WIDTH, y, paper.fitted(value, FACT_PT, room), FACT_PT, side="right")
        paper.box(PANEL, y - 3.6, PANEL_WIDTH, 0.25, fill=FAINT)
        y -= ROW_PT
    y = _heading(paper, y - 4, f"{say('book-bounds', lang)} ({say(f'status-{entry.bounds_status}', lang)})")
    for side in ("east", "south", "west", "north"):
        paper.text(PANEL, y, say(f"book-{side}", lang), LINE_PT, color=GRAY)
        told = joined(getattr(entry, side), lang) or say("book-unnamed", lang)
        y = _paragraph(paper, PANEL + 34, y, told, PANEL_WIDTH - 34)
    for name, titles in (("compound_names", entry.compounds), ("exclusive", entry.exclusive)):
        if titles:
            y = _heading(paper, y - 4, say(f"register-{name}", lang))
            y = _paragraph(paper, PANEL, y, joined(titles, lang), PANEL_WIDTH)
    _paint_corner(paper, ground, sheet, lang)
    return _paint_list(paper, y - 4, sheet.standing, lang)


def _heading(paper: Paper, y: float, text: str) -> float:
    """A heading in the panel; returns where the text below it begins."""
    paper.text(PANEL, y, text, FACT_PT, bold=True)
    return y - STEP_PT - 2


def _paragraph(paper: Paper, x: float, y: float, text: str, width: float) -> float:
    """A text in at most two lines; returns where the next begins."""
    lines = paper.wrapped(text, LINE_PT, width, 2)
    for number, line in enumerate(lines):
        paper.text(x, y - number * STEP_PT, line, LINE_PT)
    return y - len(lines) * STEP_PT


def _paint_list(paper: Paper, y: float, standing: tuple[Standing, ...], lang: str) -> int:
    """The things that are numbered on the map, in two columns; returns how many."""
    if not standing:
        return 0
    y = _heading(paper, y, say("book-standing", lang))
    shown = min(len(standing), 2 * int((y - FOOT - QR_PT - 20) // STEP_PT))
    lines = -(-shown // 2)
    for number, thing in enumerate(standing[:shown]):
        x = PANEL + (number // lines) * PANEL_WIDTH / 2
        foot = y - (number % lines) * STEP_PT
        paper.disc(x + 4, foot + 2.4, 4, fill=thing.color)
        paper.text(x + 4, foot + 0.6, str(number + 1), 5, color="#ffffff", side="middle")
        paper.text(x + 11, foot, paper.fitted(thing.title, SMALL_PT, PANEL_WIDTH / 2 - 14), SMALL_PT)
    if shown < len(standing):
        left = say("book-more", lang, count=len(standing) - shown)
        paper.text(PANEL, y - lines * STEP_PT, paper.fitted(left, SMALL_PT, PANEL_WIDTH), SMALL_PT, color=GRAY)
    return shown


def _paint_corner(paper: Paper, ground: Ground, sheet: Sheet, lang: str) -> None:
    """Where the grid lies in the territory, and its QR code."""
    right = PANEL + PANEL_WIDTH - QR_PT
    paper.text(PANEL, FOOT + HERE_PT + 4, say("book-here", lang), 7, color=GRAY)
    paper.text(right, FOOT + QR_PT + 4, say("book-scan", lang), 7, color=GRAY)
    room = PANEL_WIDTH - QR_PT - 10
    frame = frame_around(ground.plan.territory.boundary.bounds, x=PANEL, y=FOOT, width=room, height=HERE_PT, edge=0.03)
    paper.box(PANEL, FOOT, room, HERE_PT, edge=FAINT)
    paper.areas(ground.small(frame), fill="#eef0f1", edge=GRAY, line=0.4)
    paper.areas(frame.cut(geometries([ground.plan.geometry[sheet.row]])), fill=RED, edge=RED, line=1.2)
    paper.qr(qr_matrix(sheet.entry.address), right, FOOT, QR_PT)
    paper.box(right, FOOT, QR_PT, QR_PT, edge=FAINT)


def paint_key(paper: Paper, lang: str) -> None:
    """What the lines and marks of a grid's map mean, on one line above its foot."""
    x, y = MARGIN, 24.0
    for name, color, width, dash in (
        ("grid", RED, 2.2, ()),
        ("neighbor", OUTLINE, 0.9, ()),
        ("atom", ATOM, 0.5, (1, 1)),
        ("community", COMMUNITY, 1.1, (6, 2, 1, 2)),
    ):
        paper.lines(geometries([shapely.LineString([(x, y + 2), (x + 22, y + 2)])]), color, width, dash=dash)
        x = _word(paper, x + 26, y, say(f"key-{name}", lang))
    _star(paper, x + 5, y + 2, 5)
    x = _word(paper, x + 13, y, say("key-station", lang))
    for name, color in (("unit", UNIT), ("place", PLACE)):
        paper.disc(x + 4, y + 2, 3.6, fill=color)
        x = _word(paper, x + 11, y, say(f"key-{name}", lang))


def _word(paper: Paper, x: float, y: float, text: str) -> float:
    paper.text(x, y, text, 6.4, color=GRAY)
    return x + paper.measure(text, 6.4) + 14
