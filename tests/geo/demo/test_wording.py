"""Words of the fictional bureau: names the same for the same seed, figures as offices type them."""

import numpy as np
import pandas as pd
import pytest

from geo.demo.wording import draw_company_names, draw_road_names, draw_word_pairs, type_households, type_years


@pytest.mark.parametrize("draw", [draw_word_pairs, draw_road_names, draw_company_names])
def test_names_are_as_many_as_asked_for_and_the_same_again(draw):
    first, again = (draw(20, np.random.default_rng(3)) for _ in range(2))
    assert len(first) == 20
    assert first == again
    assert all(first)


@pytest.mark.parametrize(("write", "value"), [(type_households, 320), (type_years, 1987)])
def test_each_cell_is_a_number_or_a_text_that_holds_digits_or_is_left_blank(write, value):
    written = write(pd.Series([value] * 60, dtype="Int64"), np.random.default_rng(0))
    assert len(written) == 60
    assert value in written
    assert all(cell is None or isinstance(cell, int | str) for cell in written)
