"""How many examples a law is tried on: all of them in the long run, some in the quick one."""

import os

IS_FULL = os.environ.get("PIANQU_TEST_FULL") == "1"
QUICK_SHARE = 0.2
FEWEST = 5


def examples(count: int) -> int:
    """The count in `make test-full`; a fifth of it in `make test`."""
    return count if IS_FULL else max(FEWEST, round(QUICK_SHARE * count))
