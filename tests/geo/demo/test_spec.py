"""Sizes of fictional cities are data that nobody changes."""

from dataclasses import FrozenInstanceError, fields

import pytest

from geo.demo.spec import SPECS


def test_a_size_cannot_be_changed():
    with pytest.raises(FrozenInstanceError):
        setattr(SPECS["small"], fields(SPECS["small"])[0].name, None)
