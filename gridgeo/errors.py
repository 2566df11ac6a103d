"""Every error gridgeo raises.

::

    GridgeoError                code              when
    ├── InputError              input             a value, file or option cannot be used
    │   └── SchemaError         schema            a file breaks the format; lists every fault
    ├── InfeasibleError         infeasible        proven: no answer exists under the rules
    ├── NotFoundError           not-found         a named thing does not exist
    ├── ConflictError           conflict          the thing changed since it was read
    ├── BrokenRuleError         broken-rule       an edit would break a rule of the plan; says where
    └── BackendError            backend           a store or engine cannot be reached

Findings (gaps, overlaps, grids out of band) are data, never errors.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any


class GridgeoError(Exception):
    """An error with a stable code that says what, where, and what to do.

    Parameters
    ----------
    message
        What is wrong, one sentence.
    where
        File, layer, row, option or code it was found at.
    hint
        What the user can do about it.
    """

    code = "error"

    def __init__(self, message: str, *, where: str = "", hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.where = where
        self.hint = hint

    def __str__(self) -> str:
        place = f" [{self.where}]" if self.where else ""
        advice = f" ({self.hint})" if self.hint else ""
        return f"{self.message}{place}{advice}"


class InputError(GridgeoError):
    """A value, file or option that cannot be used."""

    code = "input"


@dataclass(frozen=True)
class Fault:
    """One fault of an input: its kind, where it sits, and the way out.

    >>> print(Fault("negative-households", "atoms", 7, "households is -3", "give a count of 0 or more"))
    atoms, row 7: negative-households: households is -3 (give a count of 0 or more)
    """

    kind: str
    layer: str
    row: int | None
    message: str
    hint: str = ""

    def __str__(self) -> str:
        row = "" if self.row is None else f", row {self.row}"
        advice = f" ({self.hint})" if self.hint else ""
        return f"{self.layer}{row}: {self.kind}: {self.message}{advice}"


class SchemaError(InputError):
    """A file that breaks the format, with every fault found in it.

    Parameters
    ----------
    faults
        All faults, in file order; rows count from 1.
    where
        The file.
    """

    code = "schema"

    def __init__(self, faults: Iterable[Fault], *, where: str = "") -> None:
        self.faults = tuple(faults)
        lines = "\n".join(f"  {fault}" for fault in self.faults)
        super().__init__(f"{len(self.faults)} fault(s)\n{lines}", where=where)

    def __str__(self) -> str:
        return f"{self.where}: {self.message}" if self.where else self.message


class InfeasibleError(GridgeoError):
    """Proven: no answer exists under the rules. `proof` is the arithmetic, `ways_out` what would do, in plain values.

    Each way out is a mapping with its `kind`, the limits `low` and `high` that would do, and whether that is `certain`.
    """

    code = "infeasible"

    def __init__(
        self,
        message: str,
        *,
        where: str = "",
        hint: str = "",
        proof: object = None,
        ways_out: Iterable[Mapping[str, Any]] = (),
    ) -> None:
        super().__init__(message, where=where, hint=hint)
        self.proof = proof
        self.ways_out = tuple(ways_out)


class NotFoundError(GridgeoError):
    """A named thing that does not exist."""

    code = "not-found"


class ConflictError(GridgeoError):
    """The thing changed since it was read."""

    code = "conflict"


class BrokenRuleError(GridgeoError):
    """An edit that would break a rule of the plan.

    Parameters
    ----------
    rule
        Stable name of the rule: contiguity, barrier, lock, empty, exclusive, band, community, compound, code.
    grids, atoms
        Codes of the grids concerned, and of the atoms that break the rule.
    geometry
        Those atoms as one shape in the CRS of the territory, None where no place is meant.
    """

    code = "broken-rule"

    def __init__(
        self,
        message: str,
        *,
        rule: str,
        where: str = "",
        hint: str = "",
        grids: Iterable[str] = (),
        atoms: Iterable[str] = (),
        geometry: Any = None,
    ) -> None:
        super().__init__(message, where=where, hint=hint)
        self.rule = rule
        self.grids = tuple(grids)
        self.atoms = tuple(atoms)
        self.geometry = geometry


class BackendError(GridgeoError):
    """A store or engine that cannot be reached or used."""

    code = "backend"
