"""The long run: python -m tests.torture --cycles 10000."""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from pathlib import Path

from tests.torture.cycles import Tally, run


def main() -> int:
    """Kill writers, say what was acknowledged and what was lost; exit code 1 when anything was."""
    parser = argparse.ArgumentParser(prog="python -m tests.torture", description="Kill writers at any moment.")
    parser.add_argument("--cycles", type=int, default=10_000)
    parser.add_argument("--rng-seed", type=int, default=1)
    parser.add_argument("--folder", type=Path, default=None, help="on the disk to be tried (default: temporary)")
    asked = parser.parse_args()
    start = time.monotonic()

    def told(tally: Tally) -> None:
        if tally.cycles % 500 == 0:
            sys.stderr.write(f"{tally.cycles} cycles, {len(tally.faults)} faults\n")

    with tempfile.TemporaryDirectory(dir=asked.folder) as folder:
        tally = run(Path(folder) / "store", asked.cycles, asked.rng_seed, told)
    kept = ", ".join(f"{act} {count}" for act, count in sorted(tally.acknowledged.items()))
    took = time.monotonic() - start
    sys.stdout.write(f"{tally.cycles} kills in {took:.0f} s; acknowledged: {kept}; faults: {len(tally.faults)}\n")
    sys.stdout.writelines(f"{fault}\n" for fault in tally.faults[:50])
    return 1 if tally.faults else 0


if __name__ == "__main__":
    sys.exit(main())
