"""A territory whose streets are read when first looked at: a server answers for grids before, and takes less memory."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing, contextmanager, suppress
from dataclasses import fields, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gridgeo import gpkg
from gridgeo.core.model import Streets, Territory
from gridgeo.core.tables import STREET_LAYERS, streets_of
from gridgeo.errors import BackendError, InputError, NotFoundError

if TYPE_CHECKING:
    from gridgeo.store.sql import Session


class Once:
    """What is made by the first who asks; all others wait for it.

    >>> once = Once(lambda: object())
    >>> once() is once()
    True
    """

    def __init__(self, make: Callable[[], Any]) -> None:
        self._make = make
        self._made: list[Any] = []
        self._lock = threading.Lock()

    def __call__(self) -> Any:
        """What was made."""
        with self._lock:
            if not self._made:
                self._made.append(self._make())
            return self._made[0]


class LateTerritory(Territory):
    """A territory in every way, but for its streets, which are made when first asked for.

    Made by `late_territory`; the constructor makes one that has them.
    """

    def __getattr__(self, name: str) -> Any:
        if name != "streets" or "_late" not in self.__dict__:
            raise AttributeError(name)
        streets = self.__dict__[name] = self.__dict__["_late"]()
        return streets

    def __reduce__(self) -> tuple[Any, ...]:
        """Whole, where it goes to another process."""
        return partial(Territory, **{spec.name: getattr(self, spec.name) for spec in fields(Territory)}), ()


def late_territory(land: Territory, streets: Callable[[], Streets]) -> Territory:
    """The territory with other streets, made when first asked for."""
    late = object.__new__(LateTerritory)
    late.__dict__.update({name: part for name, part in vars(land).items() if name != "streets"}, _late=Once(streets))
    return late


def with_parts(land: Territory, **parts: Any) -> Territory:
    """The territory with other parts; streets that nobody has asked for stay unread."""
    if not isinstance(land, LateTerritory) or "_late" not in vars(land):
        return replace(land, **parts)
    late = object.__new__(LateTerritory)
    late.__dict__.update(vars(land), **parts)
    return late


def read_streets(path: Path) -> Streets:
    """The streets of a file, through a connection of their own: other transactions go on meanwhile.

    Raises
    ------
    BackendError
        The file was removed or is damaged.
    """
    with _nobodys_fault(str(path)), closing(gpkg.open_gpkg(path, readonly=True)) as db:
        found = {}
        for name in STREET_LAYERS:
            with suppress(NotFoundError):  # a town without streets has no such layer
                found[name] = gpkg.read_layer(db, name)
        return streets_of(found)


def streets_in(reading: Callable[[], AbstractContextManager[Session]], where: str) -> Streets:
    """The streets of a database, in a transaction of their own.

    Raises
    ------
    BackendError
        They are damaged, or the database cannot be reached.
    """
    with _nobodys_fault(where), reading() as db:
        tables = {name: db.read_layer(name) for name in STREET_LAYERS}
        return streets_of({name: table for name, table in tables.items() if table is not None})


@contextmanager
def _nobodys_fault(where: str) -> Iterator[None]:
    """Whoever asks for what cannot be read did nothing wrong."""
    try:
        yield
    except InputError as error:
        raise BackendError(f"the streets cannot be read: {error.message}", where=where, hint=error.hint) from error
