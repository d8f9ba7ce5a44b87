"""How long a test waits before it says that something hangs.

What is tested this way has two speeds: well under a second, or years. So the limit is wide: it must hold
on a machine that others use as well, and under a tracer, such as that of coverage, which makes everything
many times slower. How fast things are is measured in tests/benchmarks, as ratios.
"""

import sys

PATIENCE = 10 if sys.gettrace() is None else 60
"""Seconds of CPU time."""
