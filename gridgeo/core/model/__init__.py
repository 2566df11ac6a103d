"""The nouns two verbs share: what a territory, a plan and its streets are.

Frozen dataclasses over read-only numpy columns. Rows are numbered from 0 inside; users see the string `code`.
All coordinates are projected metres; a row number of -1 means "none".
"""

from gridgeo.core.model.codes import SCHEMES, CodeScheme, next_code, scheme_of
from gridgeo.core.model.columns import Columns, Flags, Floats, Ints, Objects, Rows, Small, Table, geometries, texts
from gridgeo.core.model.plan import Drawn, Grid, Grids, Plan
from gridgeo.core.model.signals import Progress, Stage, Stop, never, silent
from gridgeo.core.model.sites import (
    Areas,
    Barriers,
    Buildings,
    Communities,
    EmergencyUnits,
    Gates,
    Places,
    Responders,
    Stations,
)
from gridgeo.core.model.streets import DAY_S, Streets
from gridgeo.core.model.territory import BARRIERS, Adjacency, Atoms, Border, Kind, Notice, Territory

__all__ = [
    "BARRIERS",
    "DAY_S",
    "SCHEMES",
    "Adjacency",
    "Areas",
    "Atoms",
    "Barriers",
    "Border",
    "Buildings",
    "CodeScheme",
    "Columns",
    "Communities",
    "Drawn",
    "EmergencyUnits",
    "Flags",
    "Floats",
    "Gates",
    "Grid",
    "Grids",
    "Ints",
    "Kind",
    "Notice",
    "Objects",
    "Places",
    "Plan",
    "Progress",
    "Responders",
    "Rows",
    "Small",
    "Stage",
    "Stations",
    "Stop",
    "Streets",
    "Table",
    "Territory",
    "geometries",
    "never",
    "next_code",
    "scheme_of",
    "silent",
    "texts",
]
