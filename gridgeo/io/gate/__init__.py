"""The gate: every byte from outside is looked at here before anything reads it.

A file must be what its name says by its first bytes; sizes are capped; archives are unpacked by us, member by member;
JSON and XML are strict; texts are cleaned. GDAL only ever sees files that passed, by copies in a folder of our own and
in a process of its own, so no other driver of it can be called by a file that lies about itself.
"""

from gridgeo.io.gate.admission import FORMATS, MAX_TEXT_BYTES, Admitted, admit
from gridgeo.io.gate.archives import MAX_BYTES, members, opened_member, shapefile_copy
from gridgeo.io.gate.documents import Handler, parse_xml, strict_json
from gridgeo.io.gate.text import clean, decoded

__all__ = [
    "FORMATS",
    "MAX_BYTES",
    "MAX_TEXT_BYTES",
    "Admitted",
    "Handler",
    "admit",
    "clean",
    "decoded",
    "members",
    "opened_member",
    "parse_xml",
    "shapefile_copy",
    "strict_json",
]
