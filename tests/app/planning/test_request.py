"""A request of the page is held to the table of options."""

import pytest

from app.planning.options import OPTIONS, option_of
from app.planning.request import read_request
from geo.errors import UsageError


@pytest.mark.parametrize("name", [one.name for one in OPTIONS if one.option.page is None])
def test_what_the_page_does_not_offer_it_may_not_ask_for(name):
    with pytest.raises(UsageError):
        read_request({"name": "甲", name: 1}) if name != "start" else read_request({"name": "甲", name: 1.5})


@pytest.mark.parametrize("name", ["lower", "upper", "areas", "seconds", "opening", "seed"])
def test_a_number_out_of_range_is_named_in_both_languages(name):
    zh, en = option_of(name).option.label
    with pytest.raises(UsageError) as told:
        read_request({"name": "甲", name: -1})
    assert zh in told.value.zh
    assert en in told.value.en
