"""The parent's side: start the child, wait for it no longer than allowed, read its answer."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from gridgeo.errors import InputError
from gridgeo.io.worker.codec import Sheet, get

MIB = 1 << 20
_START = (
    "import json, sys; told = json.load(sys.stdin); sys.path[:] = told['path']; "
    "from gridgeo.io.confined import main; main(told)"
)
_OVERTIME = {-getattr(signal, name) for name in ("SIGXCPU", "SIGKILL") if hasattr(signal, name)}


@dataclass(frozen=True, kw_only=True)
class Limits:
    """What a child may use: bytes of memory, seconds of CPU beyond its start, seconds by the clock, bytes it writes.

    Where there are no POSIX limits (Windows) only the clock binds.
    """

    memory: int
    cpu_s: float
    wall_s: float
    answer: int

    @classmethod
    def of(cls, size: int, *, cpu_s_per_mib: float = 1.0) -> Limits:
        """Limits for a file of `size` bytes: little for a small one, in proportion for a large one.

        >>> Limits.of(0).cpu_s
        1.0
        """
        cpu = 1.0 + cpu_s_per_mib * size / MIB
        return cls(memory=700 * MIB + 20 * size, cpu_s=cpu, wall_s=20 + 4 * cpu, answer=64 * MIB + 20 * size)


def ask(
    job: str, path: Path, limits: Limits, *, where: str, options: Mapping[str, Any] | None = None, driver: str = ""
) -> list[Sheet]:
    """Layers a child makes of a file.

    Parameters
    ----------
    job
        One of the functions of `jobs`, by name.
    path
        The file; already looked at by the gate.
    limits
        What the child may use.
    where
        What to call the file in messages.
    options
        Further arguments of the job.
    driver
        The driver of GDAL it needs; all others are skipped.

    Raises
    ------
    InputError
        The file cannot be read, or not within the limits.
    """
    with TemporaryDirectory(prefix="gridgeo-") as folder:
        answer = Path(folder) / "answer.npz"
        told = {
            "path": [entry for entry in sys.path if entry],
            "job": job,
            "file": str(path.resolve()),
            "options": dict(options or {}),
            "driver": driver,
            "answer": str(answer),
            "limits": vars(limits),
        }
        skip = ",".join(name for name in _drivers() if name != driver) if driver else ""
        code = _run(json.dumps(told), folder, skip, limits, where)
        if code in _OVERTIME or not answer.exists():
            raise _beyond(where, code)
        try:
            sheets, error = get(answer)
        except ValueError as broken:
            raise _beyond(where, code) from broken
    if error:
        raise InputError(f"the file cannot be read: {error[:300]}", where=where, hint="save it again in a GIS")
    return sheets


@lru_cache(maxsize=1)
def _drivers() -> tuple[str, ...]:
    """All drivers of the GDAL a child would load: they register at its import, so it must know before whom to skip."""
    (sheet,) = ask("drivers", Path(sys.executable), Limits.of(0), where="GDAL")
    return tuple(str(name) for name in sheet.columns["name"])


def _run(told: str, folder: str, skip: str, limits: Limits, where: str) -> int:
    """Exit code of the child; it starts with no more of our environment than it needs."""
    command = [sys.executable, "-I", "-c", _START]
    try:
        done = subprocess.run(
            command,
            input=told,
            text=True,
            encoding="utf-8",
            cwd=folder,
            env=_ENVIRONMENT | {"GDAL_SKIP": skip},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            timeout=limits.wall_s,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise _beyond(where, 0) from error
    return done.returncode


_ENVIRONMENT = {
    "OPENBLAS_NUM_THREADS": "1",
    "OMP_NUM_THREADS": "1",
    "GDAL_NUM_THREADS": "1",
    "GDAL_PAM_ENABLED": "NO",
    "GDAL_DRIVER_PATH": "disable",
    "OGR_DRIVER_PATH": "disable",
    "GDAL_VRT_ENABLE_PYTHON": "NO",
    "CPL_VSIL_CURL_ALLOWED_EXTENSIONS": "{none}",
    "CPL_VSIL_CURL_USE_HEAD": "NO",
    "GDAL_HTTP_TIMEOUT": "1",
    "PROJ_NETWORK": "OFF",
    "CPL_DEBUG": "OFF",
}


def _beyond(where: str, code: int) -> InputError:
    what = "time" if code in _OVERTIME else "time or memory"
    message = f"reading the file takes more {what} than a file of its size should"
    return InputError(message, where=where, hint="save it again in a GIS, or split it")
