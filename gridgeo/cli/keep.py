"""Orders into a file that keeps versions: through its store, so that versions and journals stay."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

from gridgeo.errors import InputError

if TYPE_CHECKING:
    from gridgeo.core.dispatch import AssignmentResult
    from gridgeo.core.patrol import PatrolResult
    from gridgeo.io.read import Project
    from gridgeo.ports import Store


def keep_orders(
    project: Project, output: Path, *, walks: PatrolResult | None = None, teams: AssignmentResult | None = None
) -> None:
    """Write routes or an assignment worked out for a project into a file.

    A file that keeps versions or journals takes them beside those, when it shows the project's own plan; any other
    file is written whole.

    Raises
    ------
    InputError
        The place cannot be written, or the file keeps another plan.
    BackendError
        The file cannot be used.
    """
    from gridgeo import service
    from gridgeo.gpkg.files import kept
    from gridgeo.io.write import check_walks, write_either
    from gridgeo.store import open_store

    routes = None if walks is None else walks.routes
    if not any(kept(output)):
        write_either(project, output, routes=routes, assignment=teams)
        return
    check_walks(routes or (), project.territory)
    with closing(open_store(str(output))) as store:
        _expect(store, project, output)
        if walks is not None:
            service.keep_routes(store, walks)
        if teams is not None:
            service.keep_assignment(store, teams)


def _expect(store: Store, project: Project, output: Path) -> None:
    """The file shows the plan the orders were worked out for: orders of another plan would name grids it has not.

    Raises
    ------
    InputError
        It shows another plan.
    """
    from gridgeo.store.digests import plan_digest

    same = store.territory().atoms.code.tolist() == project.territory.atoms.code.tolist()
    if same and project.plan is not None:
        shown = next((record.digest for record in store.plans() if record.published), "")
        same = shown == plan_digest(project.plan)
    if not same:
        hint = "read and write the same file, or write to another one"
        raise InputError("the file keeps versions of another plan", where=str(output), hint=hint)
