"""Writers killed at any moment: a child writes and says what it was told is kept, the parent kills it and looks.

Every content is worked out from its number alone, so whatever is found can be compared with what must be there: a
version, an entry or a file is either whole and right, or not there at all.
"""

from __future__ import annotations

import os
import random
import shutil
import signal
import time
from collections import Counter
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import shapely

from gridgeo import gpkg
from gridgeo.core.model import Plan, Table, texts
from gridgeo.io.read import read_plan
from gridgeo.io.write import write_bytes, write_plan
from gridgeo.store.digests import plan_digest
from gridgeo.store.geopackage import GeoPackageStore
from tests.instances import lattice, plan_of

NOW = "2026-11-21T09:00:00Z"
LONGEST_S = 0.06
"""A writer lives at most so long after its first word."""
FRESH = 50
"""Cycles after which a new file is begun: versions are only ever added."""
TOWN = lattice(4, 4, 100)
EDITED = "edited"
"""Note of the versions that were saved together with their entries."""
ACTS = ("save", "edit", "publish", "append", "layer", "export", "write")


def nth_plan(n: int) -> Plan:
    """Plan number n."""
    return plan_of(TOWN, (np.arange(16) * (n % 3 + 1) + n) % (2 + n % 3))


def nth_entry(n: int) -> str:
    """Journal entry number n: of different lengths, some over several pages."""
    return f"{n} " + "村x" * (n * 37 % 5000)


def nth_layer(n: int) -> Table:
    """Stations number n: as many rows as n tells."""
    rows = 1 + n % 40
    spots = np.stack([np.full(rows, 500_000.0 + n % 400), 3_400_000.0 + np.arange(rows)], 1)
    codes = texts([f"s{n}-{row}" for row in range(rows)])
    return Table(columns={"code": codes, "grid": texts(["g0"] * rows)}, geometry=shapely.points(spots))


@dataclass
class Tally:
    """What was acknowledged and what was found."""

    cycles: int = 0
    acknowledged: Counter[str] = field(default_factory=Counter)
    faults: list[str] = field(default_factory=list)

    def expect(self, true: bool, what: str) -> None:
        """Note a fault unless it is true."""
        if not true:
            self.faults.append(f"cycle {self.cycles}: {what}")


def run(folder: Path, cycles: int, rng_seed: int, told: Callable[[Tally], None] = lambda tally: None) -> Tally:
    """Kill writers `cycles` times; `told` sees the tally after each."""
    rng = random.Random(rng_seed)
    tally = Tally()
    for cycle in range(cycles):
        file = folder / "plan.gpkg"
        if cycle % FRESH == 0:
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir(parents=True)
            write_plan(nth_plan(1), file)
            GeoPackageStore(file, clock=lambda: NOW).close()
        last = _kill_one(file, rng, rng.choice(ACTS))
        tally.cycles += 1
        tally.acknowledged.update({act: len(numbers) for act, numbers in last.items()})
        _look(file, {act: numbers[-1] for act, numbers in last.items() if numbers}, tally)
        told(tally)
    return tally


def _kill_one(file: Path, rng: random.Random, favorite: str) -> dict[str, list[int]]:
    """Numbers a writer acknowledged of each act until it was killed."""
    reading, writing = os.pipe()
    slower = 4 if favorite == "export" else 1  # a whole file takes longer than a row
    seed, lives_s = rng.getrandbits(32), rng.random() * LONGEST_S * slower
    child = os.fork()
    if child == 0:
        code = 1
        try:
            os.close(reading)
            _write(file, writing, random.Random(seed), favorite)
            code = 0
        finally:
            os._exit(code)
    os.close(writing)
    heard = os.read(reading, 1)  # it is open and about to write
    time.sleep(lives_s)
    os.kill(child, signal.SIGKILL)
    with os.fdopen(reading, "rb") as pipe:
        lines = (heard + pipe.read()).decode().split("\n")
    _, status = os.waitpid(child, 0)
    if os.WIFEXITED(status):
        raise RuntimeError("the writer ended by itself")
    acknowledged: dict[str, list[int]] = {act: [] for act in ACTS}
    for line in lines[1:-1]:  # the last one may be torn, and then it was never heard
        act, _, number = line.partition(" ")
        acknowledged[act].append(int(number))
    return acknowledged


def _write(file: Path, pipe: int, rng: random.Random, favorite: str) -> None:
    """Write until killed, and say of each act that it returned."""
    store = GeoPackageStore(file)
    n = {
        "save": store.plans()[-1].version,
        "append": len(store.entries("audit")),
        "layer": int((store.territory().stations.code.tolist() or ["s0-0"])[0][1:].split("-")[0]),
        "export": _number(file.with_name("copy.txt")),
        "write": _number(file.with_name("out.txt")),
    }
    os.write(pipe, b"\n")
    while True:
        act = favorite if rng.random() < 0.6 else rng.choice(ACTS)
        if act == "edit":
            n["save"] += 1
            number = n["save"]
            _edit(store, number)
        elif act == "publish":
            number = rng.randint(max(1, n["save"] - 3), n["save"])
            store.publish("main", number, created=NOW)
        else:
            n[act] += 1
            number = n[act]
            _do(store, file, act, number)
        os.write(pipe, f"{act} {number}\n".encode())


