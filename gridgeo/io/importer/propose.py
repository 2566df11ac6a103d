"""What an unknown file seems to hold: a role for each layer, a field for each column, samples, and what is doubtful."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import shapely

from gridgeo.core.model import Notice, Table, texts
from gridgeo.io.formats import Layer, read_layers
from gridgeo.io.gate import admit
from gridgeo.io.importer.guess import mapped
from gridgeo.io.importer.names import role_of
from gridgeo.io.roles import LINES, POINTS, POLYGONS, ROLES
from gridgeo.io.values import as_text

SAMPLES = 3
SAMPLE_CHARACTERS = 24
_SHAPES = {"point": POINTS, "line": LINES, "polygon": POLYGONS}


@dataclass(frozen=True, kw_only=True)
class FieldProposal:
    """A field of a layer: the column it would fill ("" for none), and a few of its values."""

    field: str
    column: str
    samples: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class LayerProposal:
    """A layer: the role it would take ("" for none), its shape (point, line, polygon, mixed or none), its fields.

    `crs` is short text, "" where the layer names none.
    """

    layer: str
    role: str
    rows: int
    shape: str
    crs: str
    fields: tuple[FieldProposal, ...]
    doubts: tuple[Notice, ...]

    @property
    def columns(self) -> dict[str, str]:
        """Field by column of the role, as `--field ROLE.COLUMN=FIELD` would say it."""
        return {field.column: field.field for field in self.fields if field.column}


@dataclass(frozen=True, kw_only=True)
class Proposal:
    """What a file seems to hold; OpenStreetMap extracts need no mapping and have no layers here."""

    path: Path
    format: str
    layers: tuple[LayerProposal, ...]

    @property
    def options(self) -> tuple[str, ...]:
        """The options of `gridgeo import` that say the same."""
        named = [layer for layer in self.layers if layer.role]
        roles = [f"--role {layer.role}={layer.layer}" for layer in named if layer.layer != layer.role]
        fields = [
            f"--field {layer.role}.{column}={field}"
            for layer in named
            for column, field in layer.columns.items()
            if column != field
        ]
        return (*roles, *fields)


def propose_mapping(path: str | Path, *, encoding: str | None = None) -> Proposal:
    """Roles, fields and doubts of a file of any kind that can be read; nothing is written.

    Columns of residents' data are left out of the samples.

    Parameters
    ----------
    path
        The file.
    encoding
        Of its text, where it is known.

    Raises
    ------
    InputError
        The file cannot be read.
    """
    file = admit(path)
    if file.format == "osm":
        return Proposal(path=file.path, format="osm", layers=())
    layers = read_layers(path, encoding=encoding)
    taken: set[str] = set()
    proposed = []
    for name, layer in layers.items():
        one = _proposed(name, layer, taken)
        taken.add(one.role)
        proposed.append(one)
    return Proposal(path=file.path, format=file.format, layers=tuple(proposed))


def _proposed(name: str, layer: Layer, taken: set[str]) -> LayerProposal:
    table = layer.table
    shape = shape_of(table)
    role, doubts = _role(name, shape, taken)
    if not role and (role := _by_fields(table, taken)):
        doubts = [Notice(kind="role-by-fields", where=name, facts={"role": role})]
    columns: Mapping[str, str] = {}
    if role:
        renamed = mapped(role, table, {})
        columns = {field: column for column, field in renamed.fields.items()}
        doubts += [notice for notice in renamed.notices if notice.kind != "fields-guessed"]
    if layer.crs is None and table.geometry is not None:
        doubts.append(Notice(kind="crs-missing", where=name))
    fields = tuple(
        FieldProposal(field=field, column=columns.get(field, ""), samples=samples(values))
        for field, values in table.columns.items()
    )
    return LayerProposal(
        layer=name,
        role=role,
        rows=len(table),
        shape=shape,
        crs="" if layer.crs is None else layer.crs.text,
        fields=fields,
        doubts=(*layer.notices, *doubts),
    )


def shape_of(table: Table) -> str:
    """What a layer is made of: point, line, polygon, mixed, or none.

    >>> shape_of(Table(columns={}))
    'none'
    """
    if table.geometry is None or not len(table.geometry):
        return "none"
    found = set(np.unique(shapely.get_dimensions(table.geometry)).tolist()) - {-1}
    return "mixed" if len(found) > 1 else ("point", "line", "polygon")[found.pop()] if found else "none"


def _role(name: str, shape: str, taken: set[str]) -> tuple[str, list[Notice]]:
    """Role by the layer's name, where its shape allows it and no layer before it has taken it."""
    role = role_of(name)
    if role and shape in _SHAPES and not ROLES[role].geometry & _SHAPES[shape]:
        role = ""
    if not role:
        return "", [Notice(kind="role-unknown", where=name, facts={"roles": ", ".join(fitting(shape))})]
    if role in taken:
        return "", [Notice(kind="role-taken", where=name, facts={"role": role})]
    return role, [] if role == name else [Notice(kind="role-guessed", where=name, facts={"role": role})]


def lists_homes(table: Table) -> bool:
    """Whether a layer is a list of places that says how many households each has.

    >>> place = np.array([shapely.Point(0, 0)])
    >>> lists_homes(Table(columns={"户数": np.array([12])}, geometry=place)), lists_homes(Table(columns={}))
    (True, False)
    """
    return shape_of(table) == "point" and "households" in mapped("buildings", table, {}).fields


def _by_fields(table: Table, taken: set[str]) -> str:
    """Role a layer shows by its fields: a list of homes, or lines with the class of a street; "" where taken."""
    shape = shape_of(table)
    if shape == "point" and "buildings" not in taken and lists_homes(table):
        return "buildings"
    if shape == "line" and "streets" not in taken and "class" in mapped("streets", table, {}).fields:
        return "streets"
    return ""


def shape_fits(role: str, table: Table) -> bool:
    """Whether a layer is of a shape its role may have."""
    return role in fitting(shape_of(table))


def fitting(shape: str) -> list[str]:
    """Roles a layer of a shape may take.

    >>> fitting("line")
    ['streets', 'barriers']
    """
    wanted = _SHAPES.get(shape)
    return [name for name, role in ROLES.items() if wanted is None or role.geometry & wanted]


def samples(values: np.ndarray) -> tuple[str, ...]:
    """The first few different values of a column, as short texts.

    >>> samples(np.array([7.0, np.nan, 7.0, 8.0]))
    ('7', '8')
    """
    cells = dict.fromkeys(cell for cell in as_text(values[:1000]).tolist() if cell)
    shown: Sequence[str] = list(cells)[:SAMPLES]
    return tuple(texts([cell[:SAMPLE_CHARACTERS] for cell in shown]).tolist())
