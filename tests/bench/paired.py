"""Two files of results compared: the same instances and seeds, before and after a change.

Run: python -m tests.bench.paired BEFORE.csv AFTER.csv, as
`tests.bench.solver --seeds 0 1 2 --results FILE.csv` writes them.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import numpy as np
import pandas as pd
from scipy.stats import binomtest

KEY = ["instance", "seed"]
TIE_PERCENT = 1e-4
"""Objectives that differ by less, in percent, are equal: best known values are rounded so."""


def compare_runs(before: pd.DataFrame, after: pd.DataFrame) -> pd.DataFrame:
    """The runs that both have, one a row.

    Parameters
    ----------
    before, after
        Columns `instance`, `seed` and `objective` (any unit, less is better; missing where no sound plan was found).
        Of several runs of a pair the last counts.

    Returns
    -------
    `instance`, `seed`, `before`, `after`, and `change` in percent of the value before (below 0: better); ±∞ where
    only one has a plan, 0 where none has.

    Raises
    ------
    ValueError
        If they have no run in common.
    """
    old_runs, new_runs = (one[[*KEY, "objective"]].drop_duplicates(KEY, keep="last") for one in (before, after))
    pairs = old_runs.rename(columns={"objective": "before"}).merge(
        new_runs.rename(columns={"objective": "after"}), on=KEY, validate="one_to_one"
    )
    if pairs.empty:
        raise ValueError("The two files have no instance and seed in common.")
    old, new = pairs["before"].to_numpy(dtype=float), pairs["after"].to_numpy(dtype=float)
    change = 100 * (new / old - 1)
    change[np.isnan(old) & ~np.isnan(new)] = -np.inf
    change[~np.isnan(old) & np.isnan(new)] = np.inf
    change[np.isnan(old) & np.isnan(new)] = 0.0
    change[np.abs(change) < TIE_PERCENT] = 0.0
    return pairs.assign(change=change).sort_values(KEY, ignore_index=True)


def sign_test(change: np.ndarray) -> tuple[int, int, int, float]:
    """How many changes are better, worse and none, and how likely so lopsided a count is by chance.

    Parameters
    ----------
    change
        (r,) float: below 0 = better.

    Returns
    -------
    Better, worse, equal, and the two-sided p of the sign test (1 where nothing differs).

    Examples
    --------
    >>> sign_test(np.array([-1.0, -2.0, -0.5, 0.0]))
    (3, 0, 1, 0.25)
    """
    better, worse = int((change < 0).sum()), int((change > 0).sum())
    p = float(binomtest(better, better + worse).pvalue) if better + worse else 1.0
    return better, worse, int((change == 0).sum()), p


def main() -> None:
    """Print a line a pair, and what they say together."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("before", type=Path)
    parser.add_argument("after", type=Path)
    options = parser.parse_args()
    pairs = compare_runs(pd.read_csv(options.before), pd.read_csv(options.after))
    lines = [f"{one.instance} seed {one.seed}: {one.change:+.4f} %" for one in pairs.itertuples()]
    change = pairs["change"].to_numpy()
    finite = change[np.isfinite(change)]
    better, worse, equal, p = sign_test(change)
    lines.append(f"better {better}, worse {worse}, equal {equal}; sign test p = {p:.3f}")
    if len(finite):
        lines.append(f"mean {finite.mean():+.4f} %, median {np.median(finite):+.4f} %")
    sys.stdout.write("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
