"""What atoms are made like."""

from __future__ import annotations

from dataclasses import dataclass, fields

from gridgeo.errors import InputError


@dataclass(frozen=True, kw_only=True)
class AtomParams:
    """How blocks are cut into atoms, and when two things count as one.

    Parameters
    ----------
    max_households
        A block holding more is split between its buildings; one building may still hold more.
    few_households
        Pieces of a split block holding fewer are joined again while the sum stays below `max_households`.
    sliver_m2, sliver_width_m
        Faces smaller or thinner than this are merged into a neighbor, square metres and metres.
    min_empty_m2, min_empty_width_m
        Faces of land without buildings smaller or thinner than this (traffic islands, strips between carriageways)
        are merged into a neighbor, square metres and metres.
    verge_width_m
        Land without buildings thinner than this joins the compound or exclusive land it lies along; strips along a
        river, a railway or a motorway join the land across their street, metres.
    min_contact_m
        Two atoms touching along less are not walkable neighbors, metres.
    band_low, band_high
        Linked land whose households no whole number of grids of this size can hold is joined to a neighbor across a
        barrier.
    exact_m
        A border lies on a line when it is this near, metres; for atoms made here.
    given_m
        The same for given atoms, whose borders only follow the streets roughly, metres.
    noise_m2
        Given atoms and boundary that differ by less are taken as equal, square metres.
    footprint_step_m
        Spacing of the points that stand for a building's outline when a block is split, metres.
    persons_per_household
        Where only people are counted; the mean of China's census of 2020.

    Raises
    ------
    InputError
        A limit is not above 0.
    """

    max_households: int = 120
    few_households: int = 30
    sliver_m2: float = 1.0
    sliver_width_m: float = 0.3
    min_empty_m2: float = 200.0
    min_empty_width_m: float = 12.0
    verge_width_m: float = 30.0
    min_contact_m: float = 1.0
    band_low: int = 300
    band_high: int = 500
    exact_m: float = 0.01
    given_m: float = 8.0
    noise_m2: float = 1e-3
    footprint_step_m: float = 12.0
    persons_per_household: float = 2.62

    def __post_init__(self) -> None:
        for spec in fields(self):
            value = getattr(self, spec.name)
            if not value > 0:
                raise InputError(f"{spec.name} is {value}", where=spec.name, hint="give a number above 0")
