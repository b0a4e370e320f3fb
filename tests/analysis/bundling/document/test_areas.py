"""Areas are numbered within their street and named by anchor or street."""

from tests.analysis.bundling.document.drawn_plans import planned


def test_an_area_is_named_by_its_anchor_and_its_sums_include_it(street):
    (area,) = planned(*street)["areas"]
    assert area == {
        "area_id": "P-150203001-001",
        "name": "new小区片区",
        "street_code": "150203001",
        "anchor_unit_id": "new",
        "unit_ids": ["custody", "house", "new", "old"],
        "households": 1020,
        "floor_area_m2": 93600,
    }


def test_an_area_without_an_anchor_is_numbered_in_its_street(street):
    document = planned(*street, mode="whole", lower=200, upper=450)
    names = [area["name"] for area in document["areas"]]
    assert names == [f"前街道第{k + 1}片区" for k in range(len(names))]
    assert len(names) >= 1
