"""Libraries that parse foreign formats in native code, kept in a process of their own with limits.

`ask` hands a file to a child process that may use so much memory and so many seconds, sees no network and no GDAL
driver but the one for the file, and answers in plain arrays. Nothing of its answer is ever executed or unpickled.
"""

from gridgeo.io.worker.ask import Limits, ask
from gridgeo.io.worker.codec import Sheet

__all__ = ["Limits", "Sheet", "ask"]
