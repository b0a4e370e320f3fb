"""How many examples a law is tried on: all of them in the long run, some in the quick one."""

import os

IS_FULL = os.environ.get("PIANQU_TEST_FULL") == "1"
QUICK_SHARE = 0.125
FEWEST = 4


def examples(count: int) -> int:
    """The count in `make test-full`; an eighth of it in `make test`."""
    return count if IS_FULL else min(count, max(FEWEST, round(QUICK_SHARE * count)))
