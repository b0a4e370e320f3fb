"""Attributes have titles in both languages and names that shapefiles can hold."""

import re

import pytest

from app.exports.gis.fields import AREA_FIELDS, UNIT_FIELDS
from app.i18n import LANGUAGES, load_words


@pytest.mark.parametrize("fields", [UNIT_FIELDS, AREA_FIELDS])
def test_short_names_fit_a_shapefile(fields):
    short = [field.short for field in fields]
    assert all(re.fullmatch(r"[A-Z][A-Z0-9_]{0,9}", name) for name in short)
    assert len(set(short)) == len(short)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_field_has_a_title(language):
    words = load_words(language)
    titles = [[words(f"export_field.{field.key}") for field in fields] for fields in (UNIT_FIELDS, AREA_FIELDS)]
    assert all(len(set(row)) == len(row) for row in titles)
