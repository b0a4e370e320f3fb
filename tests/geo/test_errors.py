from __future__ import annotations

import inspect

import pytest

from geo import errors

KINDS = [kind for _, kind in inspect.getmembers(errors, inspect.isclass)]


@pytest.mark.parametrize("kind", KINDS)
def test_every_error_says_both_sentences_and_is_a_planning_error(kind):
    error = kind("中", "en")
    assert isinstance(error, errors.PlanningError)
    assert (error.zh, error.en, str(error)) == ("中", "en", "中\nen")
