"""Words a planner may not know are explained where they stand."""

import pytest

from app.i18n import LANGUAGES, load_words
from app.web.layout.terms import explain_terms, terms_list


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_term_has_its_explanation(language):
    section = load_words(language).section("terms")
    names = [name for name in section if not name.endswith("_told") and name != "what"]
    assert {f"{name}_told" for name in names} == {name for name in section if name.endswith("_told")}
    assert all(section[name] in str(terms_list(load_words(language))) for name in names)


def test_a_known_word_can_be_asked_about_and_the_rest_stays():
    before, word, after = explain_terms("步行 (户·米) 合计", load_words("zh"))
    assert (before, word.children, after) == ("步行 (", "户·米", ") 合计")
    assert explain_terms("户数", load_words("zh")) == ["户数"]
