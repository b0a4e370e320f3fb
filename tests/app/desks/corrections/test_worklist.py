"""The work list is ordered, counted, and follows talks."""

from app.desks.corrections.worklist import (
    format_counts,
    list_strays,
    make_work_rows,
    store_consultation,
    withdraw_consultation,
)
from app.desks.plans.carry import carry_page
from app.i18n import load_words

ZH = load_words("zh")


def test_the_work_list_is_ordered_counted_and_follows_talks(shown):
    data = shown.current_page()
    strays = list_strays(data.bench, ZH)
    homes = [one.households for one in strays]
    assert homes == sorted(homes, reverse=True)
    assert format_counts(strays, ZH).startswith(f"共 {len(strays)} 栋 {sum(homes):,} 户")
    assert len(make_work_rows(strays, ZH)) == len(strays)
    one = strays[0].unit_id
    assert not store_consultation(shown, data.version, one, "yes", "contacted", "刘", "2026-06-30", "")
    assert shown.page(data.version).bench.plan is not None
    assert store_consultation(shown, data.version, one, "no", None, "刘", "2026-07-01", "改口")
    assert shown.open(data.bench.version.id).bench.context.is_past
    carry_page(shown, data.version, "刘", ZH)
    now = shown.current_page()
    (same,) = [stray for stray in list_strays(now.bench, ZH) if stray.unit_id == one]
    assert (same.agrees, same.stage) == ("no", "contacted")
    assert withdraw_consultation(shown, now.version, one, "刘")
    assert shown.current_page().bench.plan is not None
