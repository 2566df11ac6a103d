"""The command line: `gridgeo VERB` or `python -m gridgeo VERB`."""

from __future__ import annotations


def main() -> None:
    """Run the command line."""
    from gridgeo.cli import gridgeo

    gridgeo(prog_name="gridgeo")


if __name__ == "__main__":
    main()
