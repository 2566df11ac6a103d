"""Cut lines for blocks that hold too many households: along their paths, then midway between their buildings."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely

from gridgeo.core.model import Border, Flags, Floats, Ints, Objects, geometries
from gridgeo.core.territory.columns import spots
from gridgeo.core.territory.ground import lines_of
from gridgeo.core.territory.layers import Layers
from gridgeo.core.territory.locate import is_polygon, rows_at
from gridgeo.core.territory.params import AtomParams

OVERSHOOT_M = 0.001
"""How far a cut runs past the block it cuts, so that rounding never leaves it short, metres."""
SHRINK = 0.9
"""Outlines are drawn this much toward the middle of their building, so that walls in common do not coincide."""
SMOOTH_M = 1.0
"""Cuts between buildings are straightened by up to this, metres."""
RIM = 0.5
"""Share of its convex hull up to which a thin piece bends around others."""
FAR = 30.0
"""Distance of the four points that close the outer Voronoi cells, in sizes of the room that is cut."""
CLEAR = 0.9
"""Share of the way to the nearest building that straightening may move a cut."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Cuts:
    """Lines that split blocks, and which of the blocks they `split`."""

    lines: Objects
    split: Flags


def cuts_between_buildings(blocks: Objects, layers: Layers, params: AtomParams) -> Cuts:
    """Cuts for the blocks whose buildings hold more than `params.max_households`.

    First along paths that lead through the block, then, in pieces still too large, along the lines midway between
    groups of buildings. Buildings at the same point are never parted.
    """
    households = np.where(layers.buildings.known, layers.buildings.households, 0)
    lived = np.flatnonzero(households > 0)
    spot, weight = layers.spot[lived], households[lived]
    large = _large(blocks, spot, weight, params)
    split = np.zeros(len(blocks), bool)
    split[large] = True
    if not split.any():
        return Cuts(lines=geometries([]), split=split)
    paths = layers.streets.line_geometry[(layers.streets.border == Border.PATH) & ~layers.underground]
    path_cuts = clipped(lines_of(paths)[0], blocks[large])
    pieces = _pieces(path_cuts, blocks[large])
    shape, inside = layers.buildings.geometry[lived], rows_at(spot, pieces)
    group, found = np.full(len(lived), -1, np.int64), [path_cuts]
    for piece in _large(pieces, spot, weight, params).tolist():
        row = np.flatnonzero(inside == piece)
        part = group_sites(spot[row], weight[row], params.max_households)
        group[row] = part + len(pieces) + group.max()
        if part.max() > 0:
            found.append(lines_between(shape[row], spot[row], part, pieces[[piece]], params.footprint_step_m))
    group = np.where(group < 0, inside, group)
    found += _through_rims(_rims(pieces, spot, layers, params), blocks[large], shape, spot, group, params)
    return Cuts(lines=np.concatenate(found), split=split)


def _rims(pieces: Objects, spot: Floats, layers: Layers, params: AtomParams) -> Objects:
    """Thin pieces of compounds, without homes, that bend around others.

    Such is the ground between a wall and the path that runs round inside it.
    """
    home = np.bincount(rows_at(spot, pieces) + 1, minlength=len(pieces) + 1)[1:] > 0
    area = shapely.area(pieces)
    bent = area < RIM * shapely.area(shapely.convex_hull(pieces))
    thin = 2 * area < params.verge_width_m * shapely.length(pieces)
    rim: Objects = pieces[~home & bent & thin]
    return rim[rows_at(spots(rim), layers.compounds.geometry) >= 0]


def _through_rims(
    rim: Objects, blocks: Objects, shape: Objects, spot: Floats, group: Ints, params: AtomParams
) -> list[Objects]:
    """Cuts between the groups of a block, drawn on through its rims.

    Whole, a rim would make a ring of the one atom that takes it in.
    """
    block, at = rows_at(spots(rim), blocks), rows_at(spot, blocks)
    found = []
    for row in np.unique(block).tolist():
        own = np.flatnonzero(at == row)
        found.append(lines_between(shape[own], spot[own], group[own], rim[block == row], params.footprint_step_m))
    return found


def _large(blocks: Objects, spot: Floats, weight: Ints, params: AtomParams) -> Ints:
    """Rows of the blocks that hold too many households."""
    at = rows_at(spot, blocks)
    total = np.bincount(at[at >= 0], weights=weight[at >= 0], minlength=len(blocks))
    return np.flatnonzero(total > params.max_households)


def clipped(lines: Objects, blocks: Objects) -> Objects:
    """Parts of the lines inside each block, running past its outline by a millimetre."""
    if not len(lines):
        return lines
    room = shapely.buffer(blocks, OVERSHOOT_M, quad_segs=1)
    i, j = shapely.STRtree(lines).query(room, predicate="intersects")
    shapely.prepare(room)
    whole = shapely.contains_properly(room[i], lines[j])  # most lines: no need to cut them
    part = shapely.get_parts(shapely.intersection(lines[j[~whole]], room[i[~whole]]))
    linear = shapely.get_type_id(part) == shapely.GeometryType.LINESTRING
    return np.concatenate([geometries(lines[j[whole]]), geometries(part[linear])])


