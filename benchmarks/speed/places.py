"""Real places: one `gridgeo import` command each, measured in a process of its own, the result proven.

A row tells what came out (atoms, households and how many of them are estimates, streets, components), what it took
(CPU seconds, peak memory, and how many times the file's size was needed beyond an import of next to nothing), and
whether the atoms are a complete and exact cover of the boundary.
"""

from __future__ import annotations

import json
import os
import shlex
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

SHARED = Path(os.environ.get("GRIDGEO_SHARED_DATA", Path(__file__).parents[3] / "shared" / "data"))
OSM = (".pbf", ".osm", ".gz", ".bz2")
SUFFIXES = (".gpkg", ".parquet", *OSM)

RECIPES: Mapping[str, str] = {
    "hdb_blocks": "--role boundary=boundary --role communities=subzones --role streets=roads_lta"
    " --role buildings=hdb_blocks --field buildings.households=total_dwelling_units",
    "villages": "--role boundary=boundary --role atoms=bsa --role communities=villages",
    "bsa": "--role boundary=boundary --role atoms=bsa",
    "output_areas": "--role boundary=boundary --role atoms=output_areas",
    "census_blocks": "--role atoms=census_blocks --field atoms.population=population",
    "roads": "--role streets=roads --role buildings=buildings",
}
"""What is said of a GeoPackage on the command line, by a layer that tells its kind; the first that fits."""


def run(paths: Sequence[Path], seconds: float | None = None, peers: bool = False) -> list[dict[str, Any]]:
    """A row for each place in the files or folders given, else in the shared data; neither other option is used."""
    with TemporaryDirectory() as folder:
        base = _empty(Path(folder))
        files = list(_files(paths or [SHARED / "places"]))
        rows = [_row(path, Path(folder), base) for path in files]
        # looked at last: a child's peak counts from that of this process
        return [row | ({} if "error" in row else _contents(Path(str(row.pop("output"))))) for row in rows]


def _files(paths: Sequence[Path]) -> Iterator[Path]:
    for path in paths:
        inside = sorted(path.rglob("*")) if path.is_dir() else [path]
        yield from (file for file in inside if file.suffix in SUFFIXES)


def command(source: Path, output: Path) -> list[str]:
    """Words of the import command for a source, as one types them after `gridgeo`.

    >>> command(Path("wuhan.parquet"), Path("t.gpkg"))
    ['import', 'wuhan.parquet', '--role', 'streets=wuhan', '-o', 't.gpkg']
    """
    return ["import", str(source), *_options(source), "-o", str(output)]


def _options(source: Path) -> list[str]:
    from gridgeo.io.formats import layer_names

    if source.suffix in OSM:
        return []
    if source.suffix == ".parquet":
        return ["--role", f"streets={source.name.split('.')[0]}"]
    names = layer_names(source)
    return shlex.split(next((said for layer, said in RECIPES.items() if layer in names), ""))


def _row(source: Path, folder: Path, base_mib: float) -> dict[str, Any]:
    output = folder / f"{source.name.split('.')[0]}.gpkg"
    told, cpu, mib = _measured([*command(source, output), "--json"])
    row: dict[str, Any] = {"place": source.parent.name, "file": source.name, "cpu_s": round(cpu, 2)}
    if "error" in told:
        return row | {"error": str(told["error"]["message"]).splitlines()[0][:60]}
    size = source.stat().st_size / 2**20
    return row | {
        "file_mib": round(size, 2),
        "peak_mib": round(mib),
        "times_size": round((mib - base_mib) / size, 1),
        "output": str(output),
    }


def _contents(path: Path) -> dict[str, Any]:
    """What a territory file holds, and the proof of its atoms' cover."""
    from gridgeo import service
    from gridgeo.core.kernel.graph import components
    from gridgeo.io.read import read_cover, read_territory

    territory = read_territory(path)
    atoms, streets = territory.atoms, territory.streets
    report = service.check_cover(read_cover(path, layer="atoms"))
    piece = components(streets.nodes, streets.tail, streets.head)
    return {
        "atoms": len(atoms),
        "households": territory.households,
        "estimates": int(atoms.households[atoms.estimated].sum()),
        "null_atoms": int((~atoms.known).sum()),
        "streets_km": round(float(streets.length_mm.sum()) / 1e6, 1),
        "components": len(np.unique(piece)),
        "complete": report.complete,
        "exact": report.exact,
    }


def _measured(words: Sequence[str]) -> tuple[dict[str, Any], float, float]:
    """JSON document, CPU seconds and peak MiB of a gridgeo command in a process of its own."""
    ask = [sys.executable, "-m", "gridgeo", *words]
    with subprocess.Popen(ask, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as child:
        assert child.stdout is not None
        out = child.stdout.read()
        _, status, used = os.wait4(child.pid, 0)
        child.returncode = os.waitstatus_to_exitcode(status)
    return json.loads(out), used.ru_utime + used.ru_stime, used.ru_maxrss / 1024


def _empty(folder: Path) -> float:
    """Peak MiB of an import of one street and two buildings, which uses every library and holds nothing."""
    street = _layer(folder / "streets.geojson", [("LineString", [[114.0, 30.0], [114.002, 30.0]], {"name": "A"})])
    corners = [[114.0005, 30.0004], [114.0015, 30.0004]]
    homes = [("Point", xy, {"households": 100}) for xy in corners]
    buildings = _layer(folder / "buildings.geojson", homes)
    words = ["--role", f"streets={street}", "--role", f"buildings={buildings}", "-o", str(folder / "empty.gpkg")]
    return _measured(["import", str(street), *words, "--json"])[2]


def _layer(path: Path, rows: Sequence[tuple[str, Any, dict[str, Any]]]) -> Path:
    """A GeoJSON file of rows (type, coordinates, properties)."""
    features = [
        {"type": "Feature", "geometry": {"type": kind, "coordinates": xy}, "properties": properties}
        for kind, xy, properties in rows
    ]
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}), encoding="utf-8")
    return path
