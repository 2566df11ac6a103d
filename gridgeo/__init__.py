"""gridgeo: divide a territory into care grids, prove the cover, walk it, and answer alarms.

Only counts of households and places are handled; officers and responders are posts.
"""

__version__ = "0.1.0"
