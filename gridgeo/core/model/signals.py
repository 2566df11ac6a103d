"""How long work is watched and ended: progress and stop, as plain callables."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol


class Stop(Protocol):
    """Asked between steps of a long work: True means finish now with the best so far."""

    def __call__(self) -> bool:
        """Whether to finish now."""
        ...


Progress = Callable[[str, float], None]
"""Called with (stage, share done in 0..1)."""


def never() -> bool:
    """Stop rule that never stops."""
    return False


def silent(stage: str, share: float) -> None:
    """Progress sink that shows nothing."""
