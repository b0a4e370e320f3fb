"""The independent check names every broken rule, and believes no label."""

import pandas as pd
import pytest

import pianqu


def test_every_broken_rule_is_named(yards):
    graph = pianqu.neighbours(yards)
    asked = {"weight": "households", "walls": "street"}

    def rules(labels, **more):
        labels = pd.Series(labels, index=yards.index)
        return {one.rule for one in pianqu.verify(yards, graph, labels, **asked, **more)}

    assert rules([0, 0, 1, 1, 2], lower=60, upper=900) == {"above_maximum", "below_minimum"}
    assert rules([0, 0, 0, 1, -1], everyone=True, areas=3) == {"wall", "everyone", "areas"}
    assert rules([0, 1, 2, 2, 2]) == {"connected"}
    assert rules([0, 0, 1, 1, 1], leads=["b", "d"], capacity=350, reach_m=100) == {"connected", "capacity", "reach"}
    assert rules([0, 0, 0, 0, -1], leads=["b", "d"]) == {"wall", "lead"}


def test_labels_of_other_units_are_refused(yards):
    with pytest.raises(pianqu.PianquError, match="lacks some units"):
        pianqu.verify(yards, pianqu.neighbours(yards), pd.Series([0], index=["a"]))
