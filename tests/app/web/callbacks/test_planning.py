"""The desk of planning acts when the reader presses, never when the page is opened."""

import pytest

from app.web.callbacks.planning import register
from app.web.layout import ids
from tests.app.web.callbacks.wired import outputs_of


@pytest.mark.parametrize("output", [f"{ids.STARTED}.data", f"{ids.PLAN_FAULT}.children"])
def test_opening_the_page_does_nothing_by_itself(output):
    assert outputs_of(register, None)[output]
