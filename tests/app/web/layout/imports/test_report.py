"""What an import found, as the wizard shows it: fields by their names, lists with the comma of the language."""

import pytest

from app.i18n import load_words
from app.web.layout.imports.report import _finding_row
from geo.findings import Finding


@pytest.mark.parametrize(
    ("language", "sentence", "column"), [("zh", "第 3、5 行", "建成年份"), ("en", "rows 3, 5", "Year of construction")]
)
def test_a_finding_reads_in_one_language(language, sentence, column):
    found = Finding("warning", "rows", "第 3、5 行", "rows 3、5", column="built_year")
    row = _finding_row(found, load_words(language))
    assert (row["sentence"], row["column"]) == (sentence, column)


def test_a_header_stays_as_it_is_in_the_file():
    assert _finding_row(Finding("warning", "rows", "", "", column="竣工年份"), load_words("en"))["column"] == "竣工年份"
