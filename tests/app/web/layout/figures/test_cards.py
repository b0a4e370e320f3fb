"""What the check of a plan is written into is on every page, also on one without a plan."""

import json

import plotly.utils

from app.i18n import load_words
from app.web.layout import ids
from app.web.layout.figures.cards import figures_panel
from tests.app.opened import open_workbench


def test_a_page_without_a_plan_has_the_places_of_its_check(town):
    panel = figures_panel(open_workbench(town[0], None), load_words("zh"))
    text = json.dumps(panel, cls=plotly.utils.PlotlyJSONEncoder)
    for place in (ids.VERIFIED, ids.PLAN_STATUS):
        assert f'"id": "{place}"' in text
