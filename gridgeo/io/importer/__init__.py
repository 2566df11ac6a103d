"""Raw layers of real places -> one territory: roles, fields, CRS and datum sorted out, everything guessed said so."""

from gridgeo.io.importer.propose import FieldProposal, LayerProposal, Proposal, propose_mapping
from gridgeo.io.importer.request import Request
from gridgeo.io.importer.sources import Imported, import_request, import_sources

__all__ = [
    "FieldProposal",
    "Imported",
    "LayerProposal",
    "Proposal",
    "Request",
    "import_request",
    "import_sources",
    "propose_mapping",
]
