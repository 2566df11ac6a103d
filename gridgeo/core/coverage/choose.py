"""Who takes bare ground, and who keeps double ground."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from gridgeo.core.coverage.findings import Finding
from gridgeo.core.model import Flags, Ints


@dataclass(frozen=True)
class Grids:
    """What a choice weighs of each grid, by row.

    `households` below 0 are unknown; `sized` marks grids the band binds (None: all); `locked` are codes.
    """

    codes: Sequence[str]
    households: Ints | None
    sized: Flags | None
    community: Sequence[str] | None
    band: tuple[int, int] | None
    locked: frozenset[str]

    def strain(self, change: Mapping[int, int]) -> int:
        """By how many households grids get further out of the size band when each changes by so many; < 0: nearer."""
        if self.band is None or self.households is None:
            return 0
        low, high = self.band
        total = 0
        for row, more in change.items():
            if self.households[row] < 0 or (self.sized is not None and not self.sized[row]):
                continue
            now = int(self.households[row])
            total += max(low - now - more, now + more - high, 0) - max(low - now, now - high, 0)
        return total

    def takers(self, finding: Finding, border: Mapping[int, float], more: int | None) -> list[int]:
        """Rows that may take bare ground with `more` households (None: unknown, taken as one), the best first.

        `border` maps rows to shared metres. First by the size band at both ends (short grids gain, full ones do not),
        then by the community most of the face's outline belongs to, then by the length of the shared border.
        """
        home = self._home(border)
        count = 1 if more is None else more

        def rank(row: int) -> tuple[int, bool, float, str]:
            away = self.community is not None and self.community[row] != home
            return self.strain({row: count}), away, -border[row], self.codes[row]

        return sorted((row for row in border if border[row] > 0 and self.codes[row] not in self.locked), key=rank)

    def _home(self, border: Mapping[int, float]) -> str:
        """Community that holds most of the border."""
        length: dict[str, float] = {}
        for row, metres in border.items():
            name = "" if self.community is None else self.community[row]
            length[name] = length.get(name, 0.0) + metres
        return max(sorted(length), key=length.__getitem__, default="")

    def keepers(self, border: Mapping[int, float], more: int | None, area: Mapping[int, float]) -> list[int]:
        """Rows that may keep double ground, the best first.

        Locked grids keep theirs; then the size band decides; then the grid whose own border makes up less of the
        outline, so that a spike goes to the grid it was driven into; then the smaller grid.
        """
        count = 1 if more is None else more

        def rank(row: int) -> tuple[bool, int, float, float, str]:
            strain = self.strain({other: -count for other in border if other != row})
            free = self.codes[row] not in self.locked
            return free, strain, round(border[row], 3), area[row], self.codes[row]

        return sorted(border, key=rank)
