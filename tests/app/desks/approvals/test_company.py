"""A company is told its own areas: by the plan's word, else by who runs the anchor."""

from types import SimpleNamespace

from app.desks.approvals.company import list_company_plans
from app.i18n import load_words


def plan(*areas):
    newest = SimpleNamespace(id="v", stage="approved")
    store = SimpleNamespace(plans=lambda: [SimpleNamespace(name="方案", newest=newest)])
    store.document = lambda _: {"areas": [{"households": 5, "floor_area_m2": 9, **area} for area in areas]}
    return store


def test_others_areas_are_not_told(bench):
    unit = bench.units.loc[bench.units["company_id"].eq("K1"), "unit_id"].iloc[0]
    other = bench.units["unit_id"].iloc[1]
    areas = (
        {"area_id": "A", "unit_ids": [other], "operator": "K2"},
        {"area_id": "B", "unit_ids": [other, "gone"], "operator": "K1"},
        {"area_id": "C", "unit_ids": [unit], "anchor_unit_id": unit},
    )
    session = SimpleNamespace(store=plan(*areas), data=SimpleNamespace(bench=bench))
    (found,) = list_company_plans(session, "K1", load_words("zh"))
    assert [area.name for area in found.areas] == ["B", "C"]
    assert found.areas[0].members[1][1] == "gone"
    assert [area.drawing is not None for area in found.areas] == [False, True]  # one that is gone has no number there
    assert found.areas[1].members[0][4]
    assert list_company_plans(session, "K3", load_words("zh")) == []
