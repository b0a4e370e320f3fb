"""What a control of the wizard tells: answers always, buttons only once they were pressed."""

import pytest

from app.web.callbacks.importing import control_id, is_event


@pytest.mark.parametrize(
    ("control", "value", "told"),
    [
        ({}, None, True),
        ({"type": "wizard-step", "step": "store"}, None, False),
        ({"type": "wizard-step", "step": "store"}, 1, True),
        ({"type": "wizard-answer", "question": "datum"}, None, True),
        ({"type": "wizard-column", "column": 2}, "", True),
    ],
)
def test_a_button_that_was_only_drawn_is_no_event(control, value, told):
    assert is_event(control, value) is told


def test_a_clock_has_no_id():
    assert control_id("wizard-tick.data") == {}
