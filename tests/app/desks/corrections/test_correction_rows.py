"""Values are shown as a reader knows them, missing ones as missing."""

from app.desks.corrections.correction_rows import format_value
from app.i18n import load_words

ZH = load_words("zh")


def test_values_read_as_their_column_says(shown):
    bench = shown.current_page().bench
    shown_values = {("built_year", 1999.0): "1999", ("households", 1234.0): "1,234", ("households", None): "不详"}
    assert {key: format_value(bench, *key, ZH) for key in shown_values} == shown_values
    assert format_value(bench, "street_code", "no such", ZH) == "no such"
