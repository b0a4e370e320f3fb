"""Text cells: codes keep every digit, blanks are few, a mode is no company."""

import pytest

from geo.values.parsed_value import UnreadableValueError
from geo.values.texts import parse_district_code, parse_mode_in_name, parse_text


def test_a_mode_in_the_company_column_is_no_company():
    assert parse_mode_in_name("无物业管理服务") == "none"
    assert parse_mode_in_name("街道办事处（委员会）代管物业") == "community_custody"
    assert parse_mode_in_name("社区之家物业服务有限公司") is None


@pytest.mark.parametrize("cell", [1.5020300112345678e17, "1.5E+17"])
def test_a_code_that_lost_digits_is_refused(cell):
    with pytest.raises(UnreadableValueError):
        parse_text(cell, is_code=True)


def test_the_number_of_the_country_before_a_district_is_dropped():
    assert parse_district_code("156150203").value == parse_district_code("150203").value == "150203"
