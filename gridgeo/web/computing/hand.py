"""A process that computes: killed without harm to the server, capped in memory, stopped when nobody wants its answer.

Parent and child talk over pipes in frames: eight bytes of length, then a pickle. The territory travels once and is
named afterwards, so an answer that holds a plan costs its labels only.
"""

from __future__ import annotations

import io
import os
import pickle
import select
import struct
import subprocess
import sys
import threading
import time
import traceback
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from typing import IO, Any

import numpy as np
import shapely

from gridgeo.core.model import Objects, Plan, Progress, Territory, geometries, texts
from gridgeo.errors import BackendError, GridgeoError
from gridgeo.web.computing.verbs import VERBS, WHOLE, Done, World

POLL_S = 0.05
"""How often a running task looks whether it is still wanted."""
YIELD_S = 30.0
"""How long a task asked to stop may take to hand over its best before it is killed."""
WHOLE_S = 5.0
"""The same for a task with nothing half done to hand over: it may be a breath away, or have begun late."""
_HEAD = struct.Struct("<Q")
_TELL_S = 0.2


class Lost(BackendError):
    """The computing process ended before its answer."""

    code = "lost"


class _Told(Exception):
    """An error that came as the answer of the child, which waits for its next task."""

    def __init__(self, error: Exception) -> None:
        super().__init__(error)
        self.error = error


class Hand:
    """One computing process, started when first needed, one task at a time.

    Parameters
    ----------
    memory_mb
        Memory the process may take, MiB; 0 for no limit.
    """

    def __init__(self, memory_mb: int = 0) -> None:
        self._memory_mb = memory_mb
        self._process: subprocess.Popen[bytes] | None = None
        self._land: Territory | None = None
        self._lock = threading.Lock()

    def run(
        self, verb: str, world: World, inputs: Any, *, seconds: float, wanted: Callable[[], bool], progress: Progress
    ) -> Done:
        """Compute a verb; the best so far when time is up or the answer is no longer wanted.

        Raises
        ------
        GridgeoError
            What the verb raises.
        Lost
            The process was killed, ran out of memory, or did not stop in time.
        """
        with self._lock:
            try:
                process = self._ready(world.territory)
                task = (verb, replace(world, territory=None), inputs, seconds)  # type: ignore[arg-type]
                self._send(process, task)
                grace = WHOLE_S if verb in WHOLE else YIELD_S
                return self._listen(process, seconds, grace, wanted, progress)
            except (OSError, EOFError, pickle.UnpicklingError) as error:
                self._end()
                raise Lost("the computing process ended before its answer", hint="ask for less at a time") from error
            except _Told as told:
                raise told.error from None
            except BaseException:
                self._end()  # the answer of this task must not be taken for the answer of the next one
                raise

    def close(self) -> None:
        """End the process, whatever it does."""
        self._end()

    def _ready(self, land: Territory) -> subprocess.Popen[bytes]:
        """The process, with this territory at hand."""
        if self._process is None or self._process.poll() is not None:
            code = f"from gridgeo.web.computing.hand import main; main({self._memory_mb})"
            command = [sys.executable, "-P", "-c", code]  # no module of the folder it is started in
            self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, bufsize=0)
            self._land = None
        if self._land is not land:
            assert self._process.stdin is not None
            _write(self._process.stdin, _dumps(land, None))
            self._land = land
        return self._process

    def _send(self, process: subprocess.Popen[bytes], task: Any) -> None:
        assert process.stdin is not None
        _write(process.stdin, _dumps(task, self._land))

    def _listen(
        self,
        process: subprocess.Popen[bytes],
        seconds: float,
        grace: float,
        wanted: Callable[[], bool],
        progress: Progress,
    ) -> Done:
        """Frames of the child until its answer, or until `grace` seconds after it should have stopped."""
        out = process.stdout
        assert out is not None
        end = time.monotonic() + seconds + grace
        asked = False
        while True:
            if not asked and not wanted():
                asked, end = True, min(end, time.monotonic() + grace)
                self._send(process, "stop")
            if time.monotonic() > end:
                raise Lost("there was no answer in time", hint="ask for less at a time, or send Prefer: respond-async")
            if not select.select([out], [], [], POLL_S)[0]:
                continue
            kind, value = _loads(_read(out), self._land)
            if kind == "progress":
                progress(*value)
            elif kind == "done":
                return value  # type: ignore[no-any-return]
            elif kind == "error":
                raise _Told(value)
            elif kind == "failed":
                raise _Told(RuntimeError(value))
            else:
                raise Lost(value, hint="ask for less at a time")

    def _end(self) -> None:
        process, self._process, self._land = self._process, None, None
        if process is not None:
            process.kill()
            process.wait()
            for pipe in (process.stdin, process.stdout):
                with suppress(OSError):
                    pipe.close()  # type: ignore[union-attr]


class _Pickler(pickle.Pickler):
    """Pickles with the territory left out: the other side has it."""

    def __init__(self, file: IO[bytes], land: Territory | None) -> None:
        super().__init__(file, protocol=5)
        self._land = land

    def persistent_id(self, thing: Any) -> str | None:
        """Name of the territory; everything else is written out."""
        return "land" if thing is self._land and thing is not None else None

    def reducer_override(self, thing: Any) -> Any:
        """Texts and shapes in one piece, plans with their polygons if worked out, errors with all their members."""
        if isinstance(thing, np.ndarray) and thing.dtype == object:
            return _packed(thing)
        if type(thing) is Plan:
            shapes = vars(thing).get("geometry")  # dissolved once is enough
            return _plan, (thing.territory, thing.label, thing.grids, thing.band, thing.notices, shapes)
        if isinstance(thing, GridgeoError):
            return _error, (type(thing), thing.args, dict(vars(thing)))
        return NotImplemented


