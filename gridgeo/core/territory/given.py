"""Given atoms (census areas): taken as they are, once they prove to be an exact coverage of the boundary."""

from __future__ import annotations

from typing import Any

import numpy as np

from gridgeo.core.model import Atoms, Floats, Ints, Notice, Objects, Rows, Small, Table, texts
from gridgeo.core.territory import columns
from gridgeo.core.territory.belonging import Belonging, by_word
from gridgeo.core.territory.cut import Counts, Cut, counts_of_buildings, estimates, listed, mostly_water
from gridgeo.core.territory.estimate import HOME_ERROR, spread_of
from gridgeo.core.territory.fit import fit_to_boundary
from gridgeo.core.territory.layers import Layers
from gridgeo.core.territory.locate import rows_at
from gridgeo.core.territory.params import AtomParams


def given_atoms(table: Table, layers: Layers, boundary: Any, params: AtomParams) -> Cut:
    """Atoms from a table of polygons; where households are null the atom is not `known`, and listed.

    Land of the boundary no polygon covers becomes atoms without households.

    Raises
    ------
    SchemaError
        Polygons overlap; every pair is listed.
    """
    given = columns.codes(table, "atom-")
    fit = fit_to_boundary(columns.shapes(table), given, boundary, params)
    own = fit.row >= 0
    code = texts([*given[fit.row[own]], *(f"land-{i + 1}" for i in range(int((~own).sum())))])
    counts = _counts(table, fit.row, code, layers, rows_at(layers.spot, fit.geometry))
    belonging = by_word(
        fit.geometry, _words(table, "community", fit.row), _words(table, "compound", fit.row), layers, counts.households
    )
    atoms = Atoms(
        code=code,
        geometry=fit.geometry,
        households=counts.households,
        known=counts.known,
        estimated=counts.estimated,
        kind=_kinds(_words(table, "kind", fit.row), belonging, layers),
        community=belonging.community,
        compound=belonging.compound,
        exclusive=belonging.exclusive,
        buildings=counts.buildings,
        barrier=mostly_water(fit.geometry, layers, counts.households),
        spread=counts.spread,
        events_per_day=np.append(np.nan_to_num(columns.number(table, "events_per_day", 0.0)), 0.0)[fit.row],
    )
    told = (*fit.notices, *counts.notices, *belonging.notices)
    return Cut(atoms=atoms, boundary=fit.boundary, communities=belonging.communities, notices=told)


def _words(table: Table, name: str, row: Rows) -> Objects:
    """Text column at the given rows, "" where the row is -1."""
    return texts(np.append(columns.text(table, name), "")[row])


def _counts(table: Table, row: Rows, code: Objects, layers: Layers, building: Rows) -> Counts:
    """The polygons' own counts; those of their buildings when no polygon has one."""
    count = np.append(columns.number(table, "households"), 0.0)[row]
    known = ~np.isnan(count)
    if not known[row >= 0].any() and layers.buildings.known.any():
        return counts_of_buildings(len(row), layers, building)
    households = np.rint(np.nan_to_num(count)).astype(np.int64)
    guessed = (_words(table, "source", row) == "estimate").astype(bool)
    estimated = known & (guessed | np.append(columns.flag(table, "estimated", False), False)[row])
    spread = np.where(estimated, _spread(table, row, households), 0.0)
    notices = estimates(households, estimated)
    if not known.all():
        notices.append(Notice(kind="atoms-null", where=listed(code[~known]), facts={"atoms": int((~known).sum())}))
    return Counts(
        households=households,
        known=known,
        estimated=estimated,
        spread=np.ceil(spread).astype(np.int64),
        buildings=np.bincount(building[building >= 0], minlength=len(row)),
        notices=tuple(notices),
    )


def _spread(table: Table, row: Rows, households: Ints) -> Floats:
    """How far each estimate may be off: as its own `high` says, else by the usual error of its kind."""
    error = np.append(columns.number(table, "error", HOME_ERROR), HOME_ERROR)[row]
    high = np.append(columns.number(table, "high"), np.nan)[row]
    told = np.maximum(high - households, 0)
    return np.where(np.isnan(high), spread_of(households, error), told)


def _kinds(word: Objects, belonging: Belonging, layers: Layers) -> Small:
    """Kind of each atom: its own word where there is one, else by community and exclusive land."""
    known = layers if len(layers.communities) else layers.with_communities(belonging.communities)
    kind = known.kind_at(belonging.community, belonging.exclusive)
    said = (word != "").astype(bool)
    kind[said] = columns.kinds(word[said])
    return kind
