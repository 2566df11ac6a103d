"""Territories, plans and polygons from files."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from gridgeo.core.model import (
    Flags,
    Floats,
    Notice,
    Objects,
    Plan,
    Progress,
    Table,
    Territory,
    geometries,
    silent,
    texts,
)
from gridgeo.core.tables import TERRITORY_LAYERS, notices_of, plan_on, says_hash, territory_of
from gridgeo.errors import Fault, InputError, NotFoundError, SchemaError
from gridgeo.gpkg import METADATA_TABLE, Crs
from gridgeo.io.formats import Layer, layer_names, read_layers
from gridgeo.io.frames import checked
from gridgeo.io.roles import ROLES
from gridgeo.io.values import Faults, as_text, typed

__all__ = [
    "Cover",
    "Project",
    "layer_names",
    "read_cover",
    "read_either",
    "read_plan",
    "read_polygons",
    "read_territory",
]

_CODES = ("code", "id", "编码", "网格编码")


@dataclass(frozen=True, kw_only=True)
class Project:
    """What a file of ours holds: always a territory, and the plan drawn on it when there is one.

    `others` are the layers that belong to neither (routes, assignments, …), `metadata` what the file says of itself.
    """

    territory: Territory
    plan: Plan | None = None
    others: Mapping[str, Table] = field(default_factory=dict)
    metadata: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True, eq=False)
class Cover:
    """Polygons to check.

    `columns` are all columns of the layer; `code` and `geometry` (n,), `households` (n,) or None; `urban` (n,) tells
    whom the size band binds (all, where the layer has no column `kind`); the boundary or None; the CRS; `faults` are
    counts that cannot be used, `where` the file.
    """

    columns: Mapping[str, NDArray[Any]]
    code: Objects
    geometry: Objects
    households: Floats | None
    urban: Flags
    boundary: shapely.Geometry | None
    crs: str
    faults: tuple[Fault, ...] = ()
    where: str = ""

    def require_counts(self) -> None:
        """Refuse households that are no counts; asked for by those who count.

        Raises
        ------
        SchemaError
            Some are not; lists them.
        """
        if self.faults:
            raise SchemaError(self.faults, where=self.where)

    def require_codes(self, codes: Collection[str]) -> None:
        """Refuse codes that no polygon has.

        Raises
        ------
        InputError
            Some are not there.
        """
        absent = ", ".join(sorted(set(codes) - set(self.code.tolist())))
        if absent:
            raise InputError(f"there is no grid {absent}", where=self.where, hint="use codes of the file")


def read_territory(path: str | Path, *, progress: Progress = silent) -> Territory:
    """The territory of a GeoPackage.

    A file gridgeo wrote, and nobody changed, is loaded as it is. Other files are checked against the format; atoms
    given in them are taken as they are, otherwise they are made from streets and buildings.

    Raises
    ------
    InputError
        The file cannot be read.
    SchemaError
        It breaks the format; lists every fault.
    """
    progress("read", 0.0)
    layers = read_layers(path)
    return _territory(Path(path), layers, _metadata(path), progress)


def read_plan(path: str | Path, *, progress: Progress = silent) -> Plan:
    """The plan of a GeoPackage that gridgeo wrote.

    Raises
    ------
    InputError
        The file cannot be read or holds no plan.
    """
    return plan_in(read_either(path, progress=progress), path)


def plan_in(project: Project, path: str | Path) -> Plan:
    """The plan of what was read.

    Raises
    ------
    InputError
        It holds a territory only.
    """
    if project.plan is None:
        raise InputError("the file holds no plan", where=str(path), hint="draw one with gridgeo draw")
    return project.plan


def read_either(path: str | Path, *, progress: Progress = silent) -> Project:
    """The territory of a file, and the plan where there is one.

    Raises
    ------
    InputError
        The file cannot be read.
    SchemaError
        It breaks the format; lists every fault.
    """
    progress("read", 0.0)
    metadata, layers = _metadata(path), read_layers(path)
    while metadata != (now := _metadata(path)):  # somebody saved in between: what is said must be said of these layers
        metadata, layers = now, read_layers(path)
    territory = _territory(Path(path), layers, metadata, progress)
    tables = {name: layer.table for name, layer in layers.items()}
    others = {name: table for name, table in tables.items() if name not in (*TERRITORY_LAYERS, "grids")}
    plan = None
    if "grids" in tables and "atoms" in tables and "grid" in tables["atoms"].columns:
        notices = notices_of(metadata.get("plan_notices", ""))
        plan = plan_on(territory, tables, band=_band(metadata, path), notices=notices)
    return Project(territory=territory, plan=plan, others=others, metadata=metadata)


def _metadata(path: str | Path) -> dict[str, str]:
    """Metadata of a GeoPackage of ours; empty for any other file."""
    try:
        columns = read_layers(path, [METADATA_TABLE])[METADATA_TABLE].table.columns
    except NotFoundError:
        return {}
    if not {"key", "value"} <= set(columns):
        return {}
    return dict(zip(as_text(columns["key"]).tolist(), as_text(columns["value"]).tolist(), strict=True))


def _band(metadata: Mapping[str, str], path: str | Path) -> tuple[int, int]:
    low, _, high = metadata.get("band", "300 500").partition(" ")
    if not (low.isdigit() and high.isdigit()):
        raise InputError("the size band of the file cannot be read", where=f"{path} {METADATA_TABLE}")
    return int(low), int(high)


def _territory(path: Path, layers: Mapping[str, Layer], metadata: Mapping[str, str], progress: Progress) -> Territory:
    tables = {name: layer.table for name, layer in layers.items()}
    crs = {name: layer.crs for name, layer in layers.items()}
    own = metadata.get("territory_hash")
    notices = notices_of(metadata.get("notices", ""))
    named = {known.text for layer in TERRITORY_LAYERS if (known := crs.get(layer))}
    if own and says_hash(own, tables) and named == {metadata.get("crs")}:
        progress("read", 1.0)
        return territory_of(tables, name=metadata.get("name", path.stem), crs=metadata["crs"], notices=notices)
    roles, found = checked(tables, crs, where=str(path))
    if own:
        found = (*notices, *found, Notice(kind="file-edited", where=path.name))
    name = _name(roles, path)
    return built(roles, _one(crs, roles), name=name, where=str(path), notices=found, progress=progress)


def built(
    tables: Mapping[str, Table],
    crs: Crs,
    *,
    name: str,
    where: str,
    notices: tuple[Notice, ...],
    progress: Progress,
    persons: float | None = None,
) -> Territory:
    """Territory made of checked tables, with the notices of reading before those of making.

    Raises
    ------
    SchemaError
        No territory can be made of them; `where` names the file.
    InputError
        `persons` per household is not above 0.
    """
    from gridgeo.core.territory import AtomParams, build_territory

    params = AtomParams() if persons is None else AtomParams(persons_per_household=persons)
    try:
        territory = build_territory(tables, name=name, crs=crs.text, params=params, progress=progress)
    except SchemaError as error:
        raise SchemaError(error.faults, where=where) from None
    return replace(territory, notices=(*notices, *territory.notices))


def _one(crs: Mapping[str, Crs | None], roles: Mapping[str, Table]) -> Crs:
    """The CRS that the check found to be the same in all layers."""
    return next(found for role, found in crs.items() if role in roles and found is not None)


def _name(tables: Mapping[str, Table], path: Path) -> str:
    names = [name for name in tables["boundary"].columns["name"].tolist() if name]
    return names[0] if names else path.name.split(".")[0]


def read_polygons(path: str | Path, layer: str | None = None) -> tuple[Table, Crs | None]:
    """Polygons of any file, as they are: broken rings and all.

    Parameters
    ----------
    path
        GeoPackage, GeoJSON, shapefile (also zipped) or GeoParquet.
    layer
        Which layer; else `grids`, else the only one with polygons.

    Raises
    ------
    InputError
        The file cannot be read, or the layer is not polygons.
    """
    name = layer or _only_polygons(path)
    found = read_layers(path, [name])[name]
    shape = found.table.geometry
    if shape is None or not len(shape):
        raise InputError("the layer has no polygons", where=f"{path} {name}", hint="choose one with --layer")
    kinds = {kind for kind in shapely.get_type_id(shape).tolist() if kind >= 0}
    if not kinds <= {3, 6}:
        raise InputError("the layer is not polygons", where=f"{path} {name}", hint="choose one with --layer")
    return Table(columns=found.table.columns, geometry=shapely.force_2d(shape)), found.crs


def _only_polygons(path: str | Path) -> str:
    names = layer_names(path)
    if "grids" in names:
        return "grids"
    if len(names) == 1:
        return names[0]
    others = [name for name in names if name not in ROLES]
    if len(others) == 1:
        return others[0]
    raise InputError(f"the file has {len(names)} layers: {', '.join(names)}", where=str(path), hint="name one: --layer")


def read_cover(
    path: str | Path, *, layer: str | None = None, boundary: str | None = None, progress: Progress = silent
) -> Cover:
    """Polygons and boundary for a check.

    Parameters
    ----------
    path, layer
        As for `read_polygons`.
    boundary
        FILE or FILE:LAYER; else the layer `boundary` of the file itself, if it has one.

    Raises
    ------
    InputError
        A file cannot be read, or the two have different CRSs.
    """
    progress("read", 0.0)
    table, crs = read_polygons(path, layer)
    edge, edge_crs = _boundary(path, boundary)
    if crs is None:
        raise InputError("the layer has no CRS", where=str(path), hint="say which with gridgeo import --crs EPSG:n")
    if edge is not None and edge_crs is not None and edge_crs.text != crs.text:
        raise InputError(
            f"the polygons are in {crs.name}, the boundary in {edge_crs.name}", where=str(path), hint="use one CRS"
        )
    progress("read", 1.0)
    assert table.geometry is not None
    faults = Faults()
    return Cover(
        columns=table.columns,
        code=_codes(table),
        geometry=table.geometry,
        households=_households(table, layer or "grids", faults),
        urban=_urban(table),
        boundary=edge,
        crs=crs.text,
        faults=tuple(faults.found),
        where=str(path),
    )


def _boundary(path: str | Path, given: str | None) -> tuple[shapely.Geometry | None, Crs | None]:
    if given is None:
        if "boundary" not in layer_names(path):
            return None, None
        file, name = str(path), "boundary"
    else:
        file, name = split_source(given)
        names = layer_names(file)
        name = name or ("boundary" if "boundary" in names else names[0])
    found = read_layers(file, [name])[name]
    shape = geometries([] if found.table.geometry is None else found.table.geometry)
    if not len(shape) or shapely.is_missing(shape).any():
        raise InputError("the boundary is empty", where=f"{file} {name}", hint="give the polygon of the territory")
    try:
        return (shape[0] if len(shape) == 1 else shapely.union_all(shape)), found.crs
    except shapely.errors.GEOSException as error:
        raise InputError(f"the boundary cannot be joined: {error}", where=f"{file} {name}") from error


def split_source(text: str) -> tuple[str, str]:
    """FILE:LAYER as file and layer; the layer is "" when only a file is named.

    >>> split_source("a/b.gpkg:grids"), split_source("a/b.gpkg")
    (('a/b.gpkg', 'grids'), ('a/b.gpkg', ''))
    """
    if Path(text).exists():
        return text, ""
    file, _, layer = text.rpartition(":")
    return (file, layer) if file else (text, "")


def _codes(table: Table) -> Objects:
    """Codes of polygons: the first column that looks like codes and has one for every row, else row numbers from 1."""
    lower = {name.lower(): name for name in table.columns}
    for name in _CODES:
        if name in lower:
            values = as_text(table.columns[lower[name]])
            if all(values.tolist()) and len(set(values.tolist())) == len(values):
                return values
    return texts([str(row) for row in range(1, len(table) + 1)])


def _urban(table: Table) -> Flags:
    if "kind" not in table.columns:
        return np.ones(len(table), bool)
    return ~np.isin(as_text(table.columns["kind"]).astype(str), ["rural", "exclusive"])


def _households(table: Table, layer: str, faults: Faults) -> Floats | None:
    if "households" not in table.columns:
        return None
    spec = next(spec for spec in ROLES["atoms"].fields if spec.name == "households")
    return typed(table.columns["households"], spec, layer, faults)
