"""No file makes gridgeo read another one, call out, hang, burst or crash: each is refused in one clear error."""

from __future__ import annotations

import socket
import subprocess
import sys

import pytest

from gridgeo.errors import GridgeoError
from gridgeo.io.formats import read_layers
from gridgeo.io.gate import admit
from gridgeo.io.osm import read_osm
from tests.io.hostile import ATTACKS, HARMLESS, SECRET


def swallow(path):
    """Read a file as an import would; every text in it."""
    if path.name.endswith((".osm", ".gz", ".bz2", ".pbf")):
        admit(path)
        return [str(read_osm(path).tables)]
    layers = read_layers(path)
    cells = [cell for layer in layers.values() for values in layer.table.columns.values() for cell in values.tolist()]
    return [
        str(text) for text in (*layers, *(name for layer in layers.values() for name in layer.table.columns), *cells)
    ]


def weighed(attack):
    """Files that start a process of their own, or take long to make, are slow tests."""
    slow = attack.name.endswith((".shp", ".dxf", ".zip"))
    slow = slow and not attack.refusal.startswith(("no shapefile", "the file is not", "holds", "outside", "names no"))
    marks = [pytest.mark.slow] if slow or attack.name in HEAVY else []
    return pytest.param(attack, id=attack.id, marks=marks)


HEAVY = {"elem.kml", "elem2.xlsx", "many.geojson", "rows.parquet", "bomb.xlsx", "bomb.kmz", "elem.xlsx", "many.pbf"}


@pytest.mark.parametrize("attack", [weighed(attack) for attack in ATTACKS])
def test_hostile_file(tmp_path, attack):
    """The file is refused as its author says, or read with nothing of the attack left."""
    path = tmp_path / attack.name
    attack.build(path)
    try:
        told = swallow(path)
    except GridgeoError as error:
        assert attack.refusal != HARMLESS, error
        pattern = "|".join(word for word in attack.refusal.split("|") if word != HARMLESS)
        assert pytest.raises(GridgeoError, match=pattern).matches(error), error
        assert SECRET not in str(error)
    else:
        assert HARMLESS in attack.refusal, "it was read"
        assert all(text.isprintable() and "root:" not in text for text in told)


def test_there_are_many():
    """The corpus holds at least 120 different attacks."""
    assert len({attack.id for attack in ATTACKS}) == len(ATTACKS) >= 120


@pytest.mark.slow
def test_workers_know_one_driver(tmp_path):
    """A child's GDAL has the driver it needs and no other, so a virtual file that got so far is not understood."""
    from gridgeo.errors import InputError
    from gridgeo.io.worker import Limits, ask

    vrt = tmp_path / "layer.shp"
    ATTACKS[0].build(vrt)
    with pytest.raises(InputError, match="not recognized"):
        ask("shapefile", vrt, Limits.of(0), where="x", options={"encodings": ["UTF-8"]}, driver="ESRI Shapefile")
    (sheet,) = ask("drivers", vrt, Limits.of(0), where="x", driver="DXF")
    assert sheet.columns["name"] == ["DXF"]


@pytest.mark.skipif(sys.platform != "linux", reason="networks of one's own are Linux's")
def test_workers_have_no_network():
    """Where the system allows it, a child cannot reach even this machine's own ports."""
    code = (
        "from gridgeo.io.confined import _without_network; _without_network()\n"
        "import socket, sys\n"
        "try: socket.create_connection(('127.0.0.1', int(sys.argv[1])), 1)\n"
        "except OSError: print('cut off')\n"
        "else: print('connected')"
    )
    probe = subprocess.run(["unshare", "-rn", "true"], capture_output=True, check=False)
    if probe.returncode:
        pytest.skip("this system does not let us make networks")
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = str(server.getsockname()[1])
        out = subprocess.run([sys.executable, "-c", code, port], capture_output=True, text=True, check=True)
    assert out.stdout.strip() == "cut off"
