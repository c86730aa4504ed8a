"""Python's collector of garbage, told what the evaluator's memory looks like."""

import gc


def spare_the_collector() -> None:
    """Events and decisions make no cycles, but thousands of them are alive at once: look for cycles rarely, and not
    in what was there before. It is a tenth of the time.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 50)
