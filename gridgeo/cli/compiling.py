"""Says when kernels are compiled: the first use after an installation waits for it, later ones do not."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from importlib.abc import MetaPathFinder
from types import ModuleType
from typing import Any


class _AfterNumba(MetaPathFinder):
    """Finds no module, but sees them imported: calls `listen` once, as soon as numba can tell what it compiles."""

    def __init__(self, listen: Callable[[Any], None]) -> None:
        self.listen = listen

    def find_spec(self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None) -> None:
        events = sys.modules.get("numba.core.event") if fullname.startswith("numba.") else None
        if events is not None and hasattr(events, "register"):
            sys.meta_path.remove(self)
            self.listen(events)


@contextmanager
def told_of_compiling(tell: Callable[[], None]) -> Iterator[None]:
    """Call `tell` once when a kernel is compiled in the block; what comes from the cache is not.

    Numba is not imported for it: that takes longer than many a verb.
    """
    said: list[bool] = []
    heard: list[tuple[Any, Any]] = []

    def on(event: Any) -> None:
        if event.is_start and not said:
            said.append(True)
            tell()

    def listen(events: Any) -> None:
        class Compiling(events.Listener):  # type: ignore[misc]
            def on_start(self, event: Any) -> None:
                on(event)

            def on_end(self, event: Any) -> None:
                on(event)

        heard.append((events, Compiling()))
        events.register("numba:compile", heard[0][1])

    watch = _AfterNumba(listen)
    if hasattr(sys.modules.get("numba.core.event"), "register"):
        listen(sys.modules["numba.core.event"])
    else:
        sys.meta_path.insert(0, watch)
    try:
        yield
    finally:
        if watch in sys.meta_path:
            sys.meta_path.remove(watch)
        for events, listener in heard:
            events.unregister("numba:compile", listener)
