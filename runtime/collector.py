"""Python's collector of garbage, told what the memory of a service looks like."""

import gc


def spare_the_collector() -> None:
    """Events, commands and decisions make no cycles, but thousands of them are alive at once: look for cycles rarely,
    and not in what was there before. It is a tenth of an evaluator's time and more of a worker's.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 50)
