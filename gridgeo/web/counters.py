"""Counts and times of one server process, in the text format of Prometheus."""

from __future__ import annotations

import threading
from bisect import bisect_left
from collections import defaultdict

BOUNDS_S = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0)
"""Upper ends of the classes of answering times, seconds."""


class Metrics:
    """Requests by route, method and status, and how long they took.

    Examples
    --------
    >>> metrics = Metrics()
    >>> metrics.count("GET", "/plans", 200, 0.004)
    >>> [line for line in metrics.lines("7") if line.startswith("gridgeo_requests_total")]
    ['gridgeo_requests_total{worker="7",method="GET",route="/plans",status="200"} 1']
    """

    def __init__(self) -> None:
        self._requests: defaultdict[tuple[str, str, int], int] = defaultdict(int)
        self._times: dict[str, list[float]] = {}
        self._lock = threading.Lock()

    def count(self, method: str, route: str, status: int, seconds: float) -> None:
        """Count one answered request."""
        at = bisect_left(BOUNDS_S, seconds)
        with self._lock:
            self._requests[method, route, status] += 1
            times = self._times.get(route)
            if times is None:
                times = self._times[route] = [0.0] * (len(BOUNDS_S) + 2)
            times[at] += 1
            times[-1] += seconds

    def lines(self, worker: str) -> list[str]:
        """Everything counted, in the text format of Prometheus; `worker` names the process."""
        with self._lock:
            requests = sorted(self._requests.items())
            times = {route: list(values) for route, values in sorted(self._times.items())}
        out = head("gridgeo_requests_total", "counter", "Requests answered.")
        for (method, route, status), number in requests:
            told = labels(worker=worker, method=method, route=route, status=str(status))
            out.append(f"gridgeo_requests_total{told} {number}")
        out += head("gridgeo_request_seconds", "histogram", "How long answers took.")
        for route, (*counts, total) in times.items():
            out += _histogram(worker, route, counts, total)
        return out


def _histogram(worker: str, route: str, counts: list[float], total: float) -> list[str]:
    name, running, out = "gridgeo_request_seconds", 0, []
    for bound, number in zip([*map(str, BOUNDS_S), "+Inf"], counts, strict=True):
        running += int(number)
        out.append(f"{name}_bucket{labels(worker=worker, route=route, le=bound)} {running}")
    told = labels(worker=worker, route=route)
    return [*out, f"{name}_sum{told} {total:.6f}", f"{name}_count{told} {running}"]


def head(name: str, kind: str, text: str) -> list[str]:
    """What a metric is, before its values."""
    return [f"# HELP {name} {text}", f"# TYPE {name} {kind}"]


def labels(**named: str) -> str:
    """Labels in braces, with what the format reserves escaped."""

    def quoted(value: str) -> str:
        return value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")

    return "{" + ",".join(f'{name}="{quoted(value)}"' for name, value in named.items()) + "}"
