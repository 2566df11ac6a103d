"""The writing side of the service on loopback: edits answered, startup, memory, dismissal; at 100,000 atoms.

An edit is a batch of moves sent as JSON, carried out, proven and kept on disk, as a planner's map page sends it. The
times are what the client saw, `cpu_ms` is the server's own processor time for an edit, refused ones included;
`startup_s` runs from the start of the process until its first answer, `memory_mib` is the resident memory of the
worker after reads and edits, of the larger one of two. Edits come over one connection, which one worker answers.
"""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Iterator
from http.client import HTTPConnection
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

from benchmarks import files_in
from benchmarks.speed.api import SERVE, _memory_mib, _server

SIDE, GRIDS = 316, 771
EDITS = 100


def run(paths: list[Path], seconds: float | None, peers: bool) -> list[dict[str, object]]:
    """Measure every plan file of the paths, or a made plan of 771 grids; `peers` are not known for this."""
    files = files_in(paths, ".gpkg")
    rows: list[dict[str, object]] = []
    with TemporaryDirectory() as folder:
        for file in files or [_made(Path(folder))]:
            copied = Path(folder) / f"copy-{file.name}"
            copied.write_bytes(file.read_bytes())
            began = time.monotonic()
            with _server([sys.executable, "-c", SERVE], project=str(copied), log="warning") as (port, pid):
                _ask(HTTPConnection("127.0.0.1", port, timeout=120), "GET", "/readyz")
                startup, spent = time.monotonic() - began, _cpu_s(pid)
                begun = {"instance": file.stem, "startup_s": round(startup, 2), "startup_cpu_s": round(spent, 2)}
                rows.append(begun | _measured(port, pid))
    return rows


def _made(folder: Path) -> Path:
    """A plan of 771 grids, each a piece of a band four blocks high, on a lattice of 99,856 atoms."""
    from gridgeo.io.write import write_plan
    from tests.instances import lattice, plan_of

    row, column = np.divmod(np.arange(SIDE * SIDE), SIDE)
    bands = SIDE // 4
    pieces = np.full(bands, GRIDS // bands)
    pieces[: GRIDS % bands] += 1
    first = np.concatenate([[0], np.cumsum(pieces)])
    label = first[row // 4] + column * pieces[row // 4] // SIDE
    path = folder / f"lattice-{GRIDS}.gpkg"
    write_plan(plan_of(lattice(SIDE, SIDE, 4), label), path)
    return path


def _measured(port: int, pid: int) -> dict[str, object]:
    line = HTTPConnection("127.0.0.1", port, timeout=120)
    spent = _cpu_s(pid)
    times = sorted(_edits(line))
    spent = (_cpu_s(pid) - spent) * 1000 / max(1, len(times))
    publish, shown = _published(line)
    _ask(line, "GET", "/collections/grids/items?limit=10000")
    _ask(line, "GET", "/plans/main/collections/grids/items?limit=10")
    return {
        "edits": len(times),
        "first_ms": round(times[-1], 1),
        "p50_ms": round(times[len(times) // 2], 1),
        "cpu_ms": round(spent, 1),
        "p95_ms": round(times[int(len(times) * 0.95)], 1),
        "publish_ms": round(publish, 1),
        "shown_ms": round(shown, 1),
        "dismiss_ms": round(_dismissed(line), 1),
        "memory_mib": _memory_mib(pid),
    }


def _edits(line: HTTPConnection) -> Iterator[float]:
    """Milliseconds of one edit after the other: atoms at a border go over and come back."""
    _, labels, _ = _ask(line, "GET", "/plans/main/labels")
    grid = labels["labels"]
    codes = list(grid)
    _, _, tag = _ask(line, "GET", "/plans/main")
    rng = np.random.default_rng(1)
    done = 0
    for at in rng.permutation(len(codes) - 1).tolist():
        one, other = codes[at], codes[at + 1]
        if grid[one] == grid[other]:
            continue
        body = {"edits": [{"op": "move", "atoms": [one], "to": grid[other]}]}
        began = time.perf_counter()
        status, answer, new = _ask(line, "POST", "/plans/main/edits", body, {"If-Match": tag})
        took = (time.perf_counter() - began) * 1000
        if status != 201:  # a move that would tear a grid
            continue
        assert answer["certificate"]["complete"]
        grid[one], tag = grid[other], new
        yield took
        done += 1
        if done == EDITS:
            return


def _published(line: HTTPConnection) -> tuple[float, float]:
    """Milliseconds until the edited plan is published, and until its first grids are read."""
    version = _ask(line, "GET", "/plans/main")[1]["version"]
    began = time.perf_counter()
    status, told, _ = _ask(line, "POST", "/plans/main/publish", {"version": version})
    done = time.perf_counter()
    assert status == 200 and told["published"], told
    _ask(line, "GET", "/collections/grids/items?limit=10")
    return (done - began) * 1000, (time.perf_counter() - done) * 1000


def _dismissed(line: HTTPConnection) -> float:
    """Milliseconds from asking a running job to end until the answer that it is dismissed."""
    body = {"inputs": {"seconds": 600, "id": "job", "publish": False, "households": [300, 500]}}
    _, job, _ = _ask(line, "POST", "/processes/draw/execution", body, {"Prefer": "respond-async"})
    path = f"/jobs/{job['jobID']}"
    while _ask(line, "GET", path)[1]["status"] == "accepted":
        time.sleep(0.1)
    time.sleep(5)
    began = time.perf_counter()
    status, told, _ = _ask(line, "DELETE", path)
    assert status == 200 and told["status"] == "dismissed", told
    return (time.perf_counter() - began) * 1000


def _ask(
    line: HTTPConnection, method: str, path: str, body: Any = None, headers: dict[str, str] | None = None
) -> tuple[int, Any, str]:
    data = None if body is None else json.dumps(body)
    line.request(method, path, data, {"Content-Type": "application/json", **(headers or {})})
    reply = line.getresponse()
    return reply.status, json.loads(reply.read()), reply.headers.get("ETag", "")


def _cpu_s(pid: int) -> float:
    """Processor seconds of a process and those it started."""
    total = 0
    for one in (str(pid), *_children(pid)):
        fields = Path(f"/proc/{one}/stat").read_text().rpartition(")")[2].split()
        total += int(fields[11]) + int(fields[12])
    return total / os.sysconf("SC_CLK_TCK")


def _children(pid: int) -> list[str]:
    return Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
