"""Every step of the import wizard can be drawn."""

import pytest

from app.desks.imports.events import WizardEvent, apply_event, draw_shown_file
from app.desks.imports.runs import AboutDataset
from app.i18n import load_words
from app.web.layout.imports.wizard import wizard_body
from tests.app.import_files import TOKEN, drop, tried


@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_step_can_be_drawn(desk, outlines, ledger, language):
    words = load_words(language)

    def drawn():
        view = desk.view(TOKEN)
        return str(wizard_body(view, None, draw_shown_file(desk, TOKEN, None), TOKEN, words))

    assert "drop-zone large" in drawn()
    drop(desk, outlines, ledger)
    assert "datum-choices" in drawn()
    apply_event(desk, TOKEN, WizardEvent("wizard-row", "datum_all", "wgs84"))
    assert "datum-choices" not in drawn()
    tried(desk)
    assert "grid-findings" in drawn()
    desk.start_storing(TOKEN, AboutDataset()).join(60)
    assert "wizard-see-map" in drawn()
