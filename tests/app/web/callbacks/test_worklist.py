"""The desk of worklist acts when the reader presses, never when the page is opened."""

import pytest

from app.web.callbacks.worklist import register
from app.web.layout import ids
from tests.app.web.callbacks.wired import outputs_of


@pytest.mark.parametrize("output", [f"{ids.WORK_SAID}.children", f"{ids.WORK_CHOSEN}.data"])
def test_opening_the_page_does_nothing_by_itself(output):
    assert outputs_of(register, None)[output]
