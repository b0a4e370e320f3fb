from __future__ import annotations

import pytest

from geo.values.booleans import parse_boolean
from geo.values.parsed_value import UnreadableValueError


@pytest.mark.parametrize(
    ("cell", "field", "value"),
    [
        ("是", "", True),
        ("未备案", "", False),
        (0, "", False),
        ("停用", "in_service", False),
        ("正常", "in_service", True),
    ],
)
def test_yes_and_no_are_read_as_people_write_them(cell, field, value):
    assert parse_boolean(cell, field).value is value


@pytest.mark.parametrize("cell", ["是（部分）", "已注销", "停用", "2"])
def test_what_is_neither_is_refused(cell):
    with pytest.raises(UnreadableValueError):
        parse_boolean(cell)
