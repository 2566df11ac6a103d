"""The ground of a printed map: what lies under and around grids, looked up by place and drawn frame by frame."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import shapely

from gridgeo.core.model import Border, Floats, Ints, Objects, Plan, geometries
from gridgeo.handover.frame import Frame
from gridgeo.handover.paper import INK, MM, Paper

AROUND, LAND, WATER, RAIL = "#f1f0ec", "#ffffff", "#bcdcec", "#5c5552"
HOUSE, HOUSE_DOT = "#d9d4ca", "#a3998a"
STREET_PT = {Border.PATH: 0.5, Border.STREET: 1.4, Border.MAIN: 2.8, Border.MOTORWAY: 3.4}
STREET, STREET_NAME, COMMUNITY, ATOM = "#cdd2d6", "#3f4a53", "#7a3b8f", "#9aa3aa"
NAME_PT = 6.2
ROOM = 1.15
"""A name is written along a street that is this many times as long."""
STRAIGHT = 0.92
"""And whose ends there are this share of the way apart."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Ground:
    """A plan made ready for drawing any part of it."""

    plan: Plan

    def near(self, name: str, frame: Frame) -> Ints:
        """Rows of a layer that touch what a frame shows, ascending."""
        return np.sort(self._trees[name].query(shapely.box(*frame.ground)))

    @cached_property
    def _trees(self) -> dict[str, Any]:
        land = self.plan.territory
        layers = {
            "grids": self.plan.geometry,
            "atoms": land.atoms.geometry,
            "streets": land.streets.line_geometry,
            "buildings": land.buildings.geometry,
            "barriers": land.barriers.geometry,
            "communities": land.communities.geometry,
        }
        return {name: shapely.STRtree(shapes) for name, shapes in layers.items()}

    def paint_land(self, paper: Paper, frame: Frame) -> None:
        """Paper for what lies outside, the territory in white."""
        paper.box(frame.x, frame.y, frame.width, frame.height, fill=AROUND)
        paper.areas(frame.cut(geometries([self.plan.territory.boundary])), fill=LAND)

    def paint_buildings(self, paper: Paper, frame: Frame) -> None:
        """Buildings as areas or dots."""
        shapes = frame.cut(self.plan.territory.buildings.geometry[self.near("buildings", frame)])
        kind = shapely.get_dimensions(shapes)
        paper.areas(shapes[kind == 2], fill=HOUSE)
        for x, y in shapely.get_coordinates(shapes[kind == 0]).tolist():
            paper.disc(x, y, 1.5, fill=HOUSE_DOT)

    def paint_barriers(self, paper: Paper, frame: Frame) -> None:
        """Water, railways and walls."""
        barriers, rows = self.plan.territory.barriers, self.near("barriers", frame)
        shapes, water = frame.cut(barriers.geometry[rows]), barriers.kind[rows] == "river"
        area = shapely.get_dimensions(shapes) == 2
        paper.areas(shapes[area], fill=WATER)
        paper.lines(shapes[~area & water], WATER, 2.2)
        paper.lines(shapes[~area & ~water], RAIL, 0.9, dash=(4, 2))

    def paint_streets(self, paper: Paper, frame: Frame) -> None:
        """Streets by their class."""
        streets, rows = self.plan.territory.streets, self.near("streets", frame)
        shapes = frame.cut(streets.line_geometry[rows])
        for border, width in STREET_PT.items():
            paper.lines(shapes[streets.border[rows] == border], STREET, width)

    def write_streets(self, paper: Paper, frame: Frame, taken: Sequence[Any] = ()) -> None:
        """The name of each street once, along its longest stretch where that is straight and free of what is `taken`.

        Streets without room for their name go without it.
        """
        streets, rows = self.plan.territory.streets, self.near("streets", frame)
        shapes, names = frame.cut(streets.line_geometry[rows]), streets.name[rows]
        written = list(taken)
        for name in sorted(set(names.tolist()) - {""}):
            lines = shapely.get_parts(shapely.line_merge(shapely.union_all(shapes[names == name])))
            length = paper.measure(name, NAME_PT)
            spot = _along(lines, length)
            if spot is None:
                continue
            x, y, angle = spot
            mark = shapely.affinity.rotate(shapely.box(x - length / 2, y - 3, x + length / 2, y + 3), angle)
            if not any(mark.intersects(other) for other in written):
                written.append(mark)
                turn = np.radians(angle)
                foot = x + np.sin(turn) * NAME_PT * 0.35, y - np.cos(turn) * NAME_PT * 0.35
                paper.text(*foot, name, NAME_PT, color=STREET_NAME, side="middle", angle=angle, halo=True)

    def paint_atoms(self, paper: Paper, frame: Frame, grid: int) -> None:
        """Borders of the atoms of a grid."""
        rows = self.near("atoms", frame)
        own = rows[self.plan.label[rows] == grid]
        inside = frame.cut(self.plan.territory.atoms.geometry[own])
        paper.lines(geometries([shapely.union_all(shapely.boundary(inside))]), ATOM, 0.4, dash=(1.5, 1.5))

    def small(self, frame: Frame) -> Objects:
        """The territory in a small frame."""
        return frame.cut(geometries([self.plan.territory.boundary]))

    def paint_communities(self, paper: Paper, frame: Frame, width: float = 1.1) -> None:
        """Borders of communities."""
        shapes = self.plan.territory.communities.geometry[self.near("communities", frame)]
        paper.lines(frame.cut(geometries(shapely.boundary(shapes))), COMMUNITY, width, dash=(6, 2, 1, 2))


