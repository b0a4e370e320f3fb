"""A form is read back without a question: heads are known, choices mean their keys, an example is a value."""

import io

import openpyxl
import pytest
from typer.testing import CliRunner

from app.cli.main import cli
from app.exports.blank_form import FORM_COLUMNS, form_columns, make_blank_form
from app.i18n import load_words
from geo.storage.dataset import open_dataset
from geo.tables.headers import map_columns
from geo.values.parsing import parse_value

WORDS = load_words("zh")


@pytest.mark.parametrize("layer", FORM_COLUMNS)
def test_every_head_is_known(layer):
    columns = form_columns(layer, WORDS)
    found = map_columns([column.head for column in columns], layer)
    assert [match.field for match in found.matches] == list(FORM_COLUMNS[layer])
    assert {match.score for match in found.matches} == {100.0}


@pytest.mark.parametrize("layer", FORM_COLUMNS)
def test_every_choice_means_its_key_and_every_example_is_a_value(layer):
    for column in form_columns(layer, WORDS):
        keys = [key for key in column.field.choices if key != "unknown"]
        if keys:
            assert [parse_value(word, column.field).value for word in column.choices] == keys
        elif column.choices:
            assert [parse_value(word, column.field).value for word in column.choices] == [True, False]
        elif column.example:
            assert parse_value(column.example, column.field).value is not None


def test_it_has_lists_notes_and_no_data():
    book = openpyxl.load_workbook(io.BytesIO(make_blank_form(WORDS)))
    assert len(book.worksheets) == len(FORM_COLUMNS)
    for sheet in book.worksheets:
        assert [row for row in sheet.iter_rows(min_row=2, values_only=True) if any(row)] == []
        assert all(cell.comment for cell in sheet[1])
    lists = {str(rule.sqref): rule.formula1 for rule in book["小区"].data_validations.dataValidation}
    assert any("专业物业" in words for words in lists.values())


def test_a_filled_form_is_imported_without_a_question(tmp_path):
    form, data = tmp_path / "模板.xlsx", tmp_path / "data"
    assert CliRunner().invoke(cli, ["template", "--out", str(form)]).exit_code == 0
    book = openpyxl.load_workbook(form)
    for layer in FORM_COLUMNS:
        sheet = book[WORDS(f"import_layer.{layer}")]
        for row in (2, 3):
            for k, column in enumerate(form_columns(layer, WORDS), start=1):
                value = column.choices[0] if column.choices else column.example
                if column.field.name in ("name", "community_name"):
                    value = f"鹿苑小区{row}" if layer != "companies" else "示例物业服务有限公司" + "甲乙"[row - 2]
                elif column.field.name in ("lon", "lat"):
                    value = float(value) + row / 1000
                elif column.field.name in ("external_code", "uscc"):
                    value = None
                sheet.cell(row, k, value)
    book.save(form)
    result = CliRunner().invoke(cli, ["import", str(form), "--into", str(data), "--datum", "cgcs2000", "--json"])
    assert result.exit_code == 0, result.output
    dataset = open_dataset(data)
    units = dataset.layer("units")
    assert sorted(units["name"]) == ["鹿苑小区2", "鹿苑小区3"]
    assert (units["households"] == 486).all()
    assert (units["management_mode"] == "professional").all()
    for layer in FORM_COLUMNS:
        assert len(dataset.layer(layer)) == 2, layer
    assert [finding for finding in dataset.findings() if finding.severity == "error"] == []


def test_a_sheet_that_is_not_there_is_named(tmp_path):
    result = CliRunner().invoke(cli, ["template", "--out", str(tmp_path / "a.xlsx"), "--layer", "moon"])
    assert "moon" in str(result.exception)
