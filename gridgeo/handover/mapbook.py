"""The map book: overviews, an index, and a page for each grid, ready to print on A4."""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil

import numpy as np
import shapely

from gridgeo.core.describe import colors
from gridgeo.core.model import EmergencyUnits, Ints, Places, Plan, Progress, Stop, never, silent
from gridgeo.handover.frame import Frame, frame_around
from gridgeo.handover.gridpage import (
    FOOT,
    MAP_HEIGHT,
    MAP_WIDTH,
    MARGIN,
    PANEL,
    PANEL_WIDTH,
    PLACE,
    UNIT,
    Sheet,
    Standing,
    paint_grid_page,
    paint_key,
)
from gridgeo.handover.ground import Ground, north_arrow, scale_bar
from gridgeo.handover.paper import FAINT, GRAY, INK, Paper
from gridgeo.handover.picture import PALETTE
from gridgeo.handover.register import LEVELS, Entry, Place, Total, place_of, standing, titles, totals
from gridgeo.handover.typeface import Typeface
from gridgeo.words import say

LANGUAGES = {"en": "en", "zh": "zh-CN"}
INDEX_LINES, INDEX_COLUMNS = 40, 3
TOTALS_LINES, TOTALS_COLUMNS = 39, 2
"""Rows and columns of totals an overview has room for."""
ROW_PT = 12.4


def map_book(
    plan: Plan,
    entries: Sequence[Entry],
    face: Typeface,
    *,
    lang: str = "en",
    stop: Stop = never,
    progress: Progress = silent,
) -> tuple[bytes, int] | None:
    """The map book of a plan as a PDF, and its pages; the same plan gives the same bytes.

    Parameters
    ----------
    plan
        The plan.
    entries
        Its register; pages follow its order.
    face
        A typeface with all characters of plan and words.
    lang
        "en" or "zh".
    stop
        Asked before each page; a stopped book is None.
    """
    subdistricts = titles(place_of(entry, "subdistrict") for entry in entries)
    communities = titles(place_of(entry, "community") for entry in entries)
    overviews: list[Place] = [(), *(subdistricts if len(subdistricts) > 1 else ())]
    first = len(overviews) + ceil(len(entries) / (INDEX_LINES * INDEX_COLUMNS)) + 1
    pages = first - 1 + len(entries)
    paper = Paper(face, title=f"{plan.territory.name} {say('book-title', lang)}", lang=LANGUAGES[lang])
    number = {entry.code: page for page, entry in enumerate(entries, start=first)}
    ground, shade = Ground(plan=plan), colors(plan)
    page = 0
    for place in overviews:
        page += 1
        name = (subdistricts[place] or say("book-none", lang)) if place else plan.territory.name
        _overview(paper, ground, entries, number, shade.tolist(), place, name, lang)
        _turned(paper, plan, page, pages, lang)
    for begin in range(0, len(entries), INDEX_LINES * INDEX_COLUMNS):
        page += 1
        _index(paper, entries[begin : begin + INDEX_LINES * INDEX_COLUMNS], number, begin == 0, lang)
        _turned(paper, plan, page, pages, lang)
    above: Place = ()
    for sheet in sheets(plan, entries):
        if stop():
            return None
        page += 1
        above = _mark(paper, sheet.entry, above, communities, lang)
        paint_grid_page(paper, ground, sheet, lang)
        paint_key(paper, lang)
        _turned(paper, plan, page, pages, lang)
        progress("book", page / pages)
    return paper.finished(), pages


def sheets(plan: Plan, entries: Sequence[Entry]) -> list[Sheet]:
    """What the pages of the grids show, in the order of the register."""
    land = plan.territory
    units = standing(plan, land.emergency_units.xy, _names(land.emergency_units))
    places = standing(plan, land.places.xy, _names(land.places))
    inside = standing(plan, land.stations.xy, land.stations.code.tolist())
    out = []
    for entry in entries:
        row = plan.grids.row(entry.code)
        things = [
            Standing(xy=(float(xy[at, 0]), float(xy[at, 1])), title=title, color=color)
            for rows, xy, color in ((units[row], land.emergency_units.xy, UNIT), (places[row], land.places.xy, PLACE))
            for at, title in rows
        ]
        served = np.flatnonzero(land.stations.grid == entry.code).tolist()
        at = sorted({*served, *(station for station, _ in inside[row])})
        out.append(Sheet(entry=entry, row=row, standing=tuple(things), stations=land.stations.xy[at]))
    return out


