"""Model to tables and back: what files and stores hold, column by column.

Row numbers inside, codes outside: a link to a community, compound or grid is written as its code. Pairs of atoms and
graph edges are written as row numbers from 1, the `fid` of the other layer, because that is what a GIS joins on.
"""

from gridgeo.core.tables.content import (
    joined_hash,
    layer_hashes,
    notices_of,
    notices_text,
    says_hash,
    table_hash,
    tables_hash,
    territory_hash,
)
from gridgeo.core.tables.plan import grids_table, plan_of, plan_on, plan_tables
from gridgeo.core.tables.results import assignment_table, finding_table, lines_by_grid, route_table, shortage_table
from gridgeo.core.tables.territory import STREET_LAYERS, TERRITORY_LAYERS, streets_of, territory_of, territory_tables

__all__ = [
    "STREET_LAYERS",
    "TERRITORY_LAYERS",
    "assignment_table",
    "finding_table",
    "grids_table",
    "joined_hash",
    "layer_hashes",
    "lines_by_grid",
    "notices_of",
    "notices_text",
    "plan_of",
    "plan_on",
    "plan_tables",
    "route_table",
    "says_hash",
    "shortage_table",
    "streets_of",
    "table_hash",
    "tables_hash",
    "territory_hash",
    "territory_of",
    "territory_tables",
]
