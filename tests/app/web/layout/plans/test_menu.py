"""The menu of plans: the button says which is shown, the list is empty where none is kept."""

import pytest

from app.desks.plans.menu import NO_PLANS
from app.i18n import LANGUAGES, load_words
from app.web.layout import ids
from app.web.layout.plans.menu import plan_menu_parts, plan_menu_view
from tests.app.drawn import ids_in, text_in


@pytest.mark.parametrize("language", LANGUAGES)
def test_without_a_plan_the_button_and_the_list_say_so(language):
    words = load_words(language)
    summary, body = plan_menu_parts("p", NO_PLANS, words)
    assert words("page.no_plan") in text_in(summary)
    assert words("store.none") in text_in(body)


def test_the_menu_has_its_place_and_its_verdict():
    assert {ids.PLAN_MENU, ids.PLAN_LINE, ids.PLAN_VERDICT} <= {
        one for one in ids_in(plan_menu_view("p", NO_PLANS, load_words("zh"))) if isinstance(one, str)
    }
