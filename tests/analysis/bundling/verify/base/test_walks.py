"""Walks inside areas: the medoid is the member nearest to all, and who is led walks to the leader."""

from analysis.bundling.verify.base.walks import read_area_walks
from tests.analysis.bundling.verify.drawn_areas import draw_areas


def one_area(seed, led=()):
    town = draw_areas(seed, 6)
    context = town.context([tuple(town.units)], dict(led))
    return town, read_area_walks(context)[0], context.plan.areas[0]


def test_the_medoid_is_the_first_of_those_nearest_to_all():
    for seed in range(30):
        town, walks, area = one_area(seed)
        assert walks.medoid == town.medoid(area.unit_ids)


def test_members_walk_to_who_leads_them_and_others_to_the_medoid():
    for seed in range(30):
        town, walks, area = one_area(seed, {"u0": "u3", "u1": "u4"})
        medoid = town.medoid(town.units)
        centre = {"u0": "u3", "u1": "u4"}
        expected = sum(town.households[u] * town.metres(u, centre.get(u, medoid)) for u in town.units)
        assert walks.household_metres(area) == expected


def test_walks_that_are_not_in_the_layer_count_as_the_limit():
    town, walks, _ = one_area(3)
    for i, a in enumerate(town.units):
        for j, b in enumerate(town.units):
            assert walks.metres[i, j] == town.metres(a, b)
