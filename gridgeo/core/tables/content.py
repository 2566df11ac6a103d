"""What a territory says, as one hash; notices as text."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from gridgeo.core.model import Notice, Table, Territory
from gridgeo.core.tables.territory import TERRITORY_LAYERS, territory_tables
from gridgeo.errors import InputError

_FORMAT, _FORMAT_1 = b"gridgeo territory 2", b"gridgeo territory 1"
_OF_PLANS = ("atoms", "grid")  # the one column that a plan adds to a layer of its territory


def territory_hash(territory: Territory) -> str:
    """SHA-256 over all that a territory holds but its CRS and notices, as 64 hexadecimal digits.

    Equal for equal content, whatever file it came from; O(bytes).

    Examples
    --------
    >>> from tests.instances import lattice
    >>> territory_hash(lattice(1, 2)) == territory_hash(lattice(1, 2)) != territory_hash(lattice(2, 1))
    True
    """
    return tables_hash(territory_tables(territory))


def tables_hash(tables: Mapping[str, Table]) -> str:
    """SHA-256 of the territory's part of some tables: `territory_hash` before the territory is made."""
    return joined_hash(layer_hashes(tables))


def layer_hashes(tables: Mapping[str, Table]) -> dict[str, str]:
    """Hash of each layer of a territory that has rows, by its name."""
    held = {layer: tables[layer] for layer in TERRITORY_LAYERS if layer in tables and len(tables[layer])}
    return {layer: table_hash(_own(layer, table)) for layer, table in held.items()}


def joined_hash(hashes: Mapping[str, str]) -> str:
    """`territory_hash` of the hashes of its layers."""
    listed = "".join(f"\n{layer} {hashes[layer]}" for layer in TERRITORY_LAYERS if layer in hashes)
    return hashlib.sha256(_FORMAT + listed.encode()).hexdigest()


def table_hash(table: Table) -> str:
    """SHA-256 of a table's columns and geometry, as 64 hexadecimal digits; O(bytes)."""
    digest = hashlib.sha256(f"{len(table)}".encode())
    for name, values in table.columns.items():
        digest.update(f"\n{name} ".encode())
        digest.update(_bytes(values))
    if table.geometry is not None and len(table):
        digest.update(b"\ngeometry ")
        for blob in shapely.to_wkb(table.geometry, byte_order=1, flavor="iso"):
            digest.update(blob or b"null")
    return digest.hexdigest()


def says_hash(said: str, tables: Mapping[str, Table]) -> bool:
    """Whether a file says the hash of these tables, in this format or the one before."""
    return said in (tables_hash(tables), _tables_hash_1(tables))


def _own(layer: str, table: Table) -> Table:
    """A layer without the column that a plan adds to it."""
    mine = {name: values for name, values in table.columns.items() if (layer, name) != _OF_PLANS}
    return Table(columns=mine, geometry=table.geometry)


def _tables_hash_1(tables: Mapping[str, Table]) -> str:
    """The hash that files of the first format say: all layers in one run."""
    digest = hashlib.sha256(_FORMAT_1)
    for layer in TERRITORY_LAYERS:
        table = tables.get(layer)
        if table is None or not len(table):
            continue
        digest.update(f"\n{layer} {len(table)}".encode())
        for name, values in _own(layer, table).columns.items():
            digest.update(f"\n{name} ".encode())
            digest.update(_bytes(values))
        if table.geometry is not None:
            for blob in shapely.to_wkb(table.geometry, byte_order=1, flavor="iso"):
                digest.update(blob or b"null")
    return digest.hexdigest()


def _bytes(values: NDArray[Any]) -> bytes:
    if values.dtype.kind == "O":
        return "\x1f".join(values.tolist()).encode("utf-8", "surrogatepass")
    if values.dtype.kind == "f":
        return (values.astype("<f8") + 0.0).tobytes()  # files do not keep the sign of zero
    return values.astype("<i8").tobytes()


def notices_text(notices: Iterable[Notice]) -> str:
    """Notices as one JSON text.

    >>> notices_text([Notice(kind="rows-dropped", where="streets", facts={"rows": 2})])
    '[{"kind":"rows-dropped","where":"streets","households":0,"facts":{"rows":2}}]'
    """
    listed = [{"kind": n.kind, "where": n.where, "households": n.households, "facts": _plain(n.facts)} for n in notices]
    return json.dumps(listed, ensure_ascii=False, separators=(",", ":"), allow_nan=False)


def _plain(facts: Mapping[str, Any]) -> dict[str, Any]:
    """Facts as JSON has them: numbers of numpy as plain ones, infinity and NaN as words."""
    plain = {name: value.item() if isinstance(value, np.generic) else value for name, value in facts.items()}
    return {n: str(v) if isinstance(v, float) and not math.isfinite(v) else v for n, v in plain.items()}


def notices_of(text: str) -> tuple[Notice, ...]:
    """Notices of a JSON text: the inverse of `notices_text`; none for "".

    Raises
    ------
    InputError
        The text is not one that `notices_text` writes.
    """
    try:
        return tuple(
            Notice(
                kind=str(entry["kind"]),
                where=str(entry["where"]),
                households=int(entry["households"]),
                facts=dict(entry["facts"]),
            )
            for entry in json.loads(text or "[]")
        )
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise InputError("the notices cannot be read", where="gridgeo_metadata", hint="the file is damaged") from error
