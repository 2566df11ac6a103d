"""Who does the work of drawing: this process alone, or others beside it. The plan is the same either way.

A piece of work is a pure function of its arguments, its random stream among them, so it matters to nobody where and
when it is done.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

from gridgeo.core.model import Stop

Answer = TypeVar("Answer")


class Crew(Protocol):
    """Somebody who takes on work and hands it in when asked."""

    @property
    def size(self) -> int:
        """Pieces of work done at a time."""
        ...

    @property
    def stop(self) -> Stop:
        """Whether to end with the best so far."""
        ...

    def take(self, work: Callable[..., Answer], *arguments: Any) -> Callable[[], Answer]:
        """Take on `work(*arguments, stop=...)`; what is returned hands in the answer, waiting for it if need be."""
        ...


@dataclass(frozen=True)
class Alone:
    """A crew of one: work is done in this process when it is asked for.

    >>> Alone(lambda: False).take(lambda a, stop: a + 1, 2)()
    3
    """

    stop: Stop
    size: int = 1

    def take(self, work: Callable[..., Answer], *arguments: Any) -> Callable[[], Answer]:
        """Take on `work(*arguments, stop=...)` and do it when the answer is asked for."""
        return lambda: work(*arguments, stop=self.stop)
