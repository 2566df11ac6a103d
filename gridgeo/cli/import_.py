"""`gridgeo import`: any supported source -> one territory file."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from gridgeo.cli.console import OK, Desk, verb
from gridgeo.cli.places import GEOPACKAGE, OutputFile
from gridgeo.errors import InputError

if TYPE_CHECKING:
    from gridgeo.core.model import Territory
    from gridgeo.io.importer import Request

DATUMS = ("wgs84", "gcj02", "bd09", "cgcs2000")


@verb("import")
@click.argument("sources", type=click.Path(path_type=Path), nargs=-1, metavar="SOURCE…")
@click.option("-o", "--output", type=GEOPACKAGE, required=True, help="Territory file to write.")
@click.option("--role", "roles", multiple=True, metavar="ROLE=LAYER", help="Also ROLE=PATH or ROLE=PATH:LAYER.")
@click.option("--field", "fields", multiple=True, metavar="ROLE.COLUMN=FIELD", help="Which field fills a column.")
@click.option("--roster", "rosters", multiple=True, metavar="ROLE=TABLE", help="Table joined to it; also PATH:SHEET.")
@click.option("--key", "keys", multiple=True, metavar="ROLE=COLUMN=FIELD", help="What a roster is joined by.")
@click.option("--sum", "sums", multiple=True, metavar="ROLE", help="Add up the rows of its roster that share a key.")
@click.option("--swap", "swapped", multiple=True, metavar="ROLE", help="Its coordinates are written north first.")
@click.option("--datum", type=click.Choice(DATUMS), default="wgs84", show_default=True, help="Datum of degrees.")
@click.option("--encoding", default=None, help="Text encoding (default: UTF-8, else GB18030).")
@click.option("--crs", default=None, help="CRS of sources that name none, as EPSG:n.")
@click.option("--area", default="", metavar="NAME", help="Administrative area of an OSM extract to take as boundary.")
@click.option("--persons", type=float, default=None, help="Persons per household, where only people are counted.")
@click.option("--mapping", type=click.Path(path_type=Path), help="All of the above from a TOML file.")
@click.option("--save-mapping", type=OutputFile(".toml"), help="Write what was understood to a TOML file.")
def command(
    desk: Desk, sources: tuple[Path, ...], output: Path, mapping: Path | None, save_mapping: Path | None, **said: Any
) -> int:
    """Read SOURCEs, say what was understood, and write one territory GeoPackage."""
    from gridgeo.io.importer import import_request
    from gridgeo.io.importer.mapping import read_mapping, write_mapping
    from gridgeo.io.write import write_territory

    asked = _request(sources, said) if mapping is None else read_mapping(_alone(mapping, sources, said))
    with desk.progress() as progress:
        imported = import_request(asked, progress=progress)
        territory = imported.territory
        write_territory(territory, output)
    if save_mapping is not None:
        write_mapping(imported.understood, save_mapping)
    desk.notices(territory.notices)
    show_territory(desk, territory)
    for path in (output, save_mapping):
        if path is not None:
            desk.say("wrote", path=path)
    desk.document(
        {"territory": str(output), "seconds": desk.seconds}
        | summary(territory)
        | {"notices": [vars(notice) for notice in territory.notices]}
    )
    return OK


def _request(sources: tuple[Path, ...], said: dict[str, Any]) -> Request:
    """The request the options make."""
    from gridgeo.io.importer import Request

    named = {"roles": "--role", "fields": "--field", "rosters": "--roster", "keys": "--key"}
    told = said | {key: pairs(said[key], option) for key, option in named.items()}
    return Request(sources=tuple(str(source) for source in sources), **told)


def _alone(mapping: Path, sources: tuple[Path, ...], said: dict[str, Any]) -> Path:
    """The mapping file, once nothing else is said that it would overrule."""
    other = [key for key, value in said.items() if value and not (key == "datum" and value == DATUMS[0])]
    if sources or other:
        hint = "write it into the file, or give no --mapping"
        raise InputError("a mapping says everything: sources and options beside it", where="--mapping", hint=hint)
    return mapping


def pairs(options: Sequence[str], name: str) -> dict[str, str]:
    """Options KEY=VALUE as a mapping.

    >>> pairs(["atoms=bsa"], "--role")
    {'atoms': 'bsa'}

    Raises
    ------
    InputError
        An option has no "=", or a key is given twice.
    """
    out: dict[str, str] = {}
    for option in options:
        key, equals, value = option.partition("=")
        if not (equals and key and value):
            raise InputError(f"{option!r} is not KEY=VALUE", where=name, hint=f"write {name} KEY=VALUE")
        if key in out:
            raise InputError(f"{key} is given twice", where=name)
        out[key] = value
    return out


def summary(territory: Territory) -> dict[str, Any]:
    """What a territory holds, as plain numbers."""
    atoms = territory.atoms
    streets = territory.streets
    return {
        "name": territory.name,
        "crs": territory.crs,
        "area_km2": round(territory.boundary.area / 1e6, 4),
        "households": territory.households,
        "atoms": len(atoms),
        "null_households": int((~atoms.known).sum()),
        "largest_atom": int(atoms.households.max(initial=0)),
        "communities": len(territory.communities),
        "compounds": len(territory.compounds),
        "buildings": len(territory.buildings),
        "streets_km": round(float(streets.length_mm.sum()) / 1e6, 3),
        "places": len(territory.places),
        "stations": len(territory.stations),
        "emergency_units": len(territory.emergency_units),
        "responders": len(territory.responders),
    }


def show_territory(desk: Desk, territory: Territory) -> None:
    """Print what a territory holds."""
    shown = summary(territory)
    numbers = [name for name in shown if name not in ("name", "crs")]
    rows: list[tuple[str, object]] = [(name, f"{shown[name]:,}") for name in numbers]
    desk.lines("table-territory", rows)
