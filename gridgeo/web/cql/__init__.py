"""CQL2 filters (OGC 21-065r2): read as text or JSON into one tree, then worked out over whole columns at once.

Filters never become code or a query of a database: a tree of few kinds of nodes is walked over arrays in memory.
"""

from gridgeo.web.cql.document import read_document
from gridgeo.web.cql.evaluate import matching
from gridgeo.web.cql.text import read_text
from gridgeo.web.cql.tree import Node

__all__ = ["Node", "matching", "read_document", "read_text"]
