"""What people know better of neighbours and crossings counts."""

import pytest
from shapely import Point

from tests.analysis.bundling.verify.small_town import frame, rules_broken


def corrected(**row):
    empty = dict.fromkeys(["unit_a", "unit_b", "target_id", "old", "new", "geometry"])
    told = {"override_id": "o1", "author": "张三", "reason": "踏勘", "date": "2026-06-30"}
    return frame([{**empty, **told, **row}])


@pytest.mark.parametrize(
    ("row", "found"),
    [
        ({"what": "closed", "target_id": "u1"}, ["R23"]),
        ({"what": "not_neighbours", "unit_a": "mid", "unit_b": "west"}, ["R22"]),
        ({"what": "not_neighbours", "unit_a": "east", "unit_b": "west"}, []),
    ],
)
def test_corrections_are_heeded(town, row, found):
    town.overrides = corrected(**row)
    assert rules_broken(town) == found


def test_neighbours_by_somebodys_word_and_passages_connect(town):
    town.crossings = town.crossings[:0]
    assert rules_broken(town) == ["R23"]
    town.overrides = corrected(what="neighbours", unit_a="east", unit_b="mid")
    assert rules_broken(town) == []
    town.overrides = corrected(what="passage", new="bridge", geometry=Point(220, 1110))
    assert rules_broken(town) == []
