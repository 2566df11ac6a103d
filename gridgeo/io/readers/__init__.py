"""One reader per format: an admitted file in, layers out."""
