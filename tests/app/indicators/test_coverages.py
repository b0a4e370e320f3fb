"""The narrow table says what the indicators say, in both languages, with its story as a title."""

import pytest

from analysis.indicators.registry import compute_indicators
from app.i18n import LANGUAGES, load_words
from app.indicators.coverages import LEVELS, count_coverage_rows, make_coverage_rows
from app.web.layout.figures.coverages import coverages_section
from app.workbench.scenario import COVERAGES


@pytest.mark.parametrize("level", LEVELS)
def test_rows_are_the_places_of_the_level(bench, level):
    found = make_coverage_rows(bench, load_words("zh"), level)
    figures = compute_indicators(bench.layers, bench.policy, level=level, year=2026, keys=COVERAGES)
    assert len(found) == len({(f.admin_code, f.roster) for f in figures})
    assert all(len(row.cells) == len(COVERAGES) for row in found)


def test_a_cell_tells_its_numerator_and_denominator(bench):
    (row,) = make_coverage_rows(bench, load_words("en"), "city")
    figures = {f.key: f for f in compute_indicators(bench.layers, bench.policy, year=2026, keys=COVERAGES)}
    for key, cell in zip(COVERAGES, row.cells, strict=True):
        figure = figures[key]
        if figure.numerator is not None:
            assert f"{figure.numerator:,.0f} / {figure.denominator:,.0f}" in cell.title


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_section_draws_the_city_and_what_is_opened(bench, language):
    words = load_words(language)
    assert str(coverages_section(bench, words)).count("Table(") == 1
    assert str(coverages_section(bench, words, opened=LEVELS)).count("Table(") == len(LEVELS)


@pytest.mark.parametrize("level", LEVELS)
def test_rows_are_counted_without_being_made(bench, level):
    assert count_coverage_rows(bench, level) == len(make_coverage_rows(bench, load_words("zh"), level))
