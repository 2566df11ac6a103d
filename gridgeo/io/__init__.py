"""Files to core and back: the only room of GIS libraries."""
