from __future__ import annotations

import pytest

from geo.values.credit_codes import parse_credit_code
from geo.values.parsed_value import UnreadableValueError


def test_a_code_is_read_whatever_its_width_and_case():
    assert parse_credit_code(" ９1350100m000100y43") == "91350100M000100Y43"


@pytest.mark.parametrize(
    ("cell", "rule"),
    [
        ("91350100M000100Y44", "value.bad_uscc"),
        ("91350100M000100Y4", "value.bad_uscc"),
        (9.13501e17, "value.long_number"),
        ("9.13501E+17", "value.long_number"),
    ],
)
def test_a_code_that_does_not_check_is_refused(cell, rule):
    with pytest.raises(UnreadableValueError) as refused:
        parse_credit_code(cell)
    assert refused.value.rule == rule
