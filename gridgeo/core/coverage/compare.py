"""Compare two divisions of the same ground: what moved, which grids were split, merged or kept."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely

from gridgeo.core.coverage.findings import AreaOf
from gridgeo.core.kernel.graph import components
from gridgeo.core.model import Flags, Floats, Ints, Objects, Plan, geometries

SLIVER = 1e-6  # share of the smaller grid's area below which two grids do not meet
UNCHANGED, SPLIT, MERGED, IRREGULAR, NEW = "U", "S", "M", "X", "N"
NOWHERE = "-"
"""Code of ground no grid covered, in plans of a division before (`plan_before`)."""


@dataclass(frozen=True, eq=False)
class Overlay:
    """Ground common to grid `a` of the first and grid `b` of the second division, one row a pair (k,).

    `households` (k,) is None when nobody told; `shape` (k,) the ground itself.
    """

    a: Ints
    b: Ints
    area_m2: Floats
    households: Ints | None
    shape: Objects


@dataclass(frozen=True)
class GridChange:
    """What became of one grid of the second division.

    `change`: U unchanged, S part of a split grid, M merged of whole grids, X irregular, N on new ground only. `before`
    codes it has ground of; `successor_of` the one it succeeds ("" for a new grid). Households None: nobody told.
    """

    code: str
    change: str
    before: tuple[str, ...]
    successor_of: str
    area_m2: float
    area_kept_m2: float
    households: int | None
    households_kept: int | None


@dataclass(frozen=True, eq=False)
class Moved:
    """Ground that changed hands, from a grid of the first division to one of the second."""

    source: str
    target: str
    geometry: Any
    area_m2: float
    households: int | None


@dataclass(frozen=True, eq=False)
class Comparison:
    """Answer of a comparison.

    Ground has moved when it lies in a grid that does not succeed the one it lay in; ground no grid covered before has
    not. `officers_affected` counts grids
    of the first division whose officer finds other ground or none; `ended` their codes without a successor;
    `counts` the grids by change code.
    """

    households_moved: int | None
    households: int | None
    area_moved_m2: float
    area_m2: float
    officers_affected: int
    ended: tuple[str, ...]
    grids: tuple[GridChange, ...]
    moved: tuple[Moved, ...]
    counts: dict[str, int]


def compare_plans(before: Plan, after: Plan) -> Comparison:
    """Compare two plans: by atoms when they share these, else by the ground of their grids.

    Households are those of the second plan's atoms, so growth alone moves nobody.
    """
    first, second = before.territory.atoms, after.territory.atoms
    if len(first) == len(second) and (first.code == second.code).all():
        pair, row = np.unique(np.stack([before.label, after.label], axis=1), axis=0, return_inverse=True)
        row = row.ravel()
        area = np.asarray(np.bincount(row, first.area_m2, minlength=len(pair)), dtype=np.float64)
        households = np.rint(np.bincount(row, second.households, minlength=len(pair))).astype(np.int64)
        order = np.argsort(row, kind="stable")
        groups = np.split(order, np.searchsorted(row[order], np.arange(1, len(pair))))
        shape = geometries([shapely.coverage_union_all(second.geometry[group]) for group in groups])
        overlay = Overlay(pair[:, 0].astype(np.int64), pair[:, 1].astype(np.int64), area, households, shape)
        return _compared(overlay, before.grids.code, after.grids.code)
    buildings = after.territory.buildings
    homes = None
    if buildings.known.any():
        point = shapely.point_on_surface(buildings.geometry[buildings.known])
        homes = shapely.get_coordinates(point), buildings.households[buildings.known]
    return compare_polygons(before.geometry, after.geometry, before.grids.code, after.grids.code, homes=homes)


def compare_polygons(
    before: Objects,
    after: Objects,
    codes_before: Objects,
    codes_after: Objects,
    *,
    homes: tuple[Floats, Ints] | None = None,
    area_of: AreaOf | None = None,
) -> Comparison:
    """Compare two sets of valid polygons over the same ground, in the same CRS.

    `homes`: places (h, 2) and households (h,) that tell how many moved; `area_of` as in `CoverageParams`.

    Examples
    --------
    >>> from gridgeo.core.model import texts
    >>> halves = geometries([shapely.box(0, 0, 1, 1), shapely.box(1, 0, 2, 1)])
    >>> whole = geometries([shapely.box(0, 0, 2, 1)])
    >>> report = compare_polygons(halves, whole, texts(["a", "b"]), texts(["c"]))
    >>> report.counts, report.area_moved_m2, report.ended
    ({'M': 1}, 1.0, ('b',))
    """
    measure: AreaOf = shapely.area if area_of is None else area_of
    second, first = shapely.STRtree(before).query(after, predicate="intersects")
    shape = shapely.intersection(before[first], after[second])
    area = np.asarray(measure(shape), dtype=np.float64)
    least = np.minimum(np.asarray(measure(before))[first], np.asarray(measure(after))[second])
    real = area > SLIVER * least
    first, second, shape, area = first[real], second[real], shape[real], area[real]
    order = np.lexsort((second, first))
    first, second, shape, area = first[order], second[order], shape[order], area[order]
    households = None if homes is None else _living(shape, *homes)
    overlay = Overlay(first.astype(np.int64), second.astype(np.int64), area, households, shape)
    return _compared(overlay, codes_before, codes_after)


def _living(shape: Objects, xy: Floats, households: Ints) -> Ints:
    """Households in each shape; a home on a common border counts in the first of them only."""
    home, at = shapely.STRtree(shape).query(shapely.points(xy), predicate="intersects")
    order = np.lexsort((at, home))
    home, at = home[order], at[order]
    own = np.diff(home, prepend=-1) != 0
    count = np.zeros(len(shape), np.int64)
    np.add.at(count, at[own], households[home[own]])
    return count


def _compared(overlay: Overlay, before: Objects, after: Objects) -> Comparison:
    was = (before != NOWHERE).astype(bool)
    total, all_households = float(overlay.area_m2.sum()), overlay.households
    changes = _changes(overlay, was, len(after))
    overlay = _taken(overlay, was[overlay.a])
    kept = _successions(overlay, len(before), len(after))
    households = overlay.households
    order = np.argsort(overlay.b, kind="stable")
    groups = np.split(order, np.searchsorted(overlay.b[order], np.arange(1, len(after))))
    grids = tuple(
        _change(overlay, kept, mine, before, str(code), change)
        for mine, code, change in zip(groups, after, changes, strict=True)
    )
    moved = tuple(
        Moved(
            source=str(before[overlay.a[k]]),
            target=str(after[overlay.b[k]]),
            geometry=overlay.shape[k],
            area_m2=float(overlay.area_m2[k]),
            households=None if households is None else int(households[k]),
        )
        for k in np.flatnonzero(~kept).tolist()
    )
    stays = np.zeros(len(before), bool)
    stays[overlay.a[kept]] = True
    partners_a = np.bincount(overlay.a, minlength=len(before))
    partners_b = np.bincount(overlay.b, minlength=len(after))
    same = kept & (partners_a[overlay.a] == 1) & (partners_b[overlay.b] == 1)
    counts = Counter(grid.change for grid in grids)
    return Comparison(
        households_moved=None if households is None else int(households[~kept].sum()),
        households=None if all_households is None else int(all_households.sum()),
        area_moved_m2=float(overlay.area_m2[~kept].sum()),
        area_m2=total,
        officers_affected=int(was.sum()) - int(same.sum()),
        ended=tuple(str(code) for code in before[was & ~stays]),
        grids=grids,
        moved=moved,
        counts={change: counts[change] for change in (UNCHANGED, SPLIT, MERGED, IRREGULAR, NEW) if counts[change]},
    )


def _taken(overlay: Overlay, rows: Flags) -> Overlay:
    """Some pairs of an overlay."""
    households = None if overlay.households is None else overlay.households[rows]
    return Overlay(overlay.a[rows], overlay.b[rows], overlay.area_m2[rows], households, overlay.shape[rows])


def _successions(overlay: Overlay, before: int, after: int) -> np.ndarray[Any, np.dtype[np.bool_]]:
    """Which pairs are a grid and its successor: the one-to-one choice that keeps most households, then most area.

    Maximum-weight matching in each piece of the overlap graph (Jonker-Volgenant, doi:10.1007/BF02278710).
    """
    from scipy.optimize import linear_sum_assignment

    weight = overlay.area_m2 / max(float(overlay.area_m2.sum()), 1e-300)
    if overlay.households is not None:
        weight = weight + overlay.households
    part = components(before + after, overlay.a, before + overlay.b)[overlay.a]
    kept = np.zeros(len(overlay.a), bool)
    order = np.argsort(part, kind="stable")
    for group in np.split(order, np.flatnonzero(np.diff(part[order])) + 1):
        rows, a = np.unique(overlay.a[group], return_inverse=True)
        columns, b = np.unique(overlay.b[group], return_inverse=True)
        table = np.zeros((len(rows), len(columns)))
        table[a, b] = weight[group]
        chosen = set(zip(*(index.tolist() for index in linear_sum_assignment(table, maximize=True)), strict=True))
        kept[group] = [pair in chosen for pair in zip(a.tolist(), b.tolist(), strict=True)]
    return kept


def _changes(overlay: Overlay, was: Flags, after: int) -> list[str]:
    """Change code of each grid of the second division; `was` tells the grids of the first from ground without one."""
    a, b, before = overlay.a, overlay.b, len(was)
    targets, sources = np.bincount(a, minlength=before), np.bincount(b, minlength=after)
    whole = np.bincount(b, targets[a] == 1, minlength=after) == sources  # takes in whole grids only
    pure = np.bincount(a, sources[b] == 1, minlength=before) == targets  # falls into parts of its own only
    part = np.bincount(b, pure[a], minlength=after) > 0
    code = np.where(
        sources == 1,
        np.where(whole, UNCHANGED, np.where(part, SPLIT, IRREGULAR)),
        np.where(whole & (sources > 0), MERGED, IRREGULAR),
    )
    old = np.bincount(b, was[a], minlength=after) > 0
    return [str(c) for c in np.where(old, code, NEW)]


def _change(
    overlay: Overlay,
    kept: np.ndarray[Any, np.dtype[np.bool_]],
    mine: Ints,
    before: Objects,
    code: str,
    change: str,
) -> GridChange:
    own = mine[kept[mine]]
    told = overlay.households
    return GridChange(
        code=code,
        change=change,
        before=tuple(str(source) for source in before[overlay.a[mine]]),
        successor_of=str(before[overlay.a[own[0]]]) if len(own) else "",
        area_m2=float(overlay.area_m2[mine].sum()),
        area_kept_m2=float(overlay.area_m2[own].sum()),
        households=None if told is None else int(told[mine].sum()),
        households_kept=None if told is None else int(told[own].sum()),
    )
