"""The seams of the house: what a store must do, in the words of the core."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from gridgeo.core.model import Plan, Table, Territory


@dataclass(frozen=True, kw_only=True)
class PlanRecord:
    """One kept version of a plan.

    `version` counts from 1 within its `id`; `created` is an ISO 8601 time handed in by the caller; `published`
    marks the one version that planners, maps and patrols work by.

    >>> PlanRecord(id="main", version=2, created="2026-11-21T09:00:00Z", note="river split").name
    'main@2'
    """

    id: str
    version: int
    created: str
    note: str
    published: bool = False

    @property
    def name(self) -> str:
        """The version as written in addresses: id@version."""
        return f"{self.id}@{self.version}"


class Store(Protocol):
    """Keeps one territory, its plans version by version, and the orders worked out from the published plan.

    Plans are kept as a label per atom, so no gap or overlap can be stored. A version once saved never changes.
    A method that returns has kept what it was given: a crash one instant later loses nothing.
    """

    def stamp(self) -> str:
        """Text that differs whenever anything kept has changed, cheap enough to ask on every request."""
        ...

    def territory(self) -> Territory:
        """The territory all plans here divide."""
        ...

    def plans(self) -> tuple[PlanRecord, ...]:
        """Every version of every plan, in the order they were saved."""
        ...

    def plan(self, id: str = "", version: int = 0) -> Plan:
        """One plan: the published one when `id` is empty, its latest version when `version` is 0.

        Raises
        ------
        NotFoundError
            Nothing is published, or there is no such plan or version.
        """
        ...

    def save_plan(self, plan: Plan, *, id: str, created: str, note: str = "", after: int | None = None) -> PlanRecord:
        """Keep a plan as the next version of `id`; `after` is the latest version the caller knows of.

        Raises
        ------
        InputError
            The plan divides other atoms than this territory's, or `id` is no name.
        ConflictError
            The latest version is not `after`: somebody saved in between.
        """
        ...

    def publish(self, id: str, version: int) -> PlanRecord:
        """Make one version the published plan. Routes worked out from another plan are dropped.

        Raises
        ------
        NotFoundError
            There is no such version.
        """
        ...

    def routes(self) -> Table | None:
        """Patrol routes of the published plan, or None when none were kept."""
        ...

    def save_routes(self, routes: Table) -> None:
        """Keep the patrol routes of the published plan instead of those kept before."""
        ...

    def assignments(self) -> Table | None:
        """Who stands by at which emergency unit, or None when nothing was kept."""
        ...

    def save_assignments(self, assignments: Table) -> None:
        """Keep the assignment instead of the one kept before."""
        ...

    def close(self) -> None:
        """Let go of files and connections."""
        ...