def _names(rows: Places | EmergencyUnits) -> list[str]:
    return [str(n) or str(c) for c, n in zip(rows.code.tolist(), rows.name.tolist(), strict=True)]


def _mark(paper: Paper, entry: Entry, above: Place, communities: dict[Place, str], lang: str) -> Place:
    """List the page in the contents, under its community; returns that."""
    community = place_of(entry, "community")
    if community != above:
        paper.page(f"community {community}", communities[community] or say("book-none", lang), 0)
    paper.page(f"grid {entry.code}", entry.code, 1)
    return community


def _turned(paper: Paper, plan: Plan, page: int, pages: int, lang: str) -> None:
    """Write the foot of a page and end it."""
    paper.text(MARGIN, 11, paper.fitted(plan.territory.name, 6.6, 400), 6.6, color=GRAY)
    paper.text(841.89 / 2, 11, say("book-title", lang), 6.6, color=GRAY, side="middle")
    told = say("book-page-of", lang, page=page, pages=pages)
    paper.text(841.89 - MARGIN, 11, told, 6.6, color=GRAY, side="right")
    paper.turn()


def _overview(
    paper: Paper, ground: Ground, entries: Sequence[Entry], number: dict[str, int], shade: list[int],
    place: Place, name: str, lang: str,
) -> None:  # fmt: skip
    """The territory, or one subdistrict of it, named, with the page of each grid; totals beside it."""
    plan = ground.plan
    shown = [entry for entry in entries if not place or place_of(entry, "subdistrict") == place]
    paper.page(f"overview {place}", f"{say('book-overview', lang)} {name}")
    paper.text(MARGIN, 560, paper.fitted(f"{name}  {say('book-title', lang)}", 17, 560), 17, bold=True)
    whole = totals(shown, name)[-1]
    facts = say("register-facts", lang, grids=whole.grids, households=whole.households,
                area=f"{whole.area_m2 / 1e6:,.2f}")  # fmt: skip
    paper.text(841.89 - MARGIN, 562, facts, 9, color=GRAY, side="right")
    rows = np.array([plan.grids.row(entry.code) for entry in shown], np.int64)
    x0, y0, x1, y1 = shapely.total_bounds(plan.geometry[rows]).tolist()
    frame = frame_around((x0, y0, x1, y1), x=MARGIN, y=FOOT, width=MAP_WIDTH, height=MAP_HEIGHT, edge=0.03)
    paper.clipped(frame.x, frame.y, frame.width, frame.height)
    ground.paint_land(paper, frame)
    for color in sorted({shade[row] for row in rows.tolist()}):
        mine = rows[[shade[row] == color for row in rows.tolist()]]
        paper.areas(frame.cut(plan.geometry[mine]), fill=PALETTE[color % len(PALETTE)], edge="#ffffff", line=0.5)
    ground.paint_barriers(paper, frame)
    ground.paint_communities(paper, frame, 0.9)
    _numbers(paper, ground, rows, [number[entry.code] for entry in shown], frame)
    paper.free()
    paper.box(frame.x, frame.y, frame.width, frame.height, edge=INK, line=0.8)
    north_arrow(paper, frame.x + frame.width - 18, frame.y + frame.height - 42)
    scale_bar(paper, frame, frame.x + 12, frame.y + 8)
    _totals_table(paper, shown, name, lang)
    paper.text(MARGIN, 26, say("book-number-is-page", lang), 7, color=GRAY)


