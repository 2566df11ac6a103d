"""Layers from outside, checked against what a territory needs: all faults at once, or clean tables."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
import shapely

from gridgeo.core.model import Notice, Objects, Table, geometries, texts
from gridgeo.errors import SchemaError
from gridgeo.gpkg import Crs
from gridgeo.io.crs import is_geographic, is_metric, is_true, stretch
from gridgeo.io.privacy import without_personal
from gridgeo.io.roles import ROLES, Field, Role
from gridgeo.io.values import Faults, absent, as_text, typed, with_units

_COUNTS = {"households", "population"}
FARTHEST_M = 1e8
"""No projected coordinate lies farther from its origin, metres."""


def checked(
    tables: Mapping[str, Table], crs: Mapping[str, Crs | None], *, where: str = "", make_codes: bool = False
) -> tuple[dict[str, Table], tuple[Notice, ...]]:
    """Tables by role with every column of the role, typed, and notices of what was changed on the way.

    Parameters
    ----------
    tables
        Layers by role; names that are no role are left out.
    crs
        CRS of each layer, None where it has none.
    where
        The file, for messages.
    make_codes
        Make codes where the column or a value is missing, instead of a fault.

    Raises
    ------
    SchemaError
        Something does not fit; lists every fault of every layer, rows counted from 1.
    """
    faults = Faults()
    notices: list[Notice] = []
    _check_layers(tables, faults)
    _check_counts(tables, faults)
    _check_crs({role: crs.get(role) for role in tables if role in ROLES}, faults)
    _check_metres(tables.get("boundary"), crs.get("boundary"), faults)
    out: dict[str, Table] = {}
    for name, role in ROLES.items():
        if name not in tables:
            continue
        table, dropped = without_personal(name, tables[name])
        notices.extend(dropped)
        shape = _checked_geometry(table, role, faults)
        columns, made = _checked_columns(table, role, faults, make_codes)
        notices.extend(made)
        out[name] = Table(columns=columns, geometry=shape)
    if faults.found:
        raise SchemaError(faults.found, where=where)
    return out, tuple(notices)


def _check_layers(tables: Mapping[str, Table], faults: Faults) -> None:
    for name, role in ROLES.items():
        if role.required and name not in tables:
            faults.add("missing-layer", name, f"there is no layer {name}", "add it, or map one with --role")
    boundary = tables.get("boundary")
    if boundary is not None and not _has_area(boundary):
        faults.add("empty-boundary", "boundary", "the boundary holds no area", "give the polygon of the territory")
    if not {"atoms", "streets", "buildings"} & set(tables):
        faults.add("missing-layer", "atoms", "there are neither atoms nor streets and buildings", "add one of them")
    elif "atoms" in tables and not any(
        len(tables[name]) for name in ("atoms", "streets", "buildings") if name in tables
    ):
        faults.add("empty-layer", "atoms", "the layer has no rows", "give the areas, or streets and buildings")


def _check_counts(tables: Mapping[str, Table], faults: Faults) -> None:
    """Atoms must tell how many live in them, or buildings must: a plan of unknowns helps nobody.

    A column of nulls will do: then it is known what is not known.
    """
    if "atoms" not in tables or _COUNTS & set(tables["atoms"].columns):
        return
    buildings = tables.get("buildings", Table(columns={}))
    told = [buildings, *(tables[role] for role in ("communities", "compounds") if role in tables and len(buildings))]
    if any(_COUNTS & set(table.columns) for table in told) or _has_area(buildings):
        return
    there = ", ".join(name for name in tables["atoms"].columns if name != "code")
    hint = "say which: --field atoms.households=FIELD (or atoms.population=FIELD)"
    message = "no column is known to hold households"
    faults.add("missing-column", "atoms", message, f"{hint}; there is {there}" if there else hint)


def _has_area(table: Table) -> bool:
    """Whether something in the layer has an area; coordinates that are no numbers are another fault."""
    shape = geometries([] if table.geometry is None else table.geometry)
    with np.errstate(invalid="ignore"):
        return bool((shapely.area(shape) != 0).any())


def _check_crs(crs: Mapping[str, Crs | None], faults: Faults) -> None:
    known = {found.text for found in crs.values() if found is not None}
    if len(known) > 1:
        named = ", ".join(f"{role} {found.name}" for role, found in crs.items() if found is not None)
        faults.add("mixed-crs", "file", f"the layers have several CRSs: {named}", "save all in one CRS, or import")
    for role, found in crs.items():
        if found is None:
            faults.add("no-crs", role, "the layer has no CRS", "say which with gridgeo import --crs EPSG:n")
        elif is_geographic(found):
            faults.add("geographic-crs", role, f"{found.name} is in degrees", "use gridgeo import: it projects")
        elif not is_metric(found):
            faults.add("not-metric-crs", role, f"{found.name} is not in metres", "use gridgeo import: it projects")


def _check_metres(boundary: Table | None, crs: Crs | None, faults: Faults) -> None:
    """Metres of a map that stretches the land (web maps, the whole earth) are no metres to walk."""
    shape = geometries([] if boundary is None or boundary.geometry is None else boundary.geometry)
    if crs is None or not is_metric(crs) or is_true(crs, shape):
        return
    message = f"a metre of {crs.name} is no metre here: lengths are {stretch(crs, shape):.3f} times the true ones"
    faults.add("stretched-crs", "boundary", message, "use gridgeo import: it projects")


def _checked_geometry(table: Table, role: Role, faults: Faults) -> Objects:
    """Geometry in two dimensions, with a fault for every row that cannot be used."""
    if table.geometry is None:
        faults.add("wrong-geometry", role.name, "the layer has no geometry", f"give {_wanted(role)}")
        return geometries([])
    shape = shapely.force_2d(table.geometry) if len(table.geometry) else table.geometry
    hollow = shapely.is_missing(shape) | shapely.is_empty(shape)
    rows = np.flatnonzero(hollow).tolist()
    faults.rows("empty-geometry", role.name, rows, lambda row: "there is no geometry", "draw it or delete the row")
    wrong = [row for row in np.flatnonzero(~hollow).tolist() if shape[row].geom_type not in role.geometry]
    message, hint = f"is not {_wanted(role)}", "give another layer this role, or change the geometry"
    faults.rows("wrong-geometry", role.name, wrong, lambda row: f"{shape[row].geom_type} {message}", hint)
    finite, near = _reach(shape)
    rows = np.flatnonzero(~finite & ~hollow).tolist()
    faults.rows("nan-coordinate", role.name, rows, lambda row: "a coordinate is not finite", "draw it again")
    rows = np.flatnonzero(finite & ~near & ~hollow).tolist()
    faults.rows("far-coordinate", role.name, rows, lambda row: "a coordinate is too far away", "check the CRS")
    sound = ~hollow & finite
    broken = np.flatnonzero(sound)[~shapely.is_valid(shape[sound])].tolist()
    kind = "invalid-ring" if role.geometry & {"Polygon"} else "invalid-geometry"
    faults.rows(kind, role.name, broken, lambda row: str(shapely.is_valid_reason(shape[row])), "repair it in a GIS")
    return shape


def _wanted(role: Role) -> str:
    return " or ".join(sorted(name for name in role.geometry if not name.startswith(("Multi", "Linear"))))


def _reach(shape: Objects) -> tuple[np.ndarray, np.ndarray]:
    """Whether all coordinates of each geometry are finite, and near."""
    xy, row = shapely.get_coordinates(shape, return_index=True)
    finite = np.ones(len(shape), bool)
    near = np.ones(len(shape), bool)
    finite[row[~np.isfinite(xy).all(axis=1)]] = False
    near[row[(np.abs(np.nan_to_num(xy)) > FARTHEST_M).any(axis=1)]] = False
    return finite, near


def _checked_columns(
    table: Table, role: Role, faults: Faults, make_codes: bool
) -> tuple[dict[str, np.ndarray], list[Notice]]:
    """All columns of the role in their types, then whatever else the layer has."""
    columns: dict[str, np.ndarray] = {}
    notices: list[Notice] = []
    for spec in role.fields:
        values = table.columns.get(spec.name)
        if spec.type == "code":
            columns["code"], made = _codes(values, spec, role, len(table), faults, make_codes)
            notices.extend(made)
        elif values is not None:
            columns[spec.name] = typed(values, spec, role.name, faults)
            if rows := with_units(values, spec):
                notices.append(Notice(kind="units-dropped", where=role.name, facts={"column": spec.name, "rows": rows}))
        elif spec.required and not make_codes:
            faults.add(
                "missing-column", role.name, f"there is no column {spec.name}", "add it, or map one with --field"
            )
        elif not spec.required:
            columns[spec.name] = absent(spec, len(table))
    rest = {name: values for name, values in table.columns.items() if name not in columns}
    return columns | rest, notices


def _codes(
    values: np.ndarray | None, spec: Field, role: Role, rows: int, faults: Faults, make_codes: bool
) -> tuple[Objects, list[Notice]]:
    """Unique codes; made ones begin with the role's prefix and number the rows from 1."""
    if values is None and spec.required and not make_codes:
        faults.add("missing-column", role.name, "there is no column code", "add it, or map one with --field")
    given = texts([""] * rows) if values is None else as_text(values)
    empty = np.flatnonzero(given == "").tolist()
    if values is not None and spec.required and not make_codes:
        faults.rows("missing-code", role.name, empty, lambda row: "the code is empty", "codes must be unique texts")
    first: dict[str, int] = {}
    twice = []
    for row, code in enumerate(given.tolist()):
        if code and first.setdefault(code, row) != row:
            twice.append(row)
    message = _twice(given, first)
    faults.rows("duplicate-code", role.name, twice, message, "codes must be unique")
    codes = texts([code or _free(f"{role.prefix}-{row}", first) for row, code in enumerate(given.tolist(), 1)])
    made = [Notice(kind="codes-made", where=role.name, facts={"rows": len(empty)})] if empty and spec.required else []
    return codes, made


def _twice(given: Objects, first: Mapping[str, int]) -> Callable[[int], str]:
    return lambda row: f"the code {given[row]!r} is that of row {first[given[row]] + 1}"


def _free(code: str, taken: Mapping[str, int]) -> str:
    while code in taken:
        code += "+"
    return code