def _packed(column: Objects) -> Any:
    """How to pickle a column of texts or shapes: a hundred thousand objects one by one would double the memory."""
    if len(column) and all(isinstance(value, str) for value in column):
        joined = "\0".join(column)
        return (_texts, (joined,)) if joined.count("\0") == len(column) - 1 else NotImplemented
    if len(column) and shapely.is_geometry(column).all():
        blobs = shapely.to_wkb(column)
        sizes = np.fromiter(map(len, blobs), np.int64, len(blobs))
        return _shapes, (b"".join(blobs), sizes)
    return NotImplemented


def _texts(joined: str) -> Objects:
    return texts(joined.split("\0"))


def _shapes(joined: bytes, sizes: Any) -> Objects:
    ends = np.cumsum(sizes).tolist()
    return geometries(shapely.from_wkb([joined[a:b] for a, b in zip([0, *ends], ends, strict=False)]))


def _plan(territory: Territory, label: Any, grids: Any, band: Any, notices: Any, shapes: Objects | None) -> Plan:
    plan = Plan(territory=territory, label=label, grids=grids, band=band, notices=notices)
    if shapes is not None:
        plan.__dict__["geometry"] = shapes  # where cached_property keeps its value
    return plan


def _error(kind: type[GridgeoError], args: tuple[Any, ...], members: dict[str, Any]) -> GridgeoError:
    error = kind.__new__(kind, *args)
    vars(error).update(members)
    return error


class _Unpickler(pickle.Unpickler):
    def __init__(self, file: IO[bytes], land: Territory | None) -> None:
        super().__init__(file)
        self._land = land

    def persistent_load(self, name: Any) -> Any:
        """The territory of this side."""
        return self._land


def _dumps(value: Any, land: Territory | None) -> bytes:
    file = io.BytesIO()
    _Pickler(file, land).dump(value)
    return file.getvalue()


def _loads(data: bytes, land: Territory | None) -> Any:
    return _Unpickler(io.BytesIO(data), land).load()


def _write(pipe: IO[bytes], data: bytes) -> None:
    pipe.write(_HEAD.pack(len(data)))
    pipe.write(data)
    pipe.flush()


def _read(pipe: IO[bytes]) -> bytes:
    """One frame.

    Raises
    ------
    EOFError
        The other side is gone.
    """
    head = _exactly(pipe, _HEAD.size)
    return _exactly(pipe, _HEAD.unpack(head)[0])


def _exactly(pipe: IO[bytes], size: int) -> bytes:
    """So many bytes, and none more: what waits in the pipe must be seen by `select`."""
    parts: list[bytes] = []
    while size:
        part = pipe.read(min(size, 1 << 20))
        if not part:
            raise EOFError
        parts.append(part)
        size -= len(part)
    return b"".join(parts)


class _Wanted:
    """Stop rule of the child: its time is up, or anything comes down the pipe, which is the word or the end."""

    def __init__(self, pipe: int, seconds: float) -> None:
        self._pipe = pipe
        self._end = time.monotonic() + seconds
        self._over = False

    def __call__(self) -> bool:
        """Whether to stop."""
        self._over = self._over or time.monotonic() >= self._end or bool(select.select([self._pipe], [], [], 0)[0])
        return self._over


class _Teller:
    """Progress of the child, told a few times a second at most."""

    def __init__(self, pipe: IO[bytes]) -> None:
        self._pipe = pipe
        self._last = 0.0

    def __call__(self, stage: str, share: float) -> None:
        """Tell the parent."""
        now = time.monotonic()
        if now - self._last >= _TELL_S:
            self._last = now
            _write(self._pipe, pickle.dumps(("progress", (stage, min(1.0, float(share))))))


def main(memory_mb: int) -> None:
    """The child: read tasks, compute, answer, until the parent is gone."""
    pipe_in = os.fdopen(os.dup(0), "rb", buffering=0)
    pipe_out = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what solvers print must not get between the frames
    _cap(memory_mb)
    land: Territory | None = None
    with suppress(EOFError, BrokenPipeError, KeyboardInterrupt):
        while True:
            task = _loads(_read(pipe_in), land)
            if isinstance(task, Territory):
                land = task
            elif task != "stop":  # a word that came too late
                assert land is not None
                _write(pipe_out, _dumps(_answer(task, land, pipe_in.fileno(), _Teller(pipe_out)), land))


def _answer(task: Any, land: Territory, pipe: int, progress: Progress) -> tuple[str, Any]:
    """What to tell the parent of a task: the answer, our own error, or in one line what failed."""
    verb, world, inputs, seconds = task
    try:
        return "done", VERBS[verb](replace(world, territory=land), inputs, _Wanted(pipe, seconds), progress)
    except GridgeoError as error:
        return "error", error
    except MemoryError:
        return "lost", "the computing process ran out of memory"
    except Exception:
        return "failed", traceback.format_exc()


def _cap(memory_mb: int) -> None:
    """Let this process take so much memory and no more."""
    if memory_mb:
        with suppress(ImportError, ValueError, OSError):
            import resource

            resource.setrlimit(resource.RLIMIT_DATA, (memory_mb * 2**20, memory_mb * 2**20))
