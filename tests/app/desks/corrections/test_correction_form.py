"""A form says before and after, judges what is drawn, and refuses what lacks something."""

import json

import pytest

from app.desks.corrections.correcting import store_form
from app.desks.corrections.correction_form import check_form, list_value_changes, parse_shape
from app.desks.corrections.correction_options import list_crossing_options, list_near_units
from app.i18n import load_words
from geo.errors import UsageError
from geo.storage.dataset import open_dataset
from tests.app.correction_forms import fill_form

ZH = load_words("zh")


def test_before_and_after_are_told_in_words(shown):
    bench = shown.current_page().bench
    (change,) = list_value_changes(bench, fill_form("values", management_mode="none", street_code="150299001"), ZH)
    assert change.label == "管理方式"
    assert change.after == "无物业"
    with pytest.raises(UsageError, match="没有改动"):
        store_form(shown, shown.current_page().version, fill_form("values", street_code="150299001"))
    with pytest.raises(UsageError):
        list_value_changes(bench, fill_form("values", households="很多"), ZH)


def test_a_pasted_outline_is_judged_before_it_is_kept(shown):
    bench = shown.current_page().bench
    unit = bench.units.set_index("unit_id").geometry["C011"]
    wide = unit.buffer(40).envelope
    text = json.dumps(parse_shape(bench, wide.wkt))
    found = check_form(bench, fill_form("outline", shape=text), ZH)
    assert found[0] == ("info", f"面积 {round(wide.area):,} ㎡")
    assert any(severity == "warning" and "重叠" in sentence for severity, sentence in found)
    with pytest.raises(UsageError, match="画出"):
        store_form(shown, shown.current_page().version, fill_form("outline"))
    assert list_near_units(bench, "C011", ZH)[0]["label"].endswith("34 米")
    assert list_crossing_options(bench, ZH)[0]["label"].endswith("中街下穿")


@pytest.mark.parametrize(
    ("section", "fields"),
    [
        ("merge", {}),
        ("neighbours", {"other": "nobody"}),
        ("split", {"west_households": "1.5"}),
        ("passage", {"passage": "closed"}),
        ("passage", {"passage": "open"}),
    ],
)
def test_what_lacks_something_is_refused_with_a_sentence(shown, section, fields):
    before = open_dataset(shown.folder).manifest
    shape = '{"type":"LineString","coordinates":[[109,40],[110,41]]}' if section == "split" else None
    with pytest.raises((UsageError, LookupError)):
        store_form(shown, shown.current_page().version, fill_form(section, shape=shape, **fields))
    assert open_dataset(shown.folder).manifest == before
