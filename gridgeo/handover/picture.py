"""Pictures of each stage of the work: territory, atoms, plan, faults, walks, emergency units.

Drawn with matplotlib figures of their own (no display, no global state), in projected metres, north up.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely
from numpy.typing import NDArray

from gridgeo.core.model import Border, Kind, Plan, Territory

if TYPE_CHECKING:
    from matplotlib.axes import Axes

PAPER, INK, QUIET = "#fbfaf7", "#24303a", "#8a949c"
WATER, HOUSE, RAIL = "#b9d7e6", "#c9c2b6", "#5c5552"
PALETTE = ("#8ecae6", "#f6bd60", "#95d5b2", "#f4a5ae", "#cdb4db", "#d8c99b")
STREET_WIDTH = {Border.PATH: 0.25, Border.STREET: 0.5, Border.MAIN: 1.1, Border.MOTORWAY: 1.5}

CHINESE_FONTS = (
    "Noto Sans CJK SC",
    "Noto Sans SC",
    "Source Han Sans SC",
    "WenQuanYi Micro Hei",
    "PingFang SC",
    "Microsoft YaHei",
    "SimHei",
)

Painter = Callable[["Axes"], None]


def save_picture(
    path: Path, territory: Territory, painters: Iterable[Painter], *, title: str, width_in: float = 11
) -> None:
    """Paint layers over the territory's frame and save a PNG.

    Parameters
    ----------
    path
        File to write.
    painters
        Functions of this module's `paint_*` family, bottom layer first.
    title
        Line above the map.
    width_in
        Width in inches, at 150 dots an inch.
    """
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    x0, y0, x1, y1 = territory.boundary.bounds
    height = width_in * (y1 - y0) / (x1 - x0) + 0.5
    figure = Figure(figsize=(width_in, height), dpi=150, facecolor=PAPER)
    FigureCanvasAgg(figure)
    axes = figure.add_axes((0.01, 0.01, 0.98, 0.98 - 0.45 / height))
    below = 0.05 * (y1 - y0)
    axes.set(xlim=(x0 - 30, x1 + 30), ylim=(y0 - below, y1 + 30), aspect="equal")
    axes.axis("off")
    for paint in painters:
        paint(axes)
    scale_bar(axes, x0, y0 - 0.7 * below, x1 - x0)
    figure.text(0.012, 1 - 0.3 / height, title, fontsize=12, color=INK, family=fonts(title), va="center")
    figure.savefig(path, metadata={"Software": None}, facecolor=PAPER)


def fonts(text: str) -> list[str]:
    """Fonts for a text: one with Chinese characters first when it needs them, the machine's or else our own."""
    from matplotlib import font_manager

    if text.isascii():
        return ["sans-serif"]
    installed = {font.name for font in font_manager.fontManager.ttflist}
    if not installed & set(CHINESE_FONTS):
        from gridgeo.handover.typeface import chinese_font

        font_manager.fontManager.addfont(chinese_font())
        installed.add("Noto Sans SC")
    return [next(name for name in CHINESE_FONTS if name in installed), "sans-serif"]


def scale_bar(axes: Axes, x: float, y: float, span: float) -> None:
    """A bar of a round number of metres, at most a fifth of `span`, its left end at (x, y)."""
    metres = max(step for step in (10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000) if step <= max(span / 5, 10))
    axes.plot([x, x + metres], [y, y], color=INK, lw=2.5, solid_capstyle="butt", zorder=20)
    axes.annotate(
        f"{metres} m", (x + metres, y), (4, 0), textcoords="offset points", va="center", fontsize=8, zorder=20
    )


def _rings(shape: Any) -> Any:
    """Matplotlib path of a polygon or multipolygon, holes included."""
    from matplotlib.path import Path as Outline

    rings = [
        shapely.get_coordinates(ring)
        for part in shapely.get_parts(shape)
        for ring in (shapely.get_exterior_ring(part), *(part.interiors if part.geom_type == "Polygon" else ()))
        if ring is not None
    ]
    return Outline.make_compound_path(*(Outline(ring, closed=True) for ring in rings))


def fill_shapes(
    axes: Axes, shapes: NDArray[Any], colors: Any, *, edge: str = "none", width: float = 0.0, z: int = 1
) -> None:
    """Polygons, holes left open, in one color or one each."""
    from matplotlib.collections import PathCollection

    kept = [i for i, shape in enumerate(shapes) if shape is not None and shape.area > 0]
    face = colors if isinstance(colors, str) else [colors[i] for i in kept]
    paths = [_rings(shapes[i]) for i in kept]
    axes.add_collection(PathCollection(paths, facecolors=face, edgecolors=edge, linewidths=width, zorder=z))


def line_shapes(
    axes: Axes, shapes: Iterable[Any], color: str, width: float, *, z: int = 3, dashed: bool = False
) -> None:
    """Lines, part by part."""
    from matplotlib.collections import LineCollection

    parts = [shapely.get_coordinates(part) for shape in shapes for part in shapely.get_parts(shape)]
    style = "dashed" if dashed else "solid"
    axes.add_collection(LineCollection(parts, colors=color, linewidths=width, zorder=z, linestyles=style))