def _pieces(cuts: Objects, blocks: Objects) -> Objects:
    """Pieces the cuts part the blocks into."""
    if not len(cuts):
        return blocks
    noded = shapely.union_all(np.concatenate([cuts, shapely.boundary(blocks)]))
    faces = geometries(shapely.get_parts(shapely.polygonize(shapely.get_parts(noded))))
    return faces[rows_at(spots(faces), blocks) >= 0]


def group_sites(xy: Floats, weight: Ints, limit: int) -> Ints:
    """Group of each site (n, 2) so that groups hold at most `limit`, by halving along the longer side.

    Each half keeps at least a third of the weight where the widest gap between sites allows; sites at one point stay
    together even when they hold more. O(n log^2 n).

    Examples
    --------
    >>> group_sites(np.array([[0.0, 0], [1, 0], [9, 0], [10, 0]]), np.array([50, 50, 50, 50]), 120).tolist()
    [0, 0, 1, 1]
    """
    group = np.zeros(len(xy), np.int64)
    stack, made = [np.arange(len(xy))], 0
    while stack:
        row = stack.pop()
        parts = _halves(xy[row], weight[row]) if weight[row].sum() > limit else None
        if parts is None:
            group[row] = made
            made += 1
        else:
            stack += [row[parts[1]], row[parts[0]]]
    return group


def _halves(xy: Floats, weight: Ints) -> tuple[Ints, Ints] | None:
    """Rows on both sides of the widest gap near the middle of the weight; None when all sites are one point."""
    axis = int(np.argmax(np.ptp(xy, axis=0)))
    order = np.lexsort((xy[:, 1 - axis], xy[:, axis]))
    along = xy[order, axis]
    gap = along[1:] - along[:-1]
    if not (gap > 0).any():
        return None
    left = np.cumsum(weight[order])[:-1]
    total = weight.sum()
    fair = (left >= total / 3) & (left <= total * 2 / 3) & (gap > 0)
    if fair.any():
        at = int(np.argmax(np.where(fair, gap, -1.0)))
    else:
        at = int(np.argmin(np.where(gap > 0, np.abs(left - total / 2), np.inf)))
    return order[: at + 1], order[at + 1 :]


def lines_between(shapes: Objects, xy: Floats, group: Ints, rooms: Objects, step_m: float) -> Objects:
    """Lines in each room midway between buildings of different groups: edges of the Voronoi diagram of their outlines.

    Aurenhammer, "Voronoi diagrams", ACM Computing Surveys 23 (1991), doi:10.1145/116873.116880. O(n log n).

    Examples
    --------
    >>> two, room = shapely.points([[0, 0], [2, 0]]), geometries([shapely.box(-9, -9, 9, 9)])
    >>> line = lines_between(two, np.array([[0.0, 0.0], [2.0, 0.0]]), np.array([0, 1]), room, 5.0)[0]
    >>> sorted(set(shapely.get_coordinates(line)[:, 0].tolist()))
    [1.0]
    """
    from scipy.spatial import Voronoi

    point, owner = _outline_points(shapes, xy, step_m)
    point, first = np.unique(point, axis=0, return_index=True)
    corner = _corners(point, rooms)
    middle = corner.mean(axis=0)
    diagram = Voronoi(np.concatenate([point, corner]) - middle)
    of = np.append(group[owner[first]], [-1, -1, -1, -1])
    side = of[diagram.ridge_points]
    apart = (side[:, 0] != side[:, 1]) & (side >= 0).all(axis=1)
    ridge = np.array(diagram.ridge_vertices, dtype=np.int64).reshape(-1, 2)[apart]
    ends = diagram.vertices[ridge[(ridge >= 0).all(axis=1)]] + middle
    lines = geometries(shapely.get_parts(shapely.line_merge(shapely.multilinestrings(ends))))
    return clipped(_straightened(lines, xy), rooms)


def _corners(point: Floats, rooms: Objects) -> Floats:
    """Four points (4, 2) so far from the points and the rooms that their Voronoi cells reach into no room."""
    box = np.concatenate([point, shapely.bounds(rooms).reshape(-1, 2)])
    low, high = box.min(axis=0), box.max(axis=0)
    size = FAR * max(1.0, float((high - low).max()))
    corner: Floats = (low + high) / 2 + size * np.array([[-1.0, -1.0], [-1.0, 1.0], [1.0, -1.0], [1.0, 1.0]])
    return corner


def _straightened(lines: Objects, xy: Floats) -> Objects:
    """Lines without needless bends, every building still on its own side of them."""
    if not len(lines):
        return lines
    _, clear = shapely.STRtree(lines).query_nearest(shapely.points(xy), return_distance=True, all_matches=False)
    return geometries(shapely.simplify(lines, min(SMOOTH_M, CLEAR * float(clear.min())), preserve_topology=False))


def _outline_points(shapes: Objects, xy: Floats, step_m: float) -> tuple[Floats, Ints]:
    """Points that stand for each building, (m, 2) and its row: its own point, and its outline drawn a little inward."""
    flat = np.flatnonzero(is_polygon(shapes))
    vertex, of = shapely.get_coordinates(shapely.segmentize(shapes[flat], step_m), return_index=True)
    owner = flat[of]
    inward = xy[owner] + SHRINK * (vertex - xy[owner])
    return np.concatenate([xy, inward]), np.concatenate([np.arange(len(xy)), owner])
