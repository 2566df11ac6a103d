"""The layers of all sources, and which of them takes which role."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from gridgeo.core.model import Notice
from gridgeo.errors import InputError
from gridgeo.gpkg import METADATA_TABLE
from gridgeo.io.crs import crs_of
from gridgeo.io.formats import Layer, layer_names, read_layers
from gridgeo.io.gate import admit
from gridgeo.io.importer.names import role_of
from gridgeo.io.importer.propose import lists_homes, shape_fits
from gridgeo.io.importer.request import Request
from gridgeo.io.read import split_source
from gridgeo.io.roles import ROLES

_TABLES = ("csv", "xlsx")
_OURS = (METADATA_TABLE, "grids", "routes", "assignments", "shortages")
"""Layers of our own files that no territory is made of."""
_SHOWN = 12
"""Layers without a role named in one notice."""


@dataclass
class Taken:
    """Layers by role in the order of ROLES; tables to join by role, and those nobody has given a role yet.

    `roles` and `rosters` name where each came from; `guessed` are roles taken by a name that only means them.
    """

    layers: dict[str, Layer] = field(default_factory=dict)
    joins: dict[str, Layer] = field(default_factory=dict)
    loose: dict[str, Layer] = field(default_factory=dict)
    roles: dict[str, str] = field(default_factory=dict)
    rosters: dict[str, str] = field(default_factory=dict)
    guessed: list[str] = field(default_factory=list)
    notices: list[Notice] = field(default_factory=list)


class Shelf:
    """Sources, each read once."""

    def __init__(self, request: Request) -> None:
        self._encoding = request.encoding
        self._read: dict[str, dict[str, Layer]] = {}
        self.formats = {source: admit(source).format for source in request.sources}
        self.places: dict[str, str] = {}
        self.tables: dict[str, str] = {}
        for source, format in self.formats.items():
            if format == "osm":
                continue
            for name in self.names(source):
                bare = format in _TABLES and self.layer(source, name).table.geometry is None
                shelf = self.tables if bare else self.places
                shelf.setdefault(name, source)

    def names(self, file: str) -> tuple[str, ...]:
        """Layers of a file."""
        if admit(file).format not in ("gpkg", "osm"):
            self._read.setdefault(file, read_layers(file, encoding=self._encoding))
        return tuple(self._read[file]) if file in self._read else layer_names(file)

    def layer(self, file: str, name: str) -> Layer:
        """A layer of a file."""
        known = self._read.get(file, {})
        return known[name] if name in known else read_layers(file, [name], encoding=self._encoding)[name]

    def place(self, text: str, option: str) -> tuple[str, str]:
        """File and layer that a role or roster names: a layer of the sources, FILE or FILE:LAYER.

        Raises
        ------
        InputError
            There is no such layer or file, or the file has several layers.
        """
        for shelf in (self.places, self.tables):
            if text in shelf:
                return shelf[text], text
        file, layer = split_source(text)
        if not Path(file).exists():
            known = ", ".join([*self.places, *self.tables])
            hint = f"the sources have {known}" if known else "name a layer of the sources, or a file"
            raise InputError(f"there is no layer or file {text}", where=option, hint=hint)
        names = self.names(file)
        if not layer and len(names) != 1:
            raise InputError(f"{file} has {len(names)} layers: {', '.join(names)}", where=option, hint="FILE:LAYER")
        return file, layer or names[0]


def taken(request: Request) -> Taken:
    """Layer and roster of each role, as said, else by name.

    Raises
    ------
    InputError
        A source, layer or area is not there, or no layer can be told to be anything.
    """
    shelf = Shelf(request)
    out = Taken()
    _take_extracts(request, shelf, out)
    said = {role: text for role, text in request.roles.items() if role not in request.guessed}
    for role in ROLES:
        if role in said or role in shelf.places:
            _take(role, said.get(role, role), shelf, out)
    if not out.layers:
        _take_by_meaning(shelf, out)
    if not out.layers:
        hint = "say which is what: --role ROLE=LAYER, e.g. --role atoms=" + next(iter(shelf.places), "LAYER")
        known = ", ".join([*shelf.places, *shelf.tables]) or "none"
        where = ", ".join(request.sources)
        raise InputError(f"no layer is named like a role; there is {known}", where=where, hint=hint)
    _take_rosters(request, shelf, out)
    _take_lists_of_homes(shelf, out)
    _tell_unused(shelf, out)
    out.layers = {role: out.layers[role] for role in ROLES if role in out.layers}
    return out


def _take(role: str, text: str, shelf: Shelf, out: Taken) -> None:
    out.layers[role] = shelf.layer(*shelf.place(text, "--role"))
    out.roles[role] = text
    out.notices += out.layers[role].notices


def _take_extracts(request: Request, shelf: Shelf, out: Taken) -> None:
    from gridgeo.io.osm import read_osm

    extracts = [source for source, format in shelf.formats.items() if format == "osm"]
    if request.area and not extracts:
        hint = "give the boundary of other sources with --role boundary=LAYER"
        raise InputError("only OpenStreetMap extracts have named areas", where="--area", hint=hint)
    for source in extracts:
        tables, crs, notices = read_osm(source, area=request.area)
        out.layers |= {role: Layer(table, crs_of(crs)) for role, table in tables.items() if role in ROLES}
        out.notices += notices


def _take_by_meaning(shelf: Shelf, out: Taken) -> None:
    """Where nothing is named like a role: layers whose names mean one, alone, and whose shapes allow it."""
    by_role: dict[str, list[str]] = {}
    for name in shelf.places:
        if role := role_of(name):
            by_role.setdefault(role, []).append(name)
    for role, names in by_role.items():
        layer = shelf.layer(shelf.places[names[0]], names[0])
        if len(names) == 1 and shape_fits(role, layer.table):
            out.layers[role] = layer
            out.roles[role] = names[0]
            out.guessed.append(role)
            out.notices += [*layer.notices, Notice(kind="role-guessed", where=names[0], facts={"role": role})]


def _take_rosters(request: Request, shelf: Shelf, out: Taken) -> None:
    """Tables to join: those named for a role, and all others of the sources that no role has taken."""
    used = {shelf.place(text, "--role") for text in out.roles.values()}
    for role, text in request.rosters.items():
        if role not in out.layers:
            raise InputError(f"there is no layer to join {text} to", where="--roster", hint=f"give {role} with --role")
        file, name = shelf.place(text, "--roster")
        used.add((file, name))
        _join(role, text, shelf.layer(file, name), out)
    for name, file in shelf.tables.items():
        if (file, name) in used:
            continue
        role = name if name in out.layers else role_of(name)
        layer = shelf.layer(file, name)
        if role in out.layers and role not in out.joins:
            _join(role, name, layer, out)
        else:
            out.loose[name] = layer


def _take_lists_of_homes(shelf: Shelf, out: Taken) -> None:
    """Tables of places with households that nobody gave a role: a roster of the buildings, or buildings themselves."""
    for name, file in shelf.places.items():
        if shelf.formats[file] not in _TABLES or (file, name) in _used(shelf, out):
            continue
        layer = shelf.layer(file, name)
        if not lists_homes(layer.table) or "buildings" in out.joins:
            continue
        if "buildings" in out.layers:
            _join("buildings", name, layer, out)
            continue
        _take("buildings", name, shelf, out)
        out.guessed.append("buildings")
        out.notices.append(Notice(kind="role-by-fields", where=name, facts={"role": "buildings"}))


def _used(shelf: Shelf, out: Taken) -> set[tuple[str, str]]:
    """File and layer of every role and roster."""
    roles = {shelf.place(text, "--role") for text in out.roles.values()}
    return roles | {shelf.place(text, "--roster") for text in out.rosters.values()}


def _tell_unused(shelf: Shelf, out: Taken) -> None:
    """One notice for each source some of whose layers serve nothing."""
    used = _used(shelf, out)
    for file, format in shelf.formats.items():
        names = [] if format == "osm" else [name for name in shelf.names(file) if name not in _OURS]
        idle = [name for name in names if (file, name) not in used and name not in out.loose]
        if idle:
            shown = ", ".join(idle[:_SHOWN]) + (", …" if len(idle) > _SHOWN else "")
            out.notices.append(Notice(kind="layers-unused", where=Path(file).name, facts={"layers": shown}))


def _join(role: str, text: str, layer: Layer, out: Taken) -> None:
    out.joins[role] = layer
    out.rosters[role] = text
    out.notices += layer.notices
