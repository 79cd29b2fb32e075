"""How long and how heavy `import causalcourse` is, beside the imports of its peers, in one run.

Each import is timed in fresh processes, the packages taking turns, so that a busy moment hits all alike.
"""

from __future__ import annotations

import statistics
import subprocess
import sys

ROUNDS = 7
NAMES = ("causalcourse", "numpy", "pandas", "networkx", "matplotlib.pyplot")
PROGRAM = """
import sys, time
started = time.perf_counter()
import {name}
seconds = time.perf_counter() - started
try:
    import resource
    kilobytes = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1024 if sys.platform == "darwin" else 1)
except ImportError:
    kilobytes = float("nan")
print(seconds, kilobytes / 1000)
"""


def measure(name: str) -> tuple[float, float]:
    """Seconds to import `name` in a fresh process, and the process's peak memory in MB."""
    command = [sys.executable, "-c", PROGRAM.format(name=name)]
    run = subprocess.run(command, capture_output=True, text=True, check=True)
    seconds, megabytes = run.stdout.split()
    return float(seconds), float(megabytes)


def main() -> None:
    """Print the medians, and each as a ratio to causalcourse."""
    for name in NAMES:  # once for nothing: fills the disk's cache
        measure(name)
    rounds = [{name: measure(name) for name in NAMES} for _ in range(ROUNDS)]
    seconds = {name: statistics.median(r[name][0] for r in rounds) for name in NAMES}
    megabytes = {name: statistics.median(r[name][1] for r in rounds) for name in NAMES}
    print(f"{'import':<20}{'seconds':>9}{'ratio':>8}{'peak MB':>9}")
    for name in NAMES:
        ratio = seconds[name] / seconds["causalcourse"]
        print(f"{name:<20}{seconds[name]:>9.3f}{ratio:>8.1f}{megabytes[name]:>9.0f}")


if __name__ == "__main__":
    main()
