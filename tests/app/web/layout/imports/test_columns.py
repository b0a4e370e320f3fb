"""What each column of a file is taken for, as the wizard shows it."""

import pytest

from app.desks.imports.import_view import DroppedFile
from app.desks.imports.preview import preview_file
from app.desks.imports.runs import FileChoice
from app.i18n import LANGUAGES, load_words
from app.web.layout.imports.columns import columns_table, label_field
from geo.schema import LAYERS
from tests.geo.prepared.test_ledger import HEAD, ROWS, book


@pytest.mark.parametrize("language", LANGUAGES)
def test_columns_for_other_layers_and_guesses_by_values_say_so(tmp_path, language):
    path = book(tmp_path / "台账.xlsx", HEAD, *ROWS)
    preview = preview_file(path, FileChoice())
    words = load_words(language)
    file = DroppedFile("f1", path, 1, FileChoice(), preview)
    drawn = str(columns_table(file, 0, preview.layers[0], words).to_plotly_json())
    field = words.pick("充电端口", "Ports")
    assert words("wizard.for_layer", field=field, layer=words("import_layer.ebike_sites")) in drawn
    assert words("wizard.by_values") in drawn


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_field_is_shown_by_its_name_in_the_code(language):
    labels = [label_field(field, load_words(language)) for fields in LAYERS.values() for field in fields]
    assert not [label for label in labels if "_" in label]
