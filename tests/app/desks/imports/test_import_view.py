"""What an import shows of itself."""

from app.desks.imports.import_view import ImportView, choose_detail_file
from app.desks.imports.rules_choice import RulesChoice


def test_what_was_chosen_counts_before_what_is_suggested_and_that_before_what_is_in_force():
    assert ImportView().effective_rules.kind == "baotou"
    assert ImportView(in_force="本市").effective_rules.kind == "kept"
    assert ImportView(suggested="template").effective_rules.kind == "template"
    assert ImportView(suggested="template", rules=RulesChoice("baotou")).effective_rules.kind == "baotou"


def test_no_file_is_no_detail():
    assert choose_detail_file(ImportView(), "f1") is None
    assert not ImportView().is_ready
