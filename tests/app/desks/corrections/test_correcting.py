"""What the page does when data are corrected: the plan grows old, and young again when taken back."""

import pytest

from app.desks.corrections.correcting import store_form, withdraw
from app.desks.corrections.correction_rows import make_correction_rows
from app.desks.plans.carry import carry_page
from app.i18n import load_words
from app.session.audit import format_changes
from app.session.plan_session import StalePageError
from geo.errors import UsageError
from tests.app.correction_forms import fill_form

ZH = load_words("zh")


def test_a_plan_is_of_older_data_after_a_correction_and_valid_when_it_is_taken_back(shown):
    data = shown.current_page()
    assert data.bench.plan is not None
    assert store_form(shown, data.version, fill_form("values", households="1,234", management_mode="quasi")) == 2
    old = shown.open(data.bench.version.id)
    assert old.bench.context.is_past  # shown on the data it was made for
    with pytest.raises(StalePageError):
        store_form(shown, data.version, fill_form("values", households="1"))
    carry_page(shown, data.version, "李工", ZH)
    after = shown.current_page()
    for row in make_correction_rows(after.bench, ZH):
        carry_page(shown, shown.current_page().version, "李工", ZH)
        withdraw(shown, shown.current_page().version, row["id"], "李工", "原台账无误")
    assert shown.current_page().bench.plan is not None
    lines = format_changes(shown, ZH)
    assert len(lines) == 4
    assert "李工 撤回数值 C011" in lines[0]
    with pytest.raises(UsageError):
        withdraw(shown, shown.current_page().version, "o1", "李工", " ")
