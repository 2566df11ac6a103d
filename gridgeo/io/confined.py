"""A worker's own side: limits and no network first, then only the libraries the job needs, then one answer.

Nothing is imported here that starts a thread or takes memory before the limits stand.
"""

from __future__ import annotations

import ctypes
import math
import os
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

_NEW_USER, _NEW_NET = 0x10000000, 0x40000000  # flags of unshare(2)
_HEAVY = ("geopandas", "pandas", "pyarrow", "shapely", "lxml")


def main(told: dict[str, Any]) -> None:
    """Do one job and leave its answer; whatever goes wrong in the libraries is told as text."""
    _limit(told["limits"])
    _without_network()
    sys.modules.update(dict.fromkeys(_HEAVY))  # type: ignore[arg-type]
    from gridgeo.io.worker import codec, jobs

    answer = Path(told["answer"])
    try:
        if told["driver"]:
            _check_driver(told["driver"])
        _limit_seconds(told["limits"]["cpu_s"])
        sheets = getattr(jobs, told["job"])(Path(told["file"]), **told["options"])
        codec.put(answer, sheets)
    except MemoryError:
        answer.unlink(missing_ok=True)
        os._exit(1)
    except Exception as error:
        codec.put(answer, [], error=str(error) or type(error).__name__)


def _limit(limits: dict[str, Any]) -> None:
    """Caps on memory and on what is written; no core dumps."""
    with suppress(ImportError):
        import resource

        _cap(resource, resource.RLIMIT_AS, limits["memory"])
        _cap(resource, resource.RLIMIT_FSIZE, limits["answer"])
        _cap(resource, resource.RLIMIT_CORE, 0)


def _limit_seconds(cpu_s: float) -> None:
    """A cap on CPU seconds from now on."""
    with suppress(ImportError):
        import resource

        _cap(resource, resource.RLIMIT_CPU, math.ceil(time.process_time() + cpu_s))


def _cap(resource: Any, what: int, most: int) -> None:
    with suppress(ValueError, OSError):  # a stricter limit of the system stays
        resource.setrlimit(what, (most, most))


def _without_network() -> None:
    """Leave for a network of our own that has no way out, where the system lets us."""
    with suppress(OSError, AttributeError, TypeError):
        ctypes.CDLL(None).unshare(_NEW_USER | _NEW_NET)


def _check_driver(driver: str) -> None:
    """Make sure that GDAL kept one driver only.

    Raises
    ------
    RuntimeError
        It has others.
    """
    import pyogrio

    others = [name for name in pyogrio.list_drivers() if name != driver]
    if others:
        raise RuntimeError(f"GDAL keeps its drivers {', '.join(others)}")
