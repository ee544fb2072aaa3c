"""What is counted: each function kills, cuts or flips something many times and says what was left.

A figure is a dictionary of counts; `control` counts how often the naive way fails at the same thing.
"""

from functools import partial

from tests.faults.damage import bit_flips, truncations, zeroed_blocks
from tests.faults.kills import kill_points, kills_in_training, kills_while_saving, uses_compacted
from tests.faults.processes import full_disk, one_key, queued_jobs, stops

FIGURES = {  # what, and how often in full
    "kills in training": (kills_in_training, 200),
    "kills in wake-sleep": (partial(kills_in_training, algorithm="wake-sleep"), 50),
    "kills in Monte Carlo EM": (partial(kills_in_training, algorithm="mcem"), 50),
    "kills while saving": (kills_while_saving, 300),
    "named kill points": (kill_points, 0),
    "bit flips": (bit_flips, 1000),
    "truncations": (truncations, 256),
    "zeroed blocks": (zeroed_blocks, 256),
    "queued jobs": (queued_jobs, 40),
    "one key": (one_key, 4),
    "stops": (stops, 50),
    "full disk": (full_disk, 8),
    "list of uses": (uses_compacted, 50),
}