def _numbers(paper: Paper, ground: Ground, rows: Ints, numbers: list[int], frame: Frame) -> None:
    """The page of each grid inside it, as large as it has room for, leading there."""
    shapes = frame.cut(ground.plan.geometry[rows])
    codes = ground.plan.grids.code[rows].tolist()
    for code, shape, page in zip(codes, shapes.tolist(), numbers, strict=True):
        if shape.is_empty:
            continue
        circle = shapely.maximum_inscribed_circle(max(shapely.get_parts(shape), key=lambda part: part.area), 0.5)
        x, y = circle.coords[0]
        size = float(np.clip(circle.length * 0.95, 3.2, 8.5))
        paper.text(x, y - size * 0.36, str(page), size, side="middle")
        paper.link(f"grid {code}", x - size, y - size / 2, 2 * size, size)


def _totals_table(paper: Paper, entries: Sequence[Entry], name: str, lang: str) -> None:
    """Totals of the communities, or of a higher level where these are too many for the page, and of all."""
    listed = totals(entries, name)
    by_level = {level: [total for total in listed if total.level == level] for level in LEVELS}
    level = next(
        level for level in LEVELS if level == "all" or 0 < len(by_level[level]) <= TOTALS_COLUMNS * TOTALS_LINES
    )
    shown = [*by_level[level], *(by_level["all"] if level != "all" else ())]
    columns = ceil(len(shown) / TOTALS_LINES)
    width = (PANEL_WIDTH - (columns - 1) * 12) / columns
    size = 7.8 if columns == 1 else 6.4
    for column in range(columns):
        rows = shown[column * TOTALS_LINES : (column + 1) * TOTALS_LINES]
        _totals_column(paper, rows, PANEL + column * (width + 12), width, size, lang)


def _totals_column(paper: Paper, rows: Sequence[Total], x: float, width: float, size: float, lang: str) -> None:
    """Name, grids and households of some totals, under their heads."""
    y = FOOT + MAP_HEIGHT - 10
    ends = (x, x + width - 7 * size, x + width)
    heads = (say(f"level-{rows[0].level}", lang), *(say(f"register-{k}", lang) for k in ("grids", "households")))
    _cells(paper, ends, y, heads, size * 0.92, color=GRAY)
    for total in rows:
        y -= ROW_PT
        paper.box(x, y + 9.2, width, 0.25, fill=FAINT)
        name = say("level-all", lang) if total.level == "all" else total.name or say("book-none", lang)
        title = paper.fitted(name, size, width - 10 * size)
        _cells(paper, ends, y, (title, f"{total.grids:,}", f"{total.households:,}"), size, bold=total.level == "all")


def _cells(
    paper: Paper, ends: Sequence[float], y: float, texts: Sequence[str], size: float, *, color: str = INK,
    bold: bool = False,
) -> None:  # fmt: skip
    """A row of a table: its first half set from the left at `ends`, the rest up to them."""
    for at, (x, text) in enumerate(zip(ends, texts, strict=True)):
        paper.text(x, y, text, size, color=color, bold=bold, side="left" if at < len(ends) // 2 else "right")


def _index(paper: Paper, entries: Sequence[Entry], number: dict[str, int], first: bool, lang: str) -> None:
    """A page of the index: code, name or community, households and page of each grid, leading there."""
    if first:
        paper.page("index", say("book-index", lang))
    paper.text(MARGIN, 560, say("book-index", lang), 15, bold=True)
    width = (841.89 - 2 * MARGIN - 2 * 18) / INDEX_COLUMNS
    for column in range(ceil(len(entries) / INDEX_LINES)):
        x, y = MARGIN + column * (width + 18), 542.0
        ends = (x, x + width * 0.42, x + width - 26, x + width)
        heads = [say(f"register-{name}", lang) for name in ("code", "name", "households")]
        _cells(paper, ends, y, (*heads, say("book-page", lang)), 6.6, color=GRAY)
        for entry in entries[column * INDEX_LINES : (column + 1) * INDEX_LINES]:
            y -= 12.4
            paper.box(x, y + 9.4, width, 0.25, fill=FAINT)
            cells = (
                paper.fitted(entry.code, 7.2, width * 0.41),
                paper.fitted(entry.name or entry.community, 7.2, width * 0.32),
                f"{entry.households:,}",
                str(number[entry.code]),
            )
            _cells(paper, ends, y, cells, 7.2)
            paper.link(f"grid {entry.code}", x, y - 2, width, 12)
