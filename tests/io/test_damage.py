"""Files damaged anywhere end in an error of ours, or are still read; never in anything else."""

from __future__ import annotations

import random
import shutil

import geopandas
import pytest
import shapely

from gridgeo.errors import GridgeoError
from gridgeo.io.formats import read_layers
from gridgeo.io.read import read_cover, read_either
from gridgeo.io.write import write_plan
from tests.effort import examples
from tests.instances import lattice, plan_of


def damaged(content: bytes, seed: int) -> bytes:
    """The content with some bytes changed, a stretch overwritten, or its end cut off."""
    rng = random.Random(seed)
    out = bytearray(content)
    for _ in range(rng.choice([1, 3, 10, 50])):
        at = rng.randrange(len(out))
        what = rng.random()
        if what < 0.7:
            out[at] = rng.randrange(256)
        elif what < 0.95:
            out[at : at + 20] = rng.randbytes(len(out[at : at + 20]))
        else:
            del out[at + 1 :]
    return bytes(out)


COPIES = examples(120)


@pytest.mark.parametrize("read", [read_either, read_cover])
def test_damaged_plan_files(tmp_path, read):
    """Damaged copies of a plan file give a plan or a GridgeoError."""
    path = tmp_path / "p.gpkg"
    write_plan(plan_of(lattice(2, 2), [0, 0, 1, 1]), path)
    content = path.read_bytes()
    refused = 0
    for seed in range(COPIES):
        path.write_bytes(damaged(content, seed))
        try:
            read(path)
        except GridgeoError:
            refused += 1
    assert refused > COPIES // 12


def copies(name: str) -> int:
    """How many damaged copies are tried: shapefiles start a process for each."""
    return {"t.geojson": COPIES // 2, "t.parquet": COPIES // 2}.get(name, 2 + COPIES // 40)


@pytest.mark.parametrize("name", ["t.geojson", "t.parquet", "t.shp", "t.dbf", "t.shx", "t.prj", "t.zip"])
@pytest.mark.filterwarnings("ignore")
def test_damaged_layers(tmp_path, name):
    """Damaged copies of each other format, or of one part of it, give a layer or a GridgeoError."""
    frame = geopandas.GeoDataFrame({"code": ["甲", "b"], "n": [1, 2]}, geometry=[shapely.box(0, 0, 1, 1)] * 2, crs=4326)
    (tmp_path / "in").mkdir()
    for folder in (tmp_path, tmp_path / "in"):
        frame.to_file(folder / "t.shp")
    frame.to_file(tmp_path / "t.geojson")
    frame.to_parquet(tmp_path / "t.parquet")
    shutil.make_archive(str(tmp_path / "t"), "zip", tmp_path / "in")
    content = (tmp_path / name).read_bytes()
    source = tmp_path / ("t.shp" if name in ("t.dbf", "t.shx", "t.prj") else name)
    refused = 0
    for seed in range(copies(name)):
        (tmp_path / name).write_bytes(damaged(content, seed))
        try:
            read_layers(source)
        except GridgeoError:
            refused += 1
    assert refused > 0 or name in ("t.dbf", "t.shx", "t.prj")
