"""What the worker processes of one server have counted, told together by whichever is asked."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path

from gridgeo.web.computing.book import alive, me

TELL_S = 1.0
"""How often a worker writes down what it has counted."""
_ENDING = ".counts"


class Siblings:
    """Counts of the workers of one server, each in a file of its own in a folder they share.

    Parameters
    ----------
    folder
        The folder; "" for a process without siblings.
    """

    def __init__(self, folder: str) -> None:
        self._folder = Path(folder) if folder else None

    def tell(self, lines: Callable[[], list[str]]) -> None:
        """Begin to write down, every second, what this process has counted."""
        if self._folder is not None:
            threading.Thread(target=self._keep_on, args=(self._folder, lines), name="counts", daemon=True).start()

    def others(self) -> list[list[str]]:
        """Lines of the other workers that live, as of a second ago at most."""
        told = []
        for file in sorted(self._folder.glob(f"*{_ENDING}")) if self._folder is not None else ():
            if file.stem != me() and alive(file.stem):
                with suppress(FileNotFoundError):  # the server stops
                    told.append(file.read_text("utf-8").splitlines())
        return told

    def write(self, lines: list[str]) -> None:
        """Write down what this process has counted, at once or not at all."""
        if self._folder is not None:
            file = self._folder / f"{me()}{_ENDING}"
            part = file.with_suffix(".part")
            part.write_text("\n".join(lines), "utf-8")
            part.replace(file)

    def _keep_on(self, folder: Path, lines: Callable[[], list[str]]) -> None:
        pause = threading.Event()
        while folder.is_dir():
            with suppress(OSError):  # a full disk, or the folder goes with the server: counts are told late or not
                self.write(lines())
            pause.wait(TELL_S)


def merged(told: Iterable[list[str]]) -> list[str]:
    """Metrics of several processes as those of one: each described once, all its values together.

    >>> one, two = [["# HELP n N.", "# TYPE n counter", f'n{{worker="{i}"}} 1'] for i in (1, 2)]
    >>> merged([one, two])
    ['# HELP n N.', '# TYPE n counter', 'n{worker="1"} 1', 'n{worker="2"} 1']
    """
    metrics: dict[str, list[str]] = {}
    for lines in told:
        known: list[str] = []
        for line in lines:
            if line.startswith("# HELP "):
                known = metrics.setdefault(line.split(" ", 3)[2], [])
            if not line.startswith("# ") or line not in known:
                known.append(line)
    return [line for lines in metrics.values() for line in lines]