def _edit(store: GeoPackageStore, number: int) -> None:
    """Save a version with its entries in two journals, and publish it: one transaction."""
    with store.together() as inside:
        inside.append("edits", str(number))
        inside.save_plan(nth_plan(number), id="main", created=NOW, note=EDITED, after=number - 1)
        inside.publish("main", number, created=NOW)
        inside.append("done", str(number))


def _do(store: GeoPackageStore, file: Path, act: str, number: int) -> None:
    if act == "save":
        store.save_plan(nth_plan(number), id="main", created=NOW, note="n" * (number % 3000), after=number - 1)
    elif act == "append":
        store.append("audit", nth_entry(number), after=number - 1)
    elif act == "layer":
        store.save_layer("stations", nth_layer(number))
    elif act == "export":
        write_plan(nth_plan(number), file.with_name("copy.gpkg"))
        write_bytes(nth_entry(number).encode(), file.with_name("copy.txt"))
    else:
        write_bytes(nth_entry(number).encode(), file.with_name("out.txt"))


def _number(file: Path) -> int:
    return int(file.read_text(encoding="utf-8").split()[0]) if file.exists() else 0


def _look(file: Path, last: dict[str, int], tally: Tally) -> None:
    """Compare what is there with what was acknowledged."""
    with closing(gpkg.open_gpkg(file)) as db:
        tally.expect(db.execute("PRAGMA quick_check").fetchone()[0] == "ok", "the file is damaged")
    shown = read_plan(file)
    with closing(GeoPackageStore(file)) as store:
        records = store.plans()
        versions = [record.version for record in records]
        tally.expect(versions == list(range(1, len(versions) + 1)), "versions have holes")
        tally.expect(len(versions) >= max(last.get("save", 0), last.get("edit", 0)), "an acknowledged version is lost")
        edited = tuple(str(record.version) for record in records if record.note == EDITED)
        whole = store.entries("edits") == store.entries("done") == edited
        tally.expect(whole, "an edit and its entries were kept apart")
        tally.expect(all(record.created == NOW for record in records), "the layers were not those of the publication")
        for record in records[-3:]:
            found = plan_digest(store.plan("main", record.version))
            right = plan_digest(nth_plan(record.version)) == record.digest == found
            tally.expect(right, f"version {record.version} is torn")
        tally.expect(plan_digest(shown) == plan_digest(store.plan()), "the layers are not the published plan")
        _look_at_history(store, last, tally)
        entries = store.entries("audit")
        tally.expect(len(entries) >= last.get("append", 0), "an acknowledged entry is lost")
        wrong = [n for n, text in enumerate(entries, 1) if text != nth_entry(n)]
        tally.expect(not wrong, f"entries {wrong} are torn")
        _look_at_layer(store, last, tally)
    _look_at_files(file, last, tally)


def _look_at_history(store: GeoPackageStore, last: dict[str, int], tally: Tally) -> None:
    history = [record.version for record in store.history()]
    if "edit" in last:
        tally.expect(last["edit"] in history, "an acknowledged edit was not published")
    if "publish" in last and "edit" not in last:
        # one more may have been under way
        tally.expect(last["publish"] in history[-2:], "an acknowledged publication is lost")


def _look_at_layer(store: GeoPackageStore, last: dict[str, int], tally: Tally) -> None:
    codes = store.territory().stations.code.tolist()
    if not codes:
        tally.expect("layer" not in last, "an acknowledged layer is lost")
        return
    number = int(codes[0][1:].split("-")[0])
    tally.expect(number >= last.get("layer", 0), "an acknowledged layer is lost")
    tally.expect(codes == nth_layer(number).columns["code"].tolist(), "a layer is torn")


def _look_at_files(file: Path, last: dict[str, int], tally: Tally) -> None:
    for act, name in (("write", "out.txt"), ("export", "copy.txt")):
        number = _number(file.with_name(name))
        tally.expect(number >= last.get(act, 0), f"an acknowledged {act} is lost")
        if number:
            whole = file.with_name(name).read_text(encoding="utf-8") == nth_entry(number)
            tally.expect(whole, f"{name} is torn")
    copy = file.with_name("copy.gpkg")
    if copy.exists():
        digest = plan_digest(read_plan(copy))
        known = {plan_digest(nth_plan(_number(file.with_name("copy.txt")) + more)) for more in (0, 1)}
        tally.expect(digest in known, "an exported plan is torn")
    for part in file.parent.glob(".*.part*"):  # what a killed writer leaves beside the place
        part.unlink()
