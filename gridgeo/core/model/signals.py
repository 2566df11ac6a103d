"""How long work is watched and ended: progress and stop, as plain callables."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from gridgeo.core.model.territory import Notice


class Stop(Protocol):
    """Asked between steps of a long work: True means finish now with the best so far."""

    def __call__(self) -> bool:
        """Whether to finish now."""
        ...


Progress = Callable[[str, float], None]
"""Called with (stage, share done in 0..1); a `Stage` also tells what was just finished."""


class Stage(str):
    """Name of a stage that also says what was just finished; who wants the name alone takes it as any text.

    >>> stage = Stage("draw", Notice(kind="zone-drawn", where="A001"))
    >>> stage == "draw", stage.done.where
    (True, 'A001')
    """

    done: Notice

    def __new__(cls, name: str, done: Notice) -> Stage:
        """The name, and what it tells beside it."""
        stage = super().__new__(cls, name)
        stage.done = done
        return stage

    def __reduce__(self) -> tuple[type[Stage], tuple[str, Notice]]:
        """What makes it anew in another process."""
        return Stage, (str(self), self.done)


def never() -> bool:
    """Stop rule that never stops."""
    return False


def silent(stage: str, share: float) -> None:
    """Progress sink that shows nothing."""
