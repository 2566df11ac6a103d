"""The walking network: street lines noded into a graph.

Lines meet where they share a vertex, where one ends on another, and where they cross at the same level. Ends and
vertices closer than a centimetre are the same node.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from gridgeo.core.kernel.graph import components
from gridgeo.core.model import DAY_S, Flags, Floats, Ints, Notice, Objects, Streets, Table
from gridgeo.core.territory.columns import clock, codes, count, flag, number, shapes, text
from gridgeo.core.territory.simplify import Noded, without_doubles, without_through_nodes
from gridgeo.core.territory.words import border_of, may_walk

SNAP_M = 0.01
CLOSED = ("no", "private")


@dataclass(frozen=True, kw_only=True, eq=False)
class _Vertices:
    """Vertices of all parts in walking order: `part`, `place` along it (vertex number), `xy`, `level`, `end`."""

    part: Ints
    place: Floats
    xy: Floats
    level: Ints
    end: Flags


@dataclass(frozen=True, kw_only=True, eq=False)
class _Cuts:
    """Points to put into parts between their vertices: `part`, `place` along it (vertex number + share), `xy`."""

    part: Ints
    place: Floats
    xy: Floats


def streets_of(table: Table) -> Streets:
    """The street lines of a table and the walking graph noded from the walkable ones.

    Lines drawn twice become one edge; where two edges of one street meet and nothing else does, they are one.
    Lines whose class is never walked (motorways, building sites) get no edges even when `walkable` is true. Columns
    `bridge`, `tunnel`, `layer`, where given, keep lines at different levels from joining where they only cross. Nor
    does one walk where `access` is no or private.
    O(m log m) in the number of vertices; the order of lines decides the numbers of nodes and edges.

    Examples
    --------
    >>> lines = shapely.linestrings([[[0, 0], [10, 0]], [[5, -5], [5, 5]]])
    >>> streets = streets_of(Table(columns={}, geometry=lines))
    >>> streets.nodes, len(streets), streets.length_mm.tolist()
    (5, 4, [5000, 5000, 5000, 5000])
    """
    lines, name, street_class = shapes(table), text(table, "name"), text(table, "class")
    pairs = list(zip(street_class.tolist(), name.tolist(), strict=True))
    walkable = flag(table, "walkable", True) & np.array([may_walk(*pair) for pair in pairs], dtype=bool)
    walkable &= ~_closed(table)
    rows = np.flatnonzero(walkable)
    part, of_row = shapely.get_parts(lines[rows], return_index=True)
    level = _levels(table)
    edges = without_doubles(node_lines(part, level[rows][of_row]))
    edges = without_doubles(without_through_nodes(edges, _kinds(table, level)[rows][of_row]))
    return Streets(
        code=codes(table, "street-"),
        name=name,
        street_class=street_class,
        border=np.array([border_of(*pair) for pair in pairs], dtype=np.int8),
        walkable=walkable,
        sides=np.clip(count(table, "sides", 1), 1, 2),
        width_m=np.nan_to_num(number(table, "width_m", 0.0)),
        line_geometry=lines,
        node_xy=edges.node_xy,
        tail=edges.tail,
        head=edges.head,
        line=rows[of_row[edges.part]].astype(np.int32),
        length_mm=np.maximum(np.rint(shapely.length(edges.geometry) * 1000), 1).astype(np.int64),
        geometry=edges.geometry,
        level=level.astype(np.int8),
        slope=slopes_of(table, lines),
        opens=clock(table, "opens", 0),
        closes=clock(table, "closes", DAY_S),
    )


def _closed(table: Table) -> Flags:
    """Which lines the public may not walk along: `foot` decides, then `access`.

    >>> told = {"access": np.array(["private", "no", ""], object), "foot": np.array(["", "yes", "no"], object)}
    >>> _closed(Table(columns=told, geometry=told["foot"])).tolist()
    [True, False, True]
    """
    access, foot = (np.isin(text(table, name).astype(str), CLOSED) for name in ("access", "foot"))
    closed: Flags = foot | access & (text(table, "foot") == "")
    return closed


def slopes_of(table: Table, lines: Objects) -> Floats:
    """Percent each line rises as drawn: its `slope`, else its `climb_m` over its length; 0 where neither is known.

    >>> lines = shapely.linestrings([[[0, 0], [200, 0]]] * 2)
    >>> told = {"slope": np.array([np.nan, 4.0]), "climb_m": np.array([-10.0, np.nan])}
    >>> slopes_of(Table(columns=told, geometry=lines), lines).tolist()
    [-5.0, 4.0]
    """
    told, climb = number(table, "slope"), number(table, "climb_m")
    by_climb = 100 * climb / np.maximum(shapely.length(lines), SNAP_M)
    return np.nan_to_num(np.where(np.isnan(told), by_climb, told))


def _kinds(table: Table, level: Ints) -> Ints:
    """A number for each line: lines of one number are alike in all that walkers and patrols ask of a street."""
    words = [text(table, name).astype(str) for name in ("name", "class")]
    words += [count(table, "sides", 1).astype(str), level.astype(str), number(table, "width_m", 0.0).astype(str)]
    words += [clock(table, name, 0).astype(str) for name in ("opens", "closes")]
    sloped = slopes_of(table, shapes(table)) != 0  # which way is up holds for the line as drawn
    words.append(np.where(sloped, np.arange(len(level)) + 1, 0).astype(str))
    kind = np.zeros(len(level), np.int64)
    for word in words:
        kind = np.unique(
            np.stack([kind, np.unique(word, return_inverse=True)[1].ravel()]), axis=1, return_inverse=True
        )[1].ravel()
    return kind


def _levels(table: Table) -> Ints:
    """Level of each line: its layer, and apart from the ground where it is a bridge or a tunnel without a layer."""
    said = text(table, "layer")
    layer = np.array([_whole(word) for word in said.tolist()], dtype=np.int64)
    bridge, tunnel = _yes(table, "bridge"), _yes(table, "tunnel")
    return np.where((layer == 0) & bridge, 1, np.where((layer == 0) & tunnel, -1, layer))


def underground(table: Table) -> Flags:
    """Which streets run in a tunnel or below the ground.

    >>> words = np.array(["yes", ""], dtype=object)
    >>> underground(Table(columns={"tunnel": words}, geometry=words)).tolist()
    [True, False]
    """
    return _yes(table, "tunnel") | (_levels(table) < 0)


def _whole(word: str) -> int:
    """Level a text like "-1" or "2.0" says, 0 for none."""
    found = re.fullmatch(r"([+-]?[0-9]{1,2})(?:\.0*)?", word.strip())
    return int(found.group(1)) if found else 0


def _yes(table: Table, name: str) -> Flags:
    if name in table.columns and table.columns[name].dtype == bool:
        return flag(table, name, False)
    no = {"", "no", "f", "false", "0", "n", "none"}
    return np.array([word.strip().lower() not in no for word in text(table, name).tolist()], dtype=bool)


def node_lines(lines: Objects, level: Ints) -> Noded:
    """Node plain lines (n,) at their levels (n,) into a graph."""
    xy, part = shapely.get_coordinates(lines, return_index=True)
    if not len(xy):
        none = np.zeros(0, np.int32)
        return Noded(node_xy=np.zeros((0, 2)), tail=none, head=none, part=none.astype(np.int64), geometry=lines[:0])
    change = np.flatnonzero(part[1:] != part[:-1])
    first = np.concatenate([[0], change + 1])
    end = np.zeros(len(xy), bool)
    end[first] = end[np.concatenate([change, [len(xy) - 1]])] = True
    place = np.arange(len(xy)) - np.repeat(first, np.diff(np.append(first, len(xy))))
    vertices = _Vertices(part=part, place=place.astype(np.float64), xy=xy, level=level[part], end=end)
    return _split(vertices, _crossings(vertices))


def _crossings(at: _Vertices) -> _Cuts:
    """Where lines must be cut between their vertices: crossings at one level, and ends that rest on a line."""
    head = np.flatnonzero(at.part[1:] == at.part[:-1])
    a, b = at.xy[head], at.xy[head + 1]
    tree = shapely.STRtree(shapely.linestrings(np.stack([a, b], axis=1)))
    low, high = np.minimum(a, b) - SNAP_M, np.maximum(a, b) + SNAP_M
    i, j = tree.query(shapely.box(low[:, 0], low[:, 1], high[:, 0], high[:, 1]))
    near = (i < j) & ~((at.part[head[i]] == at.part[head[j]]) & (np.abs(head[i] - head[j]) <= 1))
    i, j = i[near], j[near]
    found = [_proper(at, head, a, b, i, j)]
    for s, t in ((i, j), (j, i)):
        found += [_resting(at, head, a, b, s, t, 0), _resting(at, head, a, b, s, t, 1)]
    segment = np.concatenate([f[0] for f in found])
    share = np.concatenate([f[1] for f in found])
    xy = np.concatenate([f[2] for f in found])
    return _Cuts(part=at.part[head[segment]], place=at.place[head[segment]] + share, xy=xy)


Found = tuple[NDArray[np.intp], Floats, Floats]


def _proper(
    at: _Vertices, head: NDArray[np.intp], a: Floats, b: Floats, i: NDArray[np.intp], j: NDArray[np.intp]
) -> Found:
    """Crossings inside both segments of pairs at the same level."""
    same = at.level[head[i]] == at.level[head[j]]
    i, j = i[same], j[same]
    r, s, gap = b[i] - a[i], b[j] - a[j], a[j] - a[i]
    area = r[:, 0] * s[:, 1] - r[:, 1] * s[:, 0]
    ok = area != 0
    i, j, r, s, gap, area = i[ok], j[ok], r[ok], s[ok], gap[ok], area[ok]
    t = (gap[:, 0] * s[:, 1] - gap[:, 1] * s[:, 0]) / area
    u = (gap[:, 0] * r[:, 1] - gap[:, 1] * r[:, 0]) / area
    inside = (t > 0) & (t < 1) & (u > 0) & (u < 1)
    xy = (a[i] + t[:, None] * r)[inside]
    return np.concatenate([i[inside], j[inside]]), np.concatenate([t[inside], u[inside]]), np.concatenate([xy, xy])


def _resting(
    at: _Vertices, head: NDArray[np.intp], a: Floats, b: Floats, s: NDArray[np.intp], t: NDArray[np.intp], which: int
) -> Found:
    """Vertices of segment s (its start or end) that rest on the inside of segment t.

    An end of a line joins at any level (a bridge lands on the ground); a vertex inside a line only at its own.
    """
    vertex = head[s] + which
    joins = at.end[vertex] | (at.level[vertex] == at.level[head[t]])
    t, vertex = t[joins], vertex[joins]
    along = b[t] - a[t]
    square = np.maximum((along**2).sum(axis=1), 1e-18)
    share = ((at.xy[vertex] - a[t]) * along).sum(axis=1) / square
    foot = a[t] + share[:, None] * along
    off = np.hypot(*(at.xy[vertex] - foot).T)
    length = np.sqrt(square)
    on = (off <= SNAP_M) & (share * length > SNAP_M) & ((1 - share) * length > SNAP_M)
    return t[on], share[on], at.xy[vertex][on]


def _split(at: _Vertices, cuts: _Cuts) -> Noded:
    """Put the cuts in, name points within a centimetre of each other alike, and part the lines at nodes."""
    from scipy.spatial import cKDTree

    xy = np.concatenate([at.xy, cuts.xy])
    close = cKDTree(xy).query_pairs(SNAP_M, output_type="ndarray")
    name = components(len(xy), close[:, 0], close[:, 1])
    first = np.unique(name, return_index=True)[1]
    order = np.lexsort((np.concatenate([at.place, cuts.place]), np.concatenate([at.part, cuts.part])))
    part, spot = np.concatenate([at.part, cuts.part])[order], name[order]
    kept = np.ones(len(order), bool)
    kept[1:] = (part[1:] != part[:-1]) | (spot[1:] != spot[:-1])
    part, spot = part[kept], spot[kept]
    starts = np.concatenate([[True], part[1:] != part[:-1]])
    stops = np.concatenate([starts[1:], [True]])
    node = (np.bincount(spot, minlength=len(first)) > 1)[spot] | starts | stops
    return _edges(part, spot, xy[first], node, starts, stops)


def _edges(part: Ints, spot: Ints, xy: Floats, node: Flags, starts: Flags, stops: Flags) -> Noded:
    """Edges between consecutive nodes of each part; nodes are numbered as the edges meet them."""
    begin = np.flatnonzero(node & ~stops)
    finish = np.flatnonzero(node & ~starts)
    size = finish - begin + 1
    at = np.repeat(begin - np.concatenate([[0], np.cumsum(size)[:-1]]), size) + np.arange(size.sum())
    geometry = shapely.linestrings(xy[spot[at]], indices=np.repeat(np.arange(len(begin)), size))
    ends = spot[begin].astype(np.int32), spot[finish].astype(np.int32)
    edges = Noded(node_xy=xy, tail=ends[0], head=ends[1], part=part[begin], geometry=geometry)
    return edges.take(np.arange(len(begin)))


def street_notices(streets: Streets) -> list[Notice]:
    """What a planner must know of the network: whether it hangs together."""
    if not len(streets):
        return [Notice(kind="no-walkable-streets")] if len(streets.code) else []
    piece = components(streets.nodes, streets.tail, streets.head)[streets.tail]
    length = np.bincount(piece, weights=streets.length_mm) / 1000
    if len(length) == 1:
        return []
    apart = round(float(length.sum() - length.max()))
    return [Notice(kind="streets-disconnected", facts={"components": len(length), "length_m": apart})]
