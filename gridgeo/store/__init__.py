"""Stores: where territories, plans and orders are kept. `open_store(url)` picks one by its address."""

from __future__ import annotations

from gridgeo.ports import Store
from gridgeo.store.memory import MemoryStore
from gridgeo.store.open import open_store

__all__ = ["MemoryStore", "Store", "open_store"]
