"""The pure core: arrays and values in, arrays and values out."""
