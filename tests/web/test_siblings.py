"""Workers of one server: what they count together, and what each tells of the others."""

from __future__ import annotations

import subprocess
import sys
import threading

import pytest

from gridgeo.settings import Settings
from gridgeo.web.app import create_app
from gridgeo.web.computing.book import me
from gridgeo.web.limits import SETS, WAYS, Buckets
from gridgeo.web.problems import TooManyError
from gridgeo.web.siblings import Siblings

SPEND = "from pathlib import Path; from gridgeo.web.limits import Buckets; "


def test_a_rate_counts_over_all_processes(tmp_path):
    """What one process let through another one counts: together they let through one bucket, and no more."""
    file = tmp_path / "callers"
    buckets = Buckets(1e-9, file=file)
    spend = f"b = Buckets(1e-9, file=Path({str(file)!r})); print([b.wait('key') for _ in range(9)].count(0.0))"
    others = [subprocess.Popen([sys.executable, "-c", SPEND + spend], stdout=subprocess.PIPE) for _ in range(2)]
    mine = [buckets.wait("key") for _ in range(9)].count(0.0)
    assert mine + sum(int(other.communicate()[0]) for other in others) == 10
    with pytest.raises(TooManyError):
        buckets.take("key")
    assert buckets.wait("another") == 0.0


def test_threads_share_a_bucket():
    """Many threads at one bucket take what it holds, once."""
    buckets, passed = Buckets(1e-9), []
    threads = [threading.Thread(target=lambda: passed.append(buckets.wait("key"))) for _ in range(40)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert passed.count(0.0) == 10


def test_the_longest_unused_bucket_is_let_go():
    """More names than there are places: those that ask are still counted, who has not asked for long starts full."""
    at = [0.0]
    buckets = Buckets(1e-9, clock=lambda: at[0])
    assert [buckets.wait("early") for _ in range(10)].count(0.0) == 10
    for number in range(4 * SETS * WAYS):
        at[0] += 1.0
        assert buckets.wait(f"name {number}") == 0.0
    assert buckets.wait("early") == 0.0


def test_any_worker_tells_the_counts_of_all(tmp_path, store, hand):
    """Metrics name every worker that lives, each description once; one that is gone is no longer told."""
    client = create_app(Settings(shared=str(tmp_path)), store, hand).test_client()
    host, pid, began = me().split(":")
    said = ["# HELP gridgeo_requests_total Requests answered.", "# TYPE gridgeo_requests_total counter"]
    (tmp_path / f"{host}:1:{_began_of_first()}.counts").write_text(
        "\n".join([*said, 'gridgeo_requests_total{worker="1",method="GET"} 5'])
    )
    (tmp_path / f"{host}:{pid}:{int(began) + 1}.counts").write_text("\n".join([*said, 'gone{worker="2"} 1']))
    client.get("/plans")
    lines = client.get("/metrics").text.splitlines()
    assert lines.count(said[0]) == 1 and 'gridgeo_requests_total{worker="1",method="GET"} 5' in lines
    assert any(f'worker="{pid}",method="GET",route="/plans"' in line for line in lines)
    assert not any(line.startswith("gone") for line in lines)


def _began_of_first() -> str:
    """When the first process of this machine began, which lives as long as it does."""
    from gridgeo.web.computing.book import _began

    return _began(1)


def test_what_a_worker_counted_is_read_by_another(tmp_path):
    """A worker writes its counts where the others find them; without a folder nothing is written or found."""
    code = (
        "import sys; from gridgeo.web.siblings import Siblings; "
        f"Siblings({str(tmp_path)!r}).write(['a 1']); print(flush=True); sys.stdin.read()"
    )
    with subprocess.Popen([sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as other:
        other.stdout.readline()
        assert Siblings(str(tmp_path)).others() == [["a 1"]]
        other.stdin.close()
    assert Siblings(str(tmp_path)).others() == []
    Siblings("").write(["b 1"])
    assert Siblings("").others() == []
