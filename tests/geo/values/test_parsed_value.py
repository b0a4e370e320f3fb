"""Each doubt and each fault of a value has a sentence in both languages."""

import pytest

from geo.values.parsed_value import FAULTS, GUESSES, NOTES, UnreadableValueError


def test_a_rule_is_a_doubt_or_a_fault_and_a_guess_is_a_doubt():
    assert NOTES.keys() & FAULTS.keys() == set()
    assert NOTES.keys() >= GUESSES


@pytest.mark.parametrize("rule", [*NOTES, *FAULTS])
def test_each_rule_tells_what_was_done_and_what_to_do(rule):
    zh, en = {**NOTES, **FAULTS}[rule]
    assert zh.endswith("。")
    assert en.endswith(".")


def test_a_cell_that_cannot_be_read_names_a_fault_there_is():
    assert UnreadableValueError("x").rule in FAULTS
