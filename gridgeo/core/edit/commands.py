"""What a planner may do to a plan by hand: each edit a value, so that a list of them is the log."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias


@dataclass(frozen=True)
class Move:
    """Give atoms (codes) to a grid (code)."""

    atoms: tuple[str, ...]
    to: str


@dataclass(frozen=True)
class Merge:
    """Make several grids one: that of code `into`, or the first named. The codes of the others end."""

    grids: tuple[str, ...]
    into: str = ""


@dataclass(frozen=True)
class Split:
    """Part a grid: `atoms` of it become a new grid or, with `parts`, it is drawn anew as that many grids.

    `code` and `name` are those of the new grid; without a code it takes the next free one.
    """

    grid: str
    atoms: tuple[str, ...] = ()
    parts: int = 0
    code: str = ""
    name: str = ""


@dataclass(frozen=True)
class NewGrid:
    """Make a grid of atoms taken from one or several grids."""

    atoms: tuple[str, ...]
    code: str = ""
    name: str = ""


@dataclass(frozen=True)
class Lock:
    """Keep the ground of a grid from every further edit."""

    grid: str


@dataclass(frozen=True)
class Unlock:
    """Let the ground of a grid be edited again."""

    grid: str


@dataclass(frozen=True)
class Rename:
    """Give a grid another name; its code stays."""

    grid: str
    name: str


@dataclass(frozen=True)
class FixRest:
    """Draw anew, around the grids that break a rule, what it takes to keep it, moving few households.

    Locked grids and those in `keep` stay as they are.
    """

    keep: tuple[str, ...] = ()
    rng_seed: int = 1


Edit: TypeAlias = Move | Merge | Split | NewGrid | Lock | Unlock | Rename | FixRest
