"""GeoParquet with WKB geometry."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gridgeo.core.model import Table, texts
from gridgeo.errors import InputError
from gridgeo.gpkg import Crs
from gridgeo.io.crs import CRS84, crs_in_file
from gridgeo.io.gate import Admitted
from gridgeo.io.readers.cells import column_of
from gridgeo.io.readers.layer import MAX_COLUMNS, Layer, shapes_of

MAX_RATIO = 60
FREE = 64 << 20
MAX_ROWS = 20_000_000


def read_parquet(file: Admitted) -> Layer:
    """The one layer of a Parquet file; nested and binary columns are left out.

    Raises
    ------
    InputError
        It cannot be read, or unpacks to more than it may.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    where = str(file.path)
    try:
        parquet = pq.ParquetFile(file.path, memory_map=True, thrift_string_size_limit=16 << 20)
        _check(parquet.metadata, file)
        schema = parquet.schema_arrow
        geo = json.loads((schema.metadata or {}).get(b"geo", b"{}"))
        main = geo.get("primary_column", "")
        plain = [one.name for one in schema if not pa.types.is_nested(one.type) and not pa.types.is_binary(one.type)]
        names = [name for name in plain if name != main]
        table = parquet.read(columns=[*names, main] if main else names, use_threads=False)
        shapes = shapes_of(table[main].to_pylist(), where=where) if main else None
        columns = {name: _column(table[name]) for name in names}
        crs = _crs(geo.get("columns", {}).get(main, {})) if main else None
    except (pa.ArrowException, OSError, ValueError, TypeError, AttributeError, KeyError, RecursionError) as error:
        raise InputError(f"the Parquet file cannot be read: {error}", where=where) from error
    return Layer(Table(columns=columns, geometry=shapes), crs)


def _check(metadata: Any, file: Admitted) -> None:
    where = str(file.path)
    unpacked = sum(metadata.row_group(i).total_byte_size for i in range(metadata.num_row_groups))
    most = FREE + MAX_RATIO * file.size
    if unpacked > most or metadata.num_rows > MAX_ROWS:
        message = f"the file unpacks to {unpacked:,} bytes in {metadata.num_rows:,} rows"
        raise InputError(message, where=where, hint=f"at most {most:,} bytes and {MAX_ROWS:,} rows are read")
    if metadata.num_columns > MAX_COLUMNS:
        raise InputError(f"{metadata.num_columns:,} columns, at most {MAX_COLUMNS:,} are read", where=where)


def _column(values: Any) -> NDArray[Any]:
    """A column of Arrow as ours: numbers without a detour over Python, all else cell by cell."""
    import pyarrow as pa

    kind = values.type
    if pa.types.is_boolean(kind) and not values.null_count:
        return np.asarray(values.to_numpy(), np.bool_)
    if pa.types.is_integer(kind) and not values.null_count:
        return np.asarray(values.to_numpy(), np.int64)
    if pa.types.is_integer(kind) or pa.types.is_floating(kind):
        return np.asarray(values.cast(pa.float64(), safe=False).to_numpy(), np.float64)
    if pa.types.is_string(kind) or pa.types.is_large_string(kind):
        return texts(["" if value is None else value for value in values.to_pylist()])
    known = (bool, int, float, type(None))
    return column_of([value if isinstance(value, known) else str(value) for value in values.to_pylist()])


def _crs(entry: dict[str, Any]) -> Crs | None:
    crs = entry.get("crs", CRS84)  # the standard's default; null means not known
    return crs_in_file(crs if isinstance(crs, str) else json.dumps(crs)) if crs else None
