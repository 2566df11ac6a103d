"""The bench of a repair: polygons with the edits carried out on them so far, and one edit for each kind of fault."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely

from gridgeo.core.coverage.choose import Grids
from gridgeo.core.coverage.findings import BREAKS_EDGES, BREAKS_RULES, Finding
from gridgeo.core.coverage.name import Homes
from gridgeo.core.coverage.proposals import Proposal, RepairParams
from gridgeo.core.coverage.stitch import aligned, combined, edges, soundness
from gridgeo.core.coverage.strips import divided, is_long, one_sided, owners_along
from gridgeo.core.model import Flags, Floats, Ints, Objects, geometries


@dataclass(frozen=True, eq=False)
class Edit:
    """A grid rebuilt: its row, new shape, and by how much area and how many households it gains."""

    row: int
    shape: Any
    gain: float
    households: int = 0


class Bench:
    """Polygons being mended, with their households kept up to date.

    `alive` (n,) marks grids not dropped, `frozen` rows nobody touches because they lie on the same ground as others.
    Every mending answers with a proposal, or with the reason why there is none.
    """

    def __init__(
        self,
        polygons: Objects,
        boundary: Any,
        codes: Objects,
        households: Ints | None,
        sized: Flags | None,
        homes: Homes | None,
        community: Objects | None,
        params: RepairParams,
    ) -> None:
        self.polygons, self.boundary, self.params, self.homes = polygons.copy(), boundary, params, homes
        self.households = None if households is None else households.copy()
        self.alive = np.ones(len(polygons), bool)
        self.frozen: frozenset[int] = frozenset()
        self.codes = [str(code) for code in codes.tolist()]
        self.row = {code: row for row, code in enumerate(self.codes)}
        self.box = shapely.bounds(polygons)
        self.grids = Grids(
            self.codes,
            self.households,
            sized,
            None if community is None else [str(name) for name in community.tolist()],
            params.coverage.band,
            params.locked,
        )

    def mend(self, finding: Finding) -> Proposal | str:
        """The best edit for a fault."""
        if finding.kind == "invalid-ring":
            return "invalid-ring"
        if finding.kind == "detached-part":
            return self._move_part(finding)
        if finding.kind in BREAKS_RULES:
            return "rule-of-grids"
        if finding.kind == "duplicate":
            return self._drop(finding)
        if finding.kind in BREAKS_EDGES:
            return self._align(finding)
        if finding.surplus < 0:
            return self._fill(finding)
        return self._clip(finding) if finding.surplus == len(finding.grids) else self._part(finding)

    def _fill(self, finding: Finding) -> Proposal | str:
        """Bare ground: to both sides of a long strip, else to the best neighbor."""
        need = "fill-missing" if finding.kind == "missing" else ""
        border = {self.row[code]: metres for code, metres in zip(finding.grids, finding.shared_m, strict=True)}
        free = {row: metres for row, metres in border.items() if row not in self.frozen}
        more = self._living(finding.geometry)
        takers = self.grids.takers(finding, free, more)
        if not takers:
            touched = any(metres > 0 for metres in border.values())
            return "no-neighbor" if not touched else "locked" if len(free) == len(border) else "beside-duplicate"
        if not need and is_long(finding.area_m2, finding.width_m):
            shared = self._divide(finding, sorted(takers))
            if shared is not None:
                return shared
        area = float(finding.geometry.area)
        reason = ""
        for row in takers:
            shape = combined(self.polygons[row], finding.geometry, 1, self._reach(finding))
            made = self._settle(finding, [Edit(row, shape, area, more or 0)], need=need)
            if not isinstance(made, str):
                return made
            reason = reason or made
        return reason

    def _divide(self, finding: Finding, rows: list[int]) -> Proposal | None:
        """A long strip cut along its middle, each part to the side it lies on; None where that is not clean."""
        reach = self._reach(finding)
        owner = owners_along(finding.geometry, self.polygons[rows], reach)
        if one_sided(finding.geometry, owner):
            return None
        width = finding.width_m / max(self.params.coverage.unit_m)
        parts = divided(finding.geometry, owner, width) or []
        new: dict[int, Edit] = {}
        for who, part in parts:
            row = rows[who]
            had = new.get(row, Edit(row, self.polygons[row], 0.0))
            shape = combined(had.shape, part, 1, reach)
            new[row] = Edit(row, shape, had.gain + part.area, had.households + (self._living(part) or 0))
        if any(self.grids.strain({edit.row: edit.households}) > 0 for edit in new.values()):
            return None
        made = self._settle(finding, list(new.values())) if len(new) > 1 else ""
        return None if isinstance(made, str) else made

    def _part(self, finding: Finding) -> Proposal | str:
        """Double ground: stays with the best keeper, is cut from the others."""
        rows = [self.row[code] for code in finding.grids]
        border = dict(zip(rows, finding.shared_m, strict=True))
        if self.frozen.intersection(rows):
            return "beside-duplicate"
        area = {row: float(self.polygons[row].area) for row in rows}
        more = self._living(finding.geometry)
        reason = ""
        for keeper in self.grids.keepers(border, more, area):
            cut = [row for row in rows if row != keeper]
            if any(self.codes[row] in self.params.locked for row in cut):
                reason = reason or "locked"
                continue
            made = self._settle(finding, self._minus(finding, cut, more), to=(keeper,))
            if not isinstance(made, str):
                return made
            reason = reason or made
        return reason

    def _clip(self, finding: Finding) -> Proposal | str:
        """Ground beyond the boundary: cut from all; this may tear a grid, for the ground is not there to be held."""
        rows = [self.row[code] for code in finding.grids]
        if self.frozen.intersection(rows):
            return "beside-duplicate"
        if any(self.codes[row] in self.params.locked for row in rows):
            return "locked"
        return self._settle(finding, self._minus(finding, rows, self._living(finding.geometry)), tear=True)

    def _minus(self, finding: Finding, rows: Iterable[int], fewer: int | None) -> list[Edit]:
        face, reach = finding.geometry, self._reach(finding)
        shapes = [(row, combined(self.polygons[row], face, -1, reach)) for row in rows]
        return [Edit(row, shape, -float(face.area), -(fewer or 0)) for row, shape in shapes]

    def _drop(self, finding: Finding) -> Proposal | str:
        """Of grids on the same ground, all but the first or the locked one."""
        rows = sorted(self.row[code] for code in finding.grids)
        kept = {row for row in rows if self.codes[row] in self.params.locked} or set(rows[:1])
        gone = [row for row in rows if row not in kept]
        if not gone:
            return "locked"
        need = self._needed("drop-duplicates")
        before = {self.codes[row]: self._state(row) for row in rows}
        after = {self.codes[row]: self._state(row) for row in rows if row in kept}
        if not need:
            self.alive[gone] = False
        return Proposal(finding, tuple(after), tuple(self.codes[row] for row in gone), before, after, need)

    def _move_part(self, finding: Finding) -> Proposal | str:
        """A part that lies apart: to the neighbor it touches longest among those the size band allows."""
        donor, part, reach = self.row[finding.grids[0]], finding.geometry, self._reach(finding)
        if finding.grids[0] in self.params.locked:
            return "locked"
        border = self._touching(part, reach)
        border.pop(donor, None)
        free = [row for row in border if row not in self.frozen and self.codes[row] not in self.params.locked]
        if donor in self.frozen or (border and not free):
            return "beside-duplicate" if donor in self.frozen or self.frozen.intersection(border) else "locked"
        reason, more = "no-neighbor", self._living(part)
        for row in sorted(free, key=lambda row: (-border[row], self.codes[row])):
            if self.grids.strain({row: more or 0, donor: -(more or 0)}) > 0:
                reason = "out-of-band" if reason == "no-neighbor" else reason
                continue
            given = Edit(row, combined(self.polygons[row], part, 1, reach), float(part.area), more or 0)
            made = self._settle(finding, [given, *self._minus(finding, [donor], more)], need="move-parts")
            if not isinstance(made, str):
                return made
            reason = made
        return reason

    def _touching(self, part: Any, reach: float) -> dict[int, float]:
        """Rows of grids along the outline of a part, with the length each shares."""
        low_x, low_y, high_x, high_y = shapely.bounds(part).tolist()
        box = self.box
        near = (box[:, 0] <= high_x + reach) & (box[:, 2] >= low_x - reach)
        near &= (box[:, 1] <= high_y + reach) & (box[:, 3] >= low_y - reach)
        rows = np.flatnonzero(near & self.alive)
        sides = {int(row): owners_along(part, self.polygons[[row]], reach) == 0 for row in rows.tolist()}
        length = np.hypot(*np.diff(edges(part), axis=1)[:, 0].T)
        return {row: float(length[on].sum()) for row, on in sides.items() if on.any()}

    def _align(self, finding: Finding) -> Proposal | str:
        """Every grid of a narrow mismatch gets the same vertices along it, and the boundary those it lacks."""
        if self._needed("align"):
            return "needs-align"
        if finding.geometry.geom_type not in ("LineString", "MultiLineString"):
            kinds = {-1: self._fill, len(finding.grids): self._clip}
            return kinds.get(finding.surplus, self._part)(finding)
        if any(code in self.params.locked for code in finding.grids):
            return "locked"
        corner, reach = np.unique(shapely.get_coordinates(finding.geometry), axis=0), self._reach(finding)
        rows = [self.row[code] for code in finding.grids]
        new = [Edit(row, aligned(self.polygons[row], corner, reach), 0.0) for row in rows]
        changed = [edit for edit in new if not _same(edit.shape, self.polygons[edit.row])]
        outline = self._noded_boundary(corner, reach) if finding.boundary else None
        if not changed and outline is None:
            return "cannot-align"
        made = self._settle(finding, changed)
        if outline is not None and not isinstance(made, str):
            self.boundary = outline
        return made

    def _noded_boundary(self, corner: Floats, reach: float) -> Any:
        """The boundary with the corners on its edges as vertices; None when it has them all. Its own never move."""
        if self.boundary is None:
            return None
        have = shapely.STRtree(shapely.points(shapely.get_coordinates(self.boundary)))
        near = have.query(shapely.points(corner), predicate="dwithin", distance=reach)[0]
        lacking = np.delete(corner, near, axis=0)
        if not len(lacking):
            return None
        new = aligned(self.boundary, lacking, reach)
        return None if soundness(new, self.boundary, 0.0, reach) or _same(new, self.boundary) else new

    def _settle(
        self, finding: Finding, edits: list[Edit], *, to: tuple[int, ...] = (), need: str = "", tear: bool = False
    ) -> Proposal | str:
        """Put the rebuilt grids in place when all are sound and the permission is there; else the reason why not."""
        reach = self._reach(finding)
        for edit in edits:
            fault = soundness(edit.shape, self.polygons[edit.row], edit.gain, reach)
            if fault and not (tear and fault == "would-tear"):
                return fault
        lacking = self._needed(need)
        before = {self.codes[edit.row]: self._state(edit.row) for edit in edits}
        after = {
            self.codes[edit.row]: (self._area(edit.shape), self._total(edit.row, edit.households)) for edit in edits
        }
        for edit in edits if not lacking else ():
            self.polygons[edit.row] = edit.shape
            if self.households is not None and self.households[edit.row] >= 0:
                self.households[edit.row] += edit.households
        gaining = (*to, *(edit.row for edit in edits if edit.gain > 0))
        losing = (edit.row for edit in edits if edit.gain < 0)
        names = [tuple(self.codes[row] for row in rows) for rows in (gaining, losing)]
        return Proposal(finding, names[0], names[1], before, after, lacking)

    def _needed(self, need: str) -> str:
        """The permission, when it is lacking."""
        return need if need and not self.params.allows(need) else ""

    def _living(self, shape: Any) -> int | None:
        """Households living on the ground, None where nobody told."""
        return None if self.homes is None else self.homes.inside(shape)

    def _reach(self, finding: Finding) -> float:
        """How far corners of a fault may lie from the edges they were found on: what a check moves, and rounding."""
        rounding = 4 * float(np.spacing(abs(shapely.get_coordinates(finding.geometry)).max()))
        return max(self.params.coverage.drift / 2, rounding)

    def _state(self, row: int) -> tuple[float, int | None]:
        return self._area(self.polygons[row]), self._total(row, 0)

    def _area(self, shape: Any) -> float:
        """Square metres."""
        coverage = self.params.coverage
        if coverage.area_of is not None:
            return float(coverage.area_of(geometries([shape]))[0])
        return float(shape.area * coverage.unit_m[0] * coverage.unit_m[1])

    def _total(self, row: int, more: int) -> int | None:
        if self.households is None or self.households[row] < 0:
            return None
        return int(self.households[row]) + more


def _same(new: Any, old: Any) -> bool:
    """Whether two polygons have the very same vertices."""
    return bool(shapely.equals_identical(shapely.normalize(new), shapely.normalize(shapely.force_2d(old))))
