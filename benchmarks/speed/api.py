"""Requests a second of the service on loopback, under the server that users run; bounded in time.

Each row is one kind of request on one project. `cpu_us` is the server's own CPU time for a request, which other load on
the machine does not change; `per_s` is what the client saw. With peers, the floor below everything is shown too: a bare
Flask application of one constant answer under the same server.
"""

from __future__ import annotations

import os
import selectors
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory, TemporaryFile
from typing import Any

import numpy as np

from benchmarks import files_in
from benchmarks.speed import api_peers
from gridgeo.settings import Settings

CONNECTIONS = 4
SAID = 4_000
"""Last bytes of what a failed server said that are shown."""
WORKERS = (1, 2)
SERVE = "from gridgeo.settings import Settings; from gridgeo.web.serve import serve; serve(Settings.from_env())"
FLOOR = """
import sys
from granian import Granian
from granian.constants import Interfaces
Granian("benchmarks.speed.api:floor", port=int(sys.argv[1]), interface=Interfaces.WSGI, factory=True,
        blocking_threads=2, log_enabled=False).serve()
"""


def run(paths: list[Path], seconds: float | None, peers: bool) -> list[dict[str, object]]:
    """Measure every plan file of the paths, or a made plan of 1,024 grids; `seconds` for each kind of request."""
    seconds = seconds or 3.0
    files = files_in(paths, ".gpkg")
    rows = []
    with TemporaryDirectory() as folder:
        for file in files or [_made(Path(folder))]:
            for workers in WORKERS:
                with _server([sys.executable, "-c", SERVE], project=str(file), workers=workers) as (port, pid):
                    features = _features(port)
                    told = {"instance": file.stem, "workers": workers}
                    rows += [told | row for row in _measure(port, pid, features, seconds)]
            if peers and api_peers.PYTHON:
                rows += [{"instance": f"{file.stem} pygeoapi", **row} for row in _peer(features, Path(folder), seconds)]
    if peers:
        port = _free_port()
        with _server([sys.executable, "-c", FLOOR, str(port)], port=port) as (_, pid):
            rows.append({"instance": "bare Flask", "request": "constant", **_load(port, pid, [_get("/")], seconds)})
    return rows


def floor() -> Any:
    """A Flask application with one constant answer."""
    from flask import Flask, Response

    app = Flask(__name__)
    app.add_url_rule("/", "constant", lambda: Response(b'{"ok":true}', content_type="application/json"))
    return app


