"""How sound a territory is before anything is drawn: counts against counts, pieces, giants, streets apart."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from gridgeo.core.kernel.graph import components
from gridgeo.core.model import Communities, Flags, Ints, Kind, Notice, Objects, Rows, Territory
from gridgeo.core.territory.cut import listed

DEFAULT_BAND = (300, 500)
"""Fewest and most households of an urban grid."""


@dataclass(frozen=True, kw_only=True)
class CommunityState:
    """A community: households and atoms, those not counted, those estimated; how many pieces its land is in.

    `fewest` and `most` are the numbers of grids its households allow; no plan fits inside where `fewest` > `most`.
    """

    code: str
    name: str
    households: int
    atoms: int
    null_atoms: int
    estimated: int
    pieces: int
    fewest: int
    most: int


@dataclass(frozen=True, kw_only=True)
class StreetPiece:
    """A connected piece of the walking network: its length and a point of it."""

    length_m: float
    point: tuple[float, float]


@dataclass(frozen=True, kw_only=True, eq=False)
class Diagnosis:
    """What a planner should know of a territory before drawing.

    `giants` (n,) marks atoms that alone exceed the band, `null` those without a count; `notices` say the rest in
    sentences. `street_pieces` are the walking network's, the longest first.
    """

    band: tuple[int, int]
    communities: tuple[CommunityState, ...]
    giants: Flags
    null: Flags
    street_pieces: tuple[StreetPiece, ...]
    notices: tuple[Notice, ...]


def diagnose(territory: Territory, *, band: tuple[int, int] = DEFAULT_BAND) -> Diagnosis:
    """Look a territory over for what keeps a plan from being good.

    Parameters
    ----------
    territory
        Any territory.
    band
        Fewest and most households of an urban grid.

    Examples
    --------
    >>> from tests.instances import lattice
    >>> seen = diagnose(lattice(2, 2, [600, 50, 50, 20]), band=(50, 100))
    >>> seen.giants.tolist(), [notice.kind for notice in seen.notices]
    ([True, False, False, False], ['atoms-above-band'])
    """
    atoms = territory.atoms
    giants = (atoms.households > band[1]) & (atoms.kind == Kind.URBAN)
    states = _states(territory, band)
    pieces = _street_pieces(territory)
    return Diagnosis(
        band=band,
        communities=states,
        giants=giants,
        null=~atoms.known,
        street_pieces=pieces,
        notices=(*_giants(territory, giants, band), *_torn(states), *_unfit(states, band), *_alone(territory)),
    )


def _states(territory: Territory, band: tuple[int, int]) -> tuple[CommunityState, ...]:
    atoms, communities = territory.atoms, territory.communities
    n = len(communities)
    inside = atoms.community >= 0
    at = atoms.community[inside]

    def total(values: Ints | Flags) -> list[int]:
        sums: list[int] = np.bincount(at, weights=values[inside], minlength=n).astype(np.int64).tolist()
        return sums

    urban = atoms.households * ((atoms.kind == Kind.URBAN) & (atoms.households <= band[1]))
    columns = zip(
        communities.code.tolist(),
        communities.name.tolist(),
        total(atoms.households),
        total(inside),
        total(~atoms.known),
        total(atoms.households * atoms.estimated),
        _pieces(territory).tolist(),
        total(urban),
        strict=True,
    )
    return tuple(
        CommunityState(
            code=code,
            name=name,
            households=households,
            atoms=count,
            null_atoms=null,
            estimated=estimated,
            pieces=pieces,
            fewest=-(-free // band[1]),
            most=free // band[0],
        )
        for code, name, households, count, null, estimated, pieces, free in columns
    )


def _pieces(territory: Territory) -> Ints:
    """How many pieces the land of each community is in, joined where its atoms touch along a line."""
    atoms, border = territory.atoms, territory.adjacency
    own = (atoms.community[border.u] == atoms.community[border.v]) & (border.length_m > 0)
    piece = components(len(atoms), border.u[own], border.v[own])
    inside = atoms.community >= 0
    pairs = np.unique(np.stack([atoms.community[inside].astype(np.int64), piece[inside]]), axis=1)
    return np.bincount(pairs[0], minlength=len(territory.communities))


def _street_pieces(territory: Territory) -> tuple[StreetPiece, ...]:
    streets = territory.streets
    if not len(streets):
        return ()
    piece = components(streets.nodes, streets.tail, streets.head)[streets.tail]
    length = np.bincount(piece, weights=streets.length_mm) / 1000
    first = np.unique(piece, return_index=True)[1]
    order = np.argsort(-length, kind="stable")
    xy = streets.node_xy[streets.tail[first]]
    return tuple(
        StreetPiece(length_m=round(float(length[row]), 1), point=(float(xy[row, 0]), float(xy[row, 1])))
        for row in order.tolist()
    )


def _giants(territory: Territory, giants: Flags, band: tuple[int, int]) -> list[Notice]:
    if not giants.any():
        return []
    atoms = territory.atoms
    rows = np.flatnonzero(giants)
    rows = rows[np.argsort(-atoms.households[rows], kind="stable")]
    facts: dict[str, str | int | float] = {
        "atoms": len(rows),
        "high": band[1],
        "largest": int(atoms.households[rows[0]]),
    }
    total = int(atoms.households[rows].sum())
    return [Notice(kind="atoms-above-band", where=listed(atoms.code[rows]), households=total, facts=facts)]


def _torn(states: Sequence[CommunityState]) -> list[Notice]:
    return [
        Notice(
            kind="community-in-pieces",
            where=state.code,
            households=state.households,
            facts={"name": state.name, "pieces": state.pieces},
        )
        for state in states
        if state.pieces > 1
    ]


def _unfit(states: Sequence[CommunityState], band: tuple[int, int]) -> list[Notice]:
    return [
        Notice(
            kind="community-unfit",
            where=state.code,
            households=state.households,
            facts={"name": state.name, "low": band[0], "high": band[1]},
        )
        for state in states
        if state.fewest > state.most
    ]


def _alone(territory: Territory) -> list[Notice]:
    """Inhabited land no link leads out of, beside the largest."""
    atoms, border = territory.atoms, territory.adjacency
    part = components(len(atoms), border.u[border.link], border.v[border.link])
    lived = np.bincount(part, weights=atoms.households)
    cut_off = np.flatnonzero((lived > 0) & (np.arange(len(lived)) != int(np.argmax(lived))))
    return [
        Notice(
            kind="land-cut-off",
            where=str(atoms.code[int(np.flatnonzero(part == row)[0])]),
            households=int(lived[row]),
            facts={"atoms": int((part == row).sum())},
        )
        for row in cut_off.tolist()
    ]


def totals_against(communities: Communities, told: Objects, community: Rows, households: Ints) -> list[Notice]:
    """Communities whose own count differs from what their atoms hold, largest difference first.

    Parameters
    ----------
    communities
        The communities.
    told
        (k,) their own counts as numbers, NaN for none.
    community, households
        (n,) row of the community and households of each atom.
    """
    inside = community >= 0
    held = np.bincount(community[inside], weights=households[inside], minlength=len(communities))
    differs = np.flatnonzero(~np.isnan(told) & (held != told))
    order = differs[np.argsort(-np.abs(held - told)[differs], kind="stable")]
    return [
        Notice(
            kind="community-total-differs",
            where=str(communities.code[row]),
            households=int(held[row]),
            facts={"name": str(communities.name[row]), "told": int(told[row]), "more": int(held[row] - told[row])},
        )
        for row in order.tolist()
    ]
