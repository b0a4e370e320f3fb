"""What may be tried can be reset, and the year begins with the data's."""

import pytest

from app.i18n import LANGUAGES, load_words
from app.web.layout import ids
from app.web.layout.figures.what_if import what_if_section
from tests.app.drawn import each_part, ids_in


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_year_is_one_of_those_offered_and_all_can_be_reset(bench, language):
    drawn = what_if_section(bench, load_words(language))
    (slider,) = (part for part in each_part(drawn) if getattr(part, "id", None) == ids.YEAR)
    assert slider.min <= slider.value <= slider.max
    assert ids.RESET in ids_in(drawn)
