"""Measurements: speed and quality, beside peers in the same run."""
