"""Small staffed territories: a lattice of streets with units and responders put on it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from gridgeo.core.model import EmergencyUnits, Responders, Territory, texts
from tests.instances import ORIGIN, lattice


def units_at(xy, *, need=0, max_walk_s=0) -> EmergencyUnits:
    """Units u0, u1, ... at (n, 2) metres from the lattice's corner."""
    xy = ORIGIN + np.asarray(xy, float).reshape(-1, 2)
    n = len(xy)
    return EmergencyUnits(
        code=texts([f"u{i}" for i in range(n)]),
        name=texts([f"Unit {i}" for i in range(n)]),
        kind=texts(["school"] * n),
        xy=xy,
        need=np.broadcast_to(np.asarray(need, np.int64), n).copy(),
        max_walk_s=np.broadcast_to(np.asarray(max_walk_s, np.int64), n).copy(),
    )


def responders_at(xy, *, capacity=2, can_lead=True, on_duty=True) -> Responders:
    """Responders r0, r1, ... at (n, 2) metres from the lattice's corner."""
    xy = ORIGIN + np.asarray(xy, float).reshape(-1, 2)
    n = len(xy)
    return Responders(
        code=texts([f"r{i}" for i in range(n)]),
        xy=xy,
        capacity=np.broadcast_to(np.asarray(capacity, np.int64), n).copy(),
        can_lead=np.broadcast_to(np.asarray(can_lead, bool), n).copy(),
        on_duty=np.broadcast_to(np.asarray(on_duty, bool), n).copy(),
    )


def staffed(units: EmergencyUnits, responders: Responders, *, rows=4, cols=4, size_m=100.0) -> Territory:
    """A lattice territory with these units and responders."""
    return replace(lattice(rows, cols, size_m=size_m), emergency_units=units, responders=responders)


def random_case(rng, *, units=3, people=8, side=400, leads=0.4) -> Territory:
    """A lattice town with random units and responders of random capacity."""
    return staffed(
        units_at(rng.uniform(0, side, (units, 2)), need=rng.integers(0, 4, units)),
        responders_at(
            rng.uniform(0, side, (people, 2)),
            capacity=rng.integers(0, 3, people),
            can_lead=rng.random(people) < leads,
            on_duty=rng.random(people) < 0.9,
        ),
    )


def without_streets(territory: Territory) -> Territory:
    """The same territory with every street edge taken away."""
    none = np.zeros(0, np.int32)
    rows = dict.fromkeys(("tail", "head", "line"), none)
    streets = replace(territory.streets, **rows, length_mm=none.astype(np.int64), geometry=np.zeros(0, object))
    return replace(territory, streets=streets)
