"""From sources and what the user said of them to a territory."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from gridgeo.core.model import Notice, Progress, Table, Territory, silent
from gridgeo.errors import InputError
from gridgeo.io.formats import Layer
from gridgeo.io.frames import checked
from gridgeo.io.importer.clean import cleaned, with_boundary
from gridgeo.io.importer.guess import mapped
from gridgeo.io.importer.project import in_one_crs
from gridgeo.io.importer.request import DATUMS, Request
from gridgeo.io.importer.roster import at_place, joined
from gridgeo.io.importer.shapes import fitted
from gridgeo.io.importer.shelf import Taken, taken
from gridgeo.io.importer.whereabouts import axes_in_order, refuse_false_zones, with_crs
from gridgeo.io.read import built

__all__ = ["DATUMS", "Imported", "import_request", "import_sources"]


@dataclass(frozen=True)
class Imported:
    """A territory, and the request with everything that was understood written into it."""

    territory: Territory
    understood: Request


def import_sources(
    sources: Sequence[str | Path],
    *,
    roles: Mapping[str, str] | None = None,
    fields: Mapping[str, str] | None = None,
    rosters: Mapping[str, str] | None = None,
    datum: str = "wgs84",
    encoding: str | None = None,
    crs: str | None = None,
    area: str = "",
    name: str = "",
    persons: float | None = None,
    progress: Progress = silent,
) -> Territory:
    """A territory from the raw layers of a real place.

    Parameters
    ----------
    sources
        Files; a layer named like a role takes that role unless `roles` says otherwise.
    roles
        By role: a layer of the sources, a file, or FILE:LAYER.
    fields
        By ROLE.COLUMN: the field of the layer that fills it. Others are guessed by name, and said so.
    rosters
        By role: the table joined to it by code or name.
    datum
        What longitudes and latitudes refer to: wgs84, cgcs2000, gcj02 or bd09.
    encoding
        Of text in shapefiles and CSV; else what the file says, else UTF-8, else GB18030.
    crs
        CRS of layers that name none, as "EPSG:n".
    area
        Name of an administrative area of an OpenStreetMap extract to take as the boundary.
    name
        Name of the territory; else that of the boundary, else of the first source.
    persons
        Persons per household, where only people are counted.

    Raises
    ------
    InputError
        A source cannot be read, or a role, layer, field or area is not there.
    SchemaError
        The layers cannot make a territory; lists every fault.
    """
    request = Request(
        sources=tuple(str(source) for source in sources),
        roles=roles or {},
        fields=fields or {},
        rosters=rosters or {},
        datum=datum,
        encoding=encoding,
        crs=crs,
        area=area,
        name=name,
        persons=persons,
    )
    return import_request(request, progress=progress).territory


def import_request(request: Request, *, progress: Progress = silent) -> Imported:
    """What a request makes, and how it was understood.

    Raises
    ------
    InputError
        A source cannot be read, or a role, layer, field or area is not there.
    SchemaError
        The layers cannot make a territory; lists every fault.
    """
    progress("read", 0.0)
    where = ", ".join(request.sources)
    found = taken(request)
    _check_fields(request, found)
    layers = axes_in_order(found.layers, request.swapped)
    layers = with_crs(layers, request.crs, where)
    refuse_false_zones(layers, where)
    ready, understood, changed = _ready(request, found, layers)
    tables, target, moved = in_one_crs(ready, request.datum, where=where)
    tables, derived = with_boundary(tables)
    tables, told = checked(tables, dict.fromkeys(tables, target), where=where, make_codes=True)
    progress("read", 1.0)
    territory = built(
        tables,
        target,
        name=request.name or _title(tables, request.sources),
        where=where,
        notices=(*found.notices, *changed, *moved, *derived, *told),
        persons=request.persons,
        progress=progress,
    )
    return Imported(territory, understood)


def _check_fields(request: Request, found: Taken) -> None:
    for key in request.fields:
        if key.partition(".")[0] not in found.layers:
            hint = f"write ROLE.COLUMN=FIELD, for one of {', '.join(found.layers)}"
            raise InputError(f"{key} names no column of a layer that is read", where="--field", hint=hint)


@dataclass(frozen=True)
class _Ready:
    """A layer under the column names of its role: the field of each, the key of its roster, what was changed."""

    layer: Layer
    fields: Mapping[str, str]
    key: str
    notices: tuple[Notice, ...]


def _ready(
    request: Request, found: Taken, layers: Mapping[str, Layer]
) -> tuple[dict[str, Layer], Request, list[Notice]]:
    """Layers without useless rows, under the column names of their roles, rosters joined; and how it was done."""
    _refuse_loose(found)
    done = {role: _one_ready(role, layer, request, found.joins.get(role), found) for role, layer in layers.items()}
    fields = dict(request.fields)
    guessed = list(found.guessed)
    for role in found.roles:
        said = request.said_of(role)
        fields |= {f"{role}.{column}": name for column, name in done[role].fields.items()}
        guessed += [f"{role}.{column}" for column in done[role].fields if column not in said]
    keys = {role: one.key for role, one in done.items() if one.key}
    understood = replace(
        request, roles=found.roles, rosters=found.rosters, fields=fields, keys=keys, guessed=tuple(guessed)
    )
    return (
        {role: one.layer for role, one in done.items()},
        understood,
        [n for one in done.values() for n in one.notices],
    )


def _one_ready(role: str, layer: Layer, request: Request, roster: Layer | None, found: Taken) -> _Ready:
    shaped, odd = fitted(role, layer.table)
    clean, dropped = cleaned(role, shaped)
    said = request.said_of(role)
    of_layer = {column: name for column, name in said.items() if roster is None or name in clean.columns}
    renamed = mapped(role, clean, of_layer)
    notices = (*odd, *dropped, *renamed.notices)
    if roster is None:
        one = _Ready(Layer(renamed.table, layer.crs), renamed.fields, "", notices)
    else:
        join = joined(
            role,
            renamed.table,
            roster.table,
            said,
            place=at_place(clean, layer, roster),
            key=request.keys.get(role, ""),
            add=role in request.sums,
            where=Path(found.rosters[role]).name,
        )
        fields = {**renamed.fields, **join.fields}
        one = _Ready(Layer(join.table, layer.crs), fields, join.key, (*notices, *join.notices))
    _check_guesses(role, one.fields, request)
    return one


def _check_guesses(role: str, fields: Mapping[str, str], request: Request) -> None:
    """Raise where a guess that was written down would be another one today."""
    for key in request.guessed:
        of, _, column = key.partition(".")
        if of == role and column and key in request.fields and fields.get(column) != request.fields[key]:
            message = f"{key} was guessed to be {request.fields[key]}; now it would be {fields.get(column, 'nothing')}"
            raise InputError(message, where="guessed", hint=f"take {key} out of guessed to confirm what is written")


def _refuse_loose(found: Taken) -> None:
    """Raise for a table that belongs to nothing: its author expects it to be used."""
    if found.loose:
        name, layer = next(iter(found.loose.items()))
        hint = f"say so with --roster ROLE={name}; it has {', '.join(layer.table.columns)}"
        raise InputError(
            f"the table {name} has no geometry, and nobody says what it is joined to", where=name, hint=hint
        )


def _title(tables: Mapping[str, Table], sources: Sequence[str]) -> str:
    names = [name for name in tables["boundary"].columns["name"].tolist() if name]
    return names[0] if len(names) == 1 else Path(sources[0]).name.split(".")[0]