def _along(lines: Objects, length: float) -> tuple[float, float, float] | None:
    """Middle and angle of the straight stretch of this length in the middle of the longest line, or None."""
    lines = lines[shapely.get_dimensions(lines) == 1]
    if not len(lines):
        return None
    line = lines[int(np.argmax(shapely.length(lines)))]
    whole = shapely.length(line)
    if whole < ROOM * length:
        return None
    ends: Floats = shapely.get_coordinates(
        shapely.line_interpolate_point(line, [(whole - length) / 2, (whole + length) / 2])
    )
    way = ends[1] - ends[0]
    if np.hypot(*way) < STRAIGHT * length:
        return None
    angle = float(np.degrees(np.arctan2(way[1], way[0])))
    x, y = ends.mean(axis=0).tolist()
    return x, y, (angle + 90) % 180 - 90


def north_arrow(paper: Paper, x: float, y: float, size: float = 22) -> None:
    """An arrow up, its foot at x, y."""
    left = shapely.Polygon([(x, y), (x, y + size), (x - size / 4, y - size / 6)])
    right = shapely.Polygon([(x, y), (x, y + size), (x + size / 4, y - size / 6)])
    paper.areas(geometries([left]), fill=INK, edge=INK, line=0.4)
    paper.areas(geometries([right]), fill="#ffffff", edge=INK, line=0.4)
    paper.text(x, y + size + 2, "N", 8, side="middle", bold=True)


def scale_bar(paper: Paper, frame: Frame, x: float, y: float) -> None:
    """A bar of a round length in two colors, its left end at x, y, and the scale in numbers above it."""
    meters = max(
        step * 10**power for power in range(6) for step in (1, 2, 5)
        if step * 10**power * frame.points_per_m <= max(28 * MM, frame.points_per_m)
    )  # fmt: skip
    half = meters * frame.points_per_m / 2
    paper.box(x - 4, y - 4, 2 * half + 34, 23, fill="#ffffff")
    paper.box(x, y, half, 2.6, fill=INK, edge=INK, line=0.4)
    paper.box(x + half, y, half, 2.6, fill="#ffffff", edge=INK, line=0.4)
    paper.text(x, y + 5, "0", 6)
    paper.text(x + 2 * half, y + 5, f"{meters:,} m", 6, side="middle")
    paper.text(x, y + 12.5, f"1 : {frame.scale:,.0f}", 6.5)
