"""What a planner asks of an import: files, and what he says of them."""

from __future__ import annotations

import codecs
from collections.abc import Mapping
from dataclasses import dataclass, field

from gridgeo.errors import InputError
from gridgeo.io.crs import crs_of
from gridgeo.io.roles import ROLES

DATUMS = ("wgs84", "cgcs2000", "gcj02", "bd09")


@dataclass(frozen=True, kw_only=True)
class Request:
    """An import, in words.

    Parameters
    ----------
    sources
        Files.
    roles
        By role: a layer of the sources, a file, or FILE:LAYER.
    fields
        By ROLE.COLUMN: the field of the layer, or of its roster, that fills it.
    rosters
        By role: the table joined to it, a layer of the sources, a file, or FILE:LAYER.
    keys
        By role of a roster: COLUMN=FIELD, the column of the role and the field of the roster that are compared.
    sums
        Roles whose roster has several rows for one row of the role, to be added up.
    swapped
        Roles whose coordinates are written north first.
    guessed
        Roles, and ROLE.COLUMN, that were guessed by name and not yet confirmed by anybody.
    datum
        What longitudes and latitudes refer to.
    encoding
        Of text in shapefiles and tables; else what the file says, else UTF-8, else GB18030.
    crs
        CRS of layers that name none, as "EPSG:n".
    area
        Administrative area of an OpenStreetMap extract to take as the boundary.
    name
        Of the territory; else that of the boundary, else of the first source.
    persons
        Persons per household, where only people are counted.

    Raises
    ------
    InputError
        A role, datum, encoding or CRS does not exist, or no source is given.
    """

    sources: tuple[str, ...]
    roles: Mapping[str, str] = field(default_factory=dict)
    fields: Mapping[str, str] = field(default_factory=dict)
    rosters: Mapping[str, str] = field(default_factory=dict)
    keys: Mapping[str, str] = field(default_factory=dict)
    sums: tuple[str, ...] = ()
    swapped: tuple[str, ...] = ()
    guessed: tuple[str, ...] = ()
    datum: str = "wgs84"
    encoding: str | None = None
    crs: str | None = None
    area: str = ""
    name: str = ""
    persons: float | None = None

    def __post_init__(self) -> None:
        if not self.sources:
            raise InputError("no source is given", where="import")
        for option, roles in (
            ("--role", self.roles),
            ("--roster", self.rosters),
            ("--key", self.keys),
            ("--sum", self.sums),
            ("--swap", self.swapped),
        ):
            unknown = [role for role in roles if role not in ROLES]
            if unknown:
                raise InputError(f"there is no role {unknown[0]}", where=option, hint=f"one of {', '.join(ROLES)}")
        if self.datum not in DATUMS:
            raise InputError(f"there is no datum {self.datum}", where="--datum", hint=f"one of {', '.join(DATUMS)}")
        if self.crs is not None:
            crs_of(self.crs)
        try:
            codecs.lookup(self.encoding or "utf-8")
        except LookupError:
            hint = "e.g. UTF-8, GB18030 or Big5"
            raise InputError(f"there is no encoding {self.encoding}", where="--encoding", hint=hint) from None

    def said_of(self, role: str) -> dict[str, str]:
        """Field by column of a role, as somebody said; guesses are left to be made again."""
        found = {}
        for key, name in self.fields.items():
            of, dot, column = key.partition(".")
            if not dot or not column or of not in ROLES:
                raise InputError(f"{key} names no column of a role", where="--field", hint="write ROLE.COLUMN=FIELD")
            if of == role and key not in self.guessed:
                found[column] = name
        return found
