"""Put every building inside exactly one block: off the lines between blocks, and homes off the water."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import shapely

from gridgeo.core.model import Flags, Ints, Notice, Objects, Rows, geometries
from gridgeo.core.territory.columns import spots
from gridgeo.core.territory.cut import listed
from gridgeo.core.territory.layers import Layers
from gridgeo.core.territory.locate import nearest, rows_at

INLAND_M = 2.0
"""How far a building's point is moved from a line or a bank at most, metres."""


def settled(blocks: Objects, layers: Layers) -> tuple[Layers, list[Notice]]:
    """Layers whose buildings lie inside one block each.

    A point on the line between blocks goes to the one of lowest row, land before water; a home on water goes to the
    nearest bank, and is listed. Nothing else moves.
    """
    water = rows_at(spots(blocks), layers.surfaces) >= 0
    order = np.argsort(water, kind="stable")
    at, on_line = _blocks_at(layers, blocks[order])
    at = np.where(at < 0, -1, order[at])
    afloat = _homes(layers) & (at >= 0) & water[at] & (not water.all())
    at[afloat] = np.flatnonzero(~water)[nearest(_points(layers, afloat), blocks[~water])] if afloat.any() else -1
    moved = np.flatnonzero(on_line | afloat)
    if not len(moved):
        return layers, []
    home = blocks[at[moved]]
    foot = shapely.get_point(shapely.shortest_line(_points(layers, moved), home), -1)
    spot = layers.spot.copy()
    spot[moved] = spots(shapely.intersection(shapely.buffer(foot, INLAND_M), home))
    return replace(layers, spot=spot), _told(layers, afloat)


def _homes(layers: Layers) -> Flags:
    lived: Flags = (layers.buildings.households > 0) | ~layers.buildings.known
    return lived


def _points(layers: Layers, rows: Ints | Flags) -> Objects:
    return geometries(shapely.points(layers.spot[rows]))


def _blocks_at(layers: Layers, blocks: Objects) -> tuple[Rows, Flags]:
    """Lowest block of each building (-1 for none), and whether it touches more than one."""
    block, point = shapely.STRtree(shapely.points(layers.spot)).query(blocks, predicate="intersects")
    lowest = np.full(len(layers.spot), len(blocks), np.int64)
    np.minimum.at(lowest, point, block)
    touched = np.bincount(point, minlength=len(layers.spot))
    return np.where(lowest == len(blocks), -1, lowest).astype(np.int32), touched > 1


def _told(layers: Layers, afloat: Flags) -> list[Notice]:
    if not afloat.any():
        return []
    total = int(layers.buildings.households[afloat].sum())
    facts = {"buildings": int(afloat.sum())}
    return [Notice(kind="homes-on-water", where=listed(layers.buildings.code[afloat]), households=total, facts=facts)]
