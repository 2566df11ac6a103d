"""What a source seems to hold, before it is imported: roles, columns, samples, and the command that says so."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gridgeo.cli.console import OK, Desk

if TYPE_CHECKING:
    from gridgeo.core.model import Notice
    from gridgeo.io.importer import LayerProposal, Proposal


def inspect_source(desk: Desk, file: Path, encoding: str | None) -> int:
    """Show what the layers of a source seem to be, and how to import it."""
    from gridgeo.io.importer import propose_mapping

    proposal = propose_mapping(file, encoding=encoding)
    told, notices = extract(file) if proposal.format == "osm" else (layers_of(proposal), doubts(proposal))
    desk.notices(notices)
    rows = [(one["layer"], one["rows"], one["shape"], one["role"] or "?", one["crs"][:16] or "?") for one in told]
    desk.table("table-layers", ("layer", "rows", "shape", "role", "crs"), rows)
    for layer in proposal.layers:
        show_fields(desk, layer)
    command = import_command(file, proposal)
    desk.say(try_sentence(proposal), command=command)
    desk.document(
        {
            "kind": "source",
            "format": proposal.format,
            "layers": told,
            "import": command,
            "notices": [vars(notice) for notice in notices],
            "seconds": desk.seconds,
        }
    )
    return OK


def layers_of(proposal: Proposal) -> list[dict[str, Any]]:
    """The layers of a proposal as plain values."""
    return [
        {
            "layer": layer.layer,
            "role": layer.role,
            "rows": layer.rows,
            "shape": layer.shape,
            "crs": layer.crs,
            "fields": [vars(field) for field in layer.fields],
        }
        for layer in proposal.layers
    ]


def doubts(proposal: Proposal) -> list[Notice]:
    """What is doubtful about all layers."""
    return [notice for layer in proposal.layers for notice in layer.doubts]


def extract(file: Path) -> tuple[list[dict[str, Any]], tuple[Notice, ...]]:
    """Layers an OpenStreetMap extract gives, and what was decided on the way."""
    from gridgeo.io.importer.propose import shape_of
    from gridgeo.io.osm import read_osm

    tables, crs, notices = read_osm(file)
    told = [
        {"layer": role, "role": role, "rows": len(table), "shape": shape_of(table), "crs": crs, "fields": []}
        for role, table in tables.items()
    ]
    return told, notices


def show_fields(desk: Desk, layer: LayerProposal) -> None:
    """Print the fields of a layer: the column each would fill, and samples."""
    rows = [(field.field, field.column or "-", " · ".join(field.samples)) for field in layer.fields]
    desk.table("table-fields", (layer.layer, "column", "samples"), rows)


def import_command(file: Path, proposal: Proposal) -> str:
    """The import command that says what was proposed; in capitals what only the planner can say."""
    said = list(proposal.options)
    unknown = [] if any(layer.role for layer in proposal.layers) else proposal.layers[:1]
    said += [f"--role ROLE={layer.layer}" for layer in unknown if layer.shape != "none"]
    rosters = [f"--roster ROLE={layer.layer}" for layer in unknown if layer.shape == "none"]
    base = ["TOWN.gpkg"] if rosters else []
    output = f"{file.name.split('.')[0]}-territory.gpkg"
    return " ".join(["gridgeo", "import", *base, shlex.quote(str(file)), *said, *rosters, "-o", shlex.quote(output)])


def try_sentence(proposal: Proposal) -> str:
    """What to say before the import command: whether it can be run as it stands."""
    known = proposal.format == "osm" or any(layer.role for layer in proposal.layers)
    return "try-import" if known else "complete-import"
