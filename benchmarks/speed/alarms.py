"""Alarms at a fixed rate over loopback, under the server that users run; bounded in time.

Requests go out when they are due, whether or not earlier ones were answered, and waiting counts from the due time: a
server that stalls cannot hide it. `cpu_us` is the server's own CPU time for a request. The row "health" asks the same
server for next to nothing at the same rate: what the machine and this client add to every answer.
"""

from __future__ import annotations

import json
import selectors
import socket
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

from benchmarks import files_in
from benchmarks.speed.api import SERVE, WORKERS, _cpu_s, _get, _server, _whole
from benchmarks.speed.dispatch import STREETS, _made, people_on, streets_of
from gridgeo.core.model import Territory
from gridgeo.io.crs import lonlat

RATE = 200
CONNECTIONS = 16


def run(paths: list[Path], seconds: float | None, peers: bool) -> list[dict[str, object]]:
    """POST /alarms at 200 a second with one worker and two, on made streets of 60,000 nodes or those of given files."""
    cases = [(path.stem, people_on(streets_of(path), 500, 5_000)) for path in files_in(paths, *STREETS)]
    return [
        row
        for name, territory in cases or [("lattice 60k", _made(500, 5_000, 24_500, 100))]
        for row in _measure(name, territory, seconds or 10.0)
    ]


def _measure(name: str, territory: Territory, seconds: float) -> list[dict[str, object]]:
    from gridgeo.io.write import write_territory

    low, high = territory.streets.node_xy.min(0), territory.streets.node_xy.max(0)
    points = lonlat(np.random.default_rng(1).uniform(low, high, (1_000, 2)), territory.crs)
    rows: list[dict[str, object]] = []
    with TemporaryDirectory() as folder:
        file = Path(folder) / "town.gpkg"
        write_territory(territory, file)
        for workers in WORKERS:
            told = {"instance": name, "nodes": territory.streets.nodes, "workers": workers}
            with _server([sys.executable, "-c", SERVE], project=str(file), workers=workers) as (port, pid):
                _drive(port, [_post({"point": points[0]})], RATE, 2 * CONNECTIONS / RATE)  # the first builds the desk
                rows += [told | row for row in _kinds(port, pid, points, seconds)]
    return rows


def _kinds(port: int, pid: int, points: Sequence[Any], seconds: float) -> Iterator[dict[str, object]]:
    """A request for next to nothing, and alarms with and without walking lines."""
    kinds = {"health": [_get("/healthz")]} | {
        kind: [_post({"point": point, "max_walk_s": 1800, "routes": routes}) for point in points]
        for kind, routes in (("alarm with routes", True), ("alarm", False))
    }
    for kind, requests in kinds.items():
        _drive(port, requests, RATE, min(2.0, seconds / 4))
        before = _cpu_s(pid)
        took, bad = _drive(port, requests, RATE, seconds)
        cpu = round((_cpu_s(pid) - before) / len(took) * 1e6)
        yield {"request": kind, "cpu_us": cpu} | _told(took, bad)


def _told(took: list[float], bad: int) -> dict[str, object]:
    p50, p99 = np.quantile(took, [0.5, 0.99]) * 1000
    return {
        "rate": RATE,
        "requests": len(took),
        "bad": bad,
        "p50_ms": round(float(p50), 2),
        "p99_ms": round(float(p99), 2),
        "max_ms": round(max(took) * 1000, 2),
    }


def _post(body: dict[str, Any]) -> bytes:
    data = json.dumps(body).encode()
    head = f"POST /alarms HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nContent-Length: {len(data)}"
    return head.encode() + b"\r\n\r\n" + data


def _drive(port: int, requests: list[bytes], rate: float, seconds: float) -> tuple[list[float], int]:
    """Seconds from due time to whole answer for every request, and how many were not answered with 200."""
    chooser = selectors.DefaultSelector()
    idle: list[Any] = []
    for _ in range(CONNECTIONS):
        line = socket.create_connection(("127.0.0.1", port))
        line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        chooser.register(line, selectors.EVENT_READ)
        idle.append(line)
    lines, due, buffers = list(idle), {}, dict.fromkeys(idle, b"")
    took: list[float] = []
    bad, sent, total = 0, 0, max(int(rate * seconds), 1)
    start = time.perf_counter()
    while len(took) < total:
        now = time.perf_counter()
        while sent < total and idle and start + sent / rate <= now:
            line = idle.pop()
            due[line], buffers[line] = start + sent / rate, b""
            line.sendall(requests[sent % len(requests)])
            sent += 1
        wait = start + sent / rate - now if sent < total and idle else 1.0
        for key, _ in chooser.select(max(wait, 0.0)):
            line = key.fileobj
            buffers[line] += line.recv(1 << 18)
            if _whole(buffers[line]):
                took.append(time.perf_counter() - due[line])
                bad += not buffers[line].startswith(b"HTTP/1.1 200")
                idle.append(line)
    for line in lines:
        line.close()
    return took, bad