def _made(folder: Path) -> Path:
    """A plan file of 1,024 grids on a lattice of 4,096 atoms."""
    from gridgeo.io.write import write_plan
    from tests.instances import lattice, plan_of

    row, column = np.divmod(np.arange(64 * 64), 64)
    path = folder / "lattice-1024.gpkg"
    write_plan(plan_of(lattice(64, 64, 100), row // 2 * 32 + column // 2), path)
    return path


def _features(port: int) -> list[dict[str, Any]]:
    import json
    from urllib.request import urlopen

    for _ in range(8):  # the last of what every worker works out ahead, so that it is not counted to the requests
        with urlopen(f"http://127.0.0.1:{port}/coverage", timeout=60) as reply:
            reply.read()
    with urlopen(f"http://127.0.0.1:{port}/collections/grids/items?limit=10000", timeout=60) as reply:
        features: list[dict[str, Any]] = json.load(reply)["features"]
        return features


def _peer(features: list[dict[str, Any]], folder: Path, seconds: float) -> Iterator[dict[str, object]]:
    """The same questions to pygeoapi."""
    port = _free_port()
    kinds = {
        "10 items": [_get(f"/collections/grids/items?f=json&limit=10&offset={i}") for i in range(0, len(features), 7)],
        "one item": [_get(f"/collections/grids/items/{feature['id']}?f=json") for feature in features],
    }
    with _server(api_peers.command_for(features, port, folder), port=port) as (_, pid):
        for name, requests in kinds.items():
            yield {"request": name, **_load(port, pid, requests, seconds)}


def _measure(port: int, pid: int, features: list[dict[str, Any]], seconds: float) -> Iterator[dict[str, object]]:
    points = [feature["properties"]["point"] for feature in features]
    boxes = [(x - 1e-3, y - 1e-3, x + 1e-3, y + 1e-3) for x, y in points]
    kinds = {
        "locate": [_get(f"/locate?point={x},{y}") for x, y in points],
        "10 items": [_get(f"/collections/grids/items?limit=10&offset={i}") for i in range(0, len(points), 7)],
        "10 items in a box": [_get(f"/collections/grids/items?bbox={','.join(map(str, box))}") for box in boxes],
        "one item": [_get(f"/collections/grids/items/{feature['id']}") for feature in features],
        "health": [_get("/healthz")],
    }
    for name, requests in kinds.items():
        yield {"request": name, **_load(port, pid, requests, seconds)}


def _get(path: str) -> bytes:
    return f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n".encode()


def _load(port: int, pid: int, requests: list[bytes], seconds: float) -> dict[str, object]:
    """Keep a few connections busy for some seconds."""
    _drive(port, requests, min(0.5, seconds / 4))  # warm up
    before = _cpu_s(pid)
    took, bad, elapsed = _drive(port, requests, seconds)
    cpu = _cpu_s(pid) - before
    p50, p99 = np.quantile(took, [0.5, 0.99]) * 1000
    return {
        "per_s": round(len(took) / elapsed),
        "cpu_us": round(cpu / len(took) * 1e6, 1),
        "p50_ms": round(float(p50), 2),
        "p99_ms": round(float(p99), 2),
        "bad": bad,
        "requests": len(took),
        "server_mib": _memory_mib(pid),
    }


def _drive(port: int, requests: list[bytes], seconds: float) -> tuple[list[float], int, float]:
    """Seconds each answer took, how many were not 200, and the time all of it took."""
    chooser = selectors.DefaultSelector()
    sent, buffers = {}, {}
    number, took, bad = 0, [], 0
    start = now = time.perf_counter()
    for _ in range(CONNECTIONS):
        line = socket.create_connection(("127.0.0.1", port))
        line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        chooser.register(line, selectors.EVENT_READ)
        line.sendall(requests[number % len(requests)])
        sent[line], buffers[line], number = now, b"", number + 1
    while now - start < seconds:
        for key, _ in chooser.select(1.0):
            line: Any = key.fileobj
            buffers[line] += line.recv(1 << 18)
            if not _whole(buffers[line]):
                continue
            now = time.perf_counter()
            took.append(now - sent[line])
            bad += not buffers[line].startswith(b"HTTP/1.1 200")
            line.sendall(requests[number % len(requests)])
            sent[line], buffers[line], number = now, b"", number + 1
        now = time.perf_counter()
    for line in sent:
        line.close()
    return took, bad, now - start


def _whole(reply: bytes) -> bool:
    head, mark, body = reply.partition(b"\r\n\r\n")
    at = head.lower().find(b"content-length:")
    return bool(mark) and at >= 0 and len(body) >= int(head[at + 15 :].split(b"\r\n", 1)[0])


def _cpu_s(pid: int) -> float:
    """CPU seconds of a process and its children, from the kernel."""
    ticks = os.sysconf("SC_CLK_TCK")
    total = 0.0
    for process in [pid, *_children(pid)]:
        fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
        total += (int(fields[11]) + int(fields[12])) / ticks
    return total


def _children(pid: int) -> list[int]:
    text = Path(f"/proc/{pid}/task/{pid}/children").read_text()
    return [int(child) for child in text.split()]


def _memory_mib(pid: int) -> int:
    """Resident memory of the largest process under this one."""
    found = []
    for child in _children(pid):
        status = Path(f"/proc/{child}/status").read_text()
        found += [int(line.split()[1]) // 1024 for line in status.splitlines() if line.startswith("VmRSS")]
    return max(found, default=0)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def _server(command: list[str], *, project: str = "", port: int = 0, **more: Any) -> Iterator[tuple[int, int]]:
    """A server process on loopback: its port and its number. What it says is shown only when something fails."""
    port = port or _free_port()
    environment = {**os.environ, **Settings(project=project, port=port, **more).to_env()}
    with TemporaryFile() as said:
        server = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=said)
        try:
            _await(server, port)
            yield port, server.pid
        except BaseException:
            said.seek(0)
            sys.stderr.write(said.read()[-SAID:].decode(errors="replace"))
            raise
        finally:
            server.send_signal(signal.SIGTERM)
            server.wait(20)


def _await(server: subprocess.Popen[bytes], port: int) -> None:
    """Return once a server takes connections, after a minute at the latest."""
    for _ in range(600):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        if server.poll() is not None:
            raise RuntimeError(f"the server ended with {server.returncode}")
        time.sleep(0.1)
