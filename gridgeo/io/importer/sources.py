"""From sources and what the user said of them to a territory."""

from __future__ import annotations

import codecs
from collections.abc import Mapping, Sequence
from pathlib import Path

import shapely

from gridgeo.core.model import Notice, Progress, Table, Territory, geometries, silent
from gridgeo.errors import InputError, SchemaError
from gridgeo.io.crs import crs_of
from gridgeo.io.formats import Layer, layer_names, read_layers
from gridgeo.io.frames import checked
from gridgeo.io.gate import admit
from gridgeo.io.importer.clean import cleaned, with_boundary
from gridgeo.io.importer.guess import mapped
from gridgeo.io.importer.project import in_one_crs
from gridgeo.io.read import built, split_source
from gridgeo.io.roles import ROLES
from gridgeo.io.values import Faults

DATUMS = ("wgs84", "cgcs2000", "gcj02", "bd09")


def import_sources(
    sources: Sequence[str | Path],
    *,
    roles: Mapping[str, str] | None = None,
    fields: Mapping[str, str] | None = None,
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
    progress("read", 0.0)
    _check_options(datum, encoding, crs)
    layers, notices = _layers(sources, roles or {}, encoding, crs, area)
    ready, changed = _ready(layers, _by_role(fields or {}, layers))
    where = ", ".join(str(source) for source in sources)
    tables, target, moved = in_one_crs(ready, datum, where=where)
    tables, derived = with_boundary(tables)
    tables, found = checked(tables, dict.fromkeys(tables, target), where=where, make_codes=True)
    _require_counts(ready, where)
    progress("read", 1.0)
    told = (*notices, *changed, *moved, *derived, *found)
    name = name or _title(tables, sources)
    return built(tables, target, name=name, where=where, notices=told, persons=persons, progress=progress)


def _check_options(datum: str, encoding: str | None, crs: str | None) -> None:
    if datum not in DATUMS:
        raise InputError(f"there is no datum {datum}", where="--datum", hint=f"one of {', '.join(DATUMS)}")
    if crs is not None:
        crs_of(crs)
    try:
        codecs.lookup(encoding or "utf-8")
    except LookupError:
        hint = "e.g. UTF-8, GB18030 or Big5"
        raise InputError(f"there is no encoding {encoding}", where="--encoding", hint=hint) from None


def _ready(
    layers: Mapping[str, Layer], fields: Mapping[str, Mapping[str, str]]
) -> tuple[dict[str, Layer], list[Notice]]:
    """Layers without useless rows, under the column names of their roles."""
    out: dict[str, Layer] = {}
    notices: list[Notice] = []
    for role, layer in layers.items():
        clean, dropped = cleaned(role, layer.table)
        renamed = mapped(role, clean, fields.get(role, {}))
        out[role] = Layer(renamed.table, layer.crs)
        notices += [*dropped, *renamed.notices]
    return out, notices


def _require_counts(layers: Mapping[str, Layer], where: str) -> None:
    """Refuse atoms without a count each, where no buildings tell who lives there: a plan of unknowns helps nobody."""
    counts = {"households", "population"}
    if "atoms" not in layers or counts & set(layers["atoms"].table.columns):
        return
    buildings = layers["buildings"].table if "buildings" in layers else Table(columns={})
    footprints = geometries([] if buildings.geometry is None else buildings.geometry)
    if counts & set(buildings.columns) or shapely.area(footprints).any():
        return
    there = ", ".join(name for name in layers["atoms"].table.columns if name != "code")
    hint = "say which: --field atoms.households=FIELD (or atoms.population=FIELD)" + (
        f"; there is {there}" if there else ""
    )
    faults = Faults()
    faults.add("missing-column", "atoms", "no column is known to hold households", hint)
    raise SchemaError(faults.found, where=where)


def _layers(
    sources: Sequence[str | Path], roles: Mapping[str, str], encoding: str | None, crs: str | None, area: str
) -> tuple[dict[str, Layer], list[Notice]]:
    """Raw layer of each role, in the order of ROLES."""
    unknown = [role for role in roles if role not in ROLES]
    if unknown:
        raise InputError(f"there is no role {unknown[0]}", where="--role", hint=f"one of {', '.join(ROLES)}")
    if not sources:
        raise InputError("no source is given", where="import")
    shown = ", ".join(str(source) for source in sources)
    found: dict[str, Layer] = {}
    notices: list[Notice] = []
    places: dict[str, str] = {}
    _check_area(sources, area)
    for source in sources:
        if admit(source).format == "osm":
            layers, told = _osm(source, area)
            found |= layers
            notices += told
        else:
            for layer in layer_names(source):
                places.setdefault(layer, str(source))
    for role in ROLES:
        if role in roles:
            file, layer = _place(roles[role], places)
            found[role] = read_layers(file, [layer], encoding=encoding)[layer]
        elif role in places:
            found[role] = read_layers(places[role], [role], encoding=encoding)[role]
    if not found:
        hint = "say which is what: --role ROLE=LAYER, e.g. --role atoms=" + (next(iter(places)) if places else "LAYER")
        raise InputError(
            f"no layer is named like a role; there is {', '.join(places) or 'none'}", where=shown, hint=hint
        )
    return _with_crs({role: found[role] for role in ROLES if role in found}, crs, shown), notices


def _check_area(sources: Sequence[str | Path], area: str) -> None:
    """Raise unless an area is looked for where areas have names."""
    if area and not any(admit(source).format == "osm" for source in sources):
        hint = "give the boundary of other sources with --role boundary=LAYER"
        raise InputError("only OpenStreetMap extracts have named areas", where="--area", hint=hint)


def _place(text: str, places: Mapping[str, str]) -> tuple[str, str]:
    """File and layer of a role: a layer of the sources, FILE or FILE:LAYER."""
    if text in places:
        return places[text], text
    file, layer = split_source(text)
    if not Path(file).exists():
        hint = f"the sources have {', '.join(places)}" if places else "name a layer of the sources, or a file"
        raise InputError(f"there is no layer or file {text}", where="--role", hint=hint)
    names = layer_names(file)
    if not layer and len(names) != 1:
        raise InputError(f"{file} has {len(names)} layers: {', '.join(names)}", where="--role", hint="FILE:LAYER")
    return file, layer or names[0]


def _osm(source: str | Path, area: str) -> tuple[dict[str, Layer], list[Notice]]:
    from gridgeo.io.osm import read_osm

    tables, crs, notices = read_osm(source, area=area)
    return {role: Layer(table, crs_of(crs)) for role, table in tables.items() if role in ROLES}, list(notices)


def _with_crs(layers: Mapping[str, Layer], crs: str | None, where: str) -> dict[str, Layer]:
    """The layers, those that name no CRS with the one the user said."""
    without = [role for role, layer in layers.items() if layer.crs is None and layer.table.geometry is not None]
    if without and crs is None:
        faults = Faults()
        for role in without:
            faults.add("no-crs", role, "the layer has no CRS", "say which with --crs EPSG:n")
        raise SchemaError(faults.found, where=where)
    said = None if crs is None else crs_of(crs)
    return {role: Layer(layer.table, said) if role in without else layer for role, layer in layers.items()}


def _by_role(fields: Mapping[str, str], layers: Mapping[str, Layer]) -> dict[str, dict[str, str]]:
    """Fields by role and column."""
    out: dict[str, dict[str, str]] = {}
    for key, field in fields.items():
        role, dot, column = key.partition(".")
        if not dot or role not in layers:
            hint = f"write ROLE.COLUMN=FIELD, for one of {', '.join(layers)}"
            raise InputError(f"{key} names no column of a layer that is read", where="--field", hint=hint)
        out.setdefault(role, {})[column] = field
    return out


def _title(tables: Mapping[str, Table], sources: Sequence[str | Path]) -> str:
    names = [name for name in tables["boundary"].columns["name"].tolist() if name]
    return names[0] if len(names) == 1 else Path(sources[0]).name.split(".")[0]
