"""Equal-length read-only arrays: the shape of every table."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from functools import cached_property
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from gridgeo.errors import InputError, NotFoundError

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Rows = NDArray[np.int32]
Small = NDArray[np.int8]
Flags = NDArray[np.bool_]
Objects = NDArray[Any]  # dtype object: str or shapely geometry

T = TypeVar("T", bound="Columns")


@dataclass(frozen=True, kw_only=True, eq=False)
class Columns:
    """Equal-length read-only arrays, one row a thing."""

    code: Objects

    def __post_init__(self) -> None:
        for spec in fields(self):
            column = getattr(self, spec.name)
            if not isinstance(column, np.ndarray):
                continue
            if len(column) != len(self.code):
                raise InputError(
                    f"column {spec.name} has {len(column)} rows, code has {len(self.code)}",
                    where=type(self).__name__,
                )
            column.setflags(write=False)

    def __len__(self) -> int:
        return len(self.code)

    @cached_property
    def _row_of(self) -> dict[str, int]:
        return {code: row for row, code in enumerate(self.code.tolist())}

    def row(self, code: str) -> int:
        """Row number of a code.

        Raises
        ------
        NotFoundError
            No row has this code.
        """
        try:
            return self._row_of[code]
        except KeyError:
            raise NotFoundError(f"no {type(self).__name__.lower()} row has code {code}", where=code) from None

    def take(self: T, rows: NDArray[Any]) -> T:
        """The chosen rows, in the given order (row numbers or a mask)."""
        given = {f.name: getattr(self, f.name) for f in fields(self)}
        return replace(self, **{name: column[rows] for name, column in given.items() if column is not None})


def texts(values: Any) -> Objects:
    """Object array of str: the shape every text column has.

    >>> texts(["a", "b"]).dtype
    dtype('O')
    """
    out = np.empty(len(values), dtype=object)
    out[:] = [str(value) for value in values]
    return out


def geometries(values: Any) -> Objects:
    """Object array of shapely geometries, whatever sequence they come in."""
    out = np.empty(len(values), dtype=object)
    out[:] = list(values)
    return out


@dataclass(frozen=True, kw_only=True, eq=False)
class Table:
    """A layer as plain columns: what files and stores hold.

    `columns` are equal-length arrays: text as object (str, "" for null), counts as int64, numbers that may be null
    as float64 (NaN for null), yes/no as bool. `geometry` is an object array of shapely geometries, or None.
    """

    columns: Mapping[str, NDArray[Any]]
    geometry: Objects | None = None

    def __len__(self) -> int:
        if self.geometry is not None:
            return len(self.geometry)
        return len(next(iter(self.columns.values()), ()))
