from dataclasses import fields

from geo.rules import NeighbourRules


def test_the_hash_of_rules_is_what_it_always_was():
    """A graph that was built stays valid: the text is the `repr` that the first graphs were hashed with."""
    text = NeighbourRules(within="none", closed_road_classes=("快速路",)).canonical_text()
    assert text == (
        "NeighbourRules(gap_m=60.0, facing_m=3.0, walk_m=500.0, detour_factor=1.3, walk_limit_m=1500.0, "
        "road_access_m=100.0, road_snap_m=15.0, road_scrap_m=500.0, closed_road_classes=('快速路',), "
        "hard_kinds=('railway', 'expressway', 'river', 'canal', 'factory_wall'), within='none')"
    )
    assert set(fields(NeighbourRules)) == {f for f in fields(NeighbourRules) if f.name in text}