def paint_ground(territory: Territory, *, quiet: bool = False) -> Painter:
    """Water, railways, buildings and streets of the territory; `quiet` leaves the buildings out."""

    def paint(axes: Axes) -> None:
        fill_shapes(axes, np.array([territory.boundary], dtype=object), "#ffffff", edge=QUIET, width=0.8, z=0)
        area = shapely.get_dimensions(territory.barriers.geometry) == 2
        fill_shapes(axes, territory.barriers.geometry[area], WATER, z=2)
        water = territory.barriers.kind == "river"
        line_shapes(axes, territory.barriers.geometry[~area & water], WATER, 2.0, z=2)
        line_shapes(axes, territory.barriers.geometry[~area & ~water], RAIL, 1.2, z=9, dashed=True)
        if not quiet:
            solid = shapely.get_dimensions(territory.buildings.geometry) == 2
            fill_shapes(axes, territory.buildings.geometry[solid], HOUSE, z=3)
            dots = shapely.get_coordinates(territory.buildings.geometry[~solid])
            axes.scatter(dots[:, 0], dots[:, 1], s=1.5, color="#8d8579", zorder=3, linewidths=0)
        for border, width in STREET_WIDTH.items():
            rows = territory.streets.border == border
            line_shapes(axes, territory.streets.line_geometry[rows], "#a9b0b5" if quiet else QUIET, width)

    return paint


def paint_atoms(territory: Territory) -> Painter:
    """Atoms shaded by households: the pieces a plan may not cut."""

    def paint(axes: Axes) -> None:
        from matplotlib import colormaps

        share = np.sqrt(np.minimum(territory.atoms.households / 200, 1))
        shade = colormaps["YlGnBu"](0.08 + 0.8 * share)
        shade[territory.atoms.barrier] = (0.73, 0.84, 0.90, 1)
        fill_shapes(axes, territory.atoms.geometry, shade, edge="#ffffff", width=0.35, z=2)

    return paint


def paint_plan(plan: Plan, color: NDArray[Any], *, labels: bool = True) -> Painter:
    """Grids in colors that differ between neighbors (`color`: small numbers), with their households."""

    def paint(axes: Axes) -> None:
        shade = [PALETTE[int(c) % len(PALETTE)] for c in color]
        fill_shapes(axes, plan.geometry, [_with_alpha(s, 0.72) for s in shade], edge=INK, width=0.8, z=5)
        special = plan.grids.kind == Kind.EXCLUSIVE
        fill_shapes(axes, plan.geometry[special], "none", edge="#7a3b8f", width=1.8, z=6)
        wrong = ~plan.in_band
        fill_shapes(axes, plan.geometry[wrong], "none", edge="#c1121f", width=1.8, z=7)
        if labels and len(plan) <= 400:
            for point, count in zip(shapely.point_on_surface(plan.geometry), plan.households.tolist(), strict=True):
                number(axes, str(count), point)

    return paint


def number(axes: Axes, text: str, point: Any, *, size: float = 5.5) -> None:
    """A small number in a light rim, `size` points high, to be read on streets and stars too."""
    from matplotlib.patheffects import withStroke

    rim = [withStroke(linewidth=1.6, foreground=PAPER)]
    place = (point.x, point.y)
    axes.annotate(text, place, ha="center", va="center", fontsize=size, color=INK, zorder=14, path_effects=rim)


def _with_alpha(color: str, alpha: float) -> tuple[float, float, float, float]:
    red, green, blue = (int(color[i : i + 2], 16) / 255 for i in (1, 3, 5))
    return red, green, blue, alpha


def paint_outlines(shapes: NDArray[Any], *, color: str = INK, width: float = 0.8) -> Painter:
    """Outlines of polygons, as planners draw grids today."""

    def paint(axes: Axes) -> None:
        line_shapes(axes, shapely.boundary(shapes), color, width, z=5)

    return paint


def paint_faults(shapes: NDArray[Any]) -> Painter:
    """Faults in red, each ringed so that slivers can be seen."""

    def paint(axes: Axes) -> None:
        faces = shapes[shapely.get_dimensions(shapes) == 2]
        fill_shapes(axes, faces, "#e63946", edge="#c1121f", width=0.8, z=9)
        middle = shapely.get_coordinates(shapely.point_on_surface(shapes))
        axes.scatter(
            middle[:, 0], middle[:, 1], s=90, facecolors="none", edgecolors="#c1121f", linewidths=1.1, zorder=10
        )

    return paint


def paint_walks(walks: Iterable[Any], stations: NDArray[np.float64]) -> Painter:
    """Walks as colored lines and stations as stars. `stations` is (n, 2) metres."""

    def paint(axes: Axes) -> None:
        ink = ("#005f73", "#9b2226", "#6a4c93", "#386641", "#bc6c25", "#1d3557")
        for i, walk in enumerate(walks):
            line_shapes(axes, [walk], ink[i % len(ink)], 1.3, z=11)
        axes.scatter(
            stations[:, 0], stations[:, 1], marker="*", s=38, color="#ffb703", edgecolors=INK, lw=0.5, zorder=12
        )

    return paint


def paint_teams(units: NDArray[np.float64], short: NDArray[np.bool_], pairs: Iterable[Any]) -> Painter:
    """Emergency units (red ring where someone is missing) and a line to each responder (`pairs`: lines)."""

    def paint(axes: Axes) -> None:
        line_shapes(axes, pairs, "#2a6f97", 0.8, z=10)
        axes.scatter(units[:, 0], units[:, 1], s=26, marker="s", color="#2a6f97", edgecolors="white", lw=0.6, zorder=12)
        missing = units[short]
        axes.scatter(missing[:, 0], missing[:, 1], s=110, facecolors="none", edgecolors="#c1121f", lw=1.6, zorder=13)

    return paint
