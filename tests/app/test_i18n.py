"""Both languages say everything, and nothing is said that nobody asks for."""

import ast
import re
import string
from pathlib import Path

import pytest

from analysis.indicators.registry import HEADLINES, THEMES
from app.i18n import DEFAULT, LANGUAGES, load_words, say
from geo.datum import DATUMS
from geo.messages import Sentence
from geo.schema import BARRIER_KINDS, CROSSING_KINDS, IMPORTABLE, MANAGEMENT_MODES, UNIT_KINDS

APP = Path(__file__).resolve().parents[2] / "app"


def asked_for():
    """Keys the code asks for by name."""
    code = "".join(path.read_text(encoding="utf-8") for path in APP.rglob("*.py"))
    return set(re.findall(r'\b(?:words(?:_zh|_en)?|say)\(\s*"([a-z_]+\.[A-Za-z_]+)"', code))


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_text_asked_for_is_there(language):
    missing = asked_for() - set(load_words(language).texts)
    assert not missing


def test_both_languages_have_the_same_texts_with_the_same_holes():
    zh, en = (load_words(language).texts for language in LANGUAGES)
    assert list(zh) == list(en)
    for key in zh:
        holes = [{name for _, name, _, _ in string.Formatter().parse(t[key]) if name} for t in (zh, en)]
        assert holes[0] == holes[1], key


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_mode_kind_theme_and_indicator_has_words(language):
    words = load_words(language)
    for mode in MANAGEMENT_MODES:
        words(f"management.{mode}")
    for kind in UNIT_KINDS:
        words(f"kind.{kind}")
    for theme in THEMES:
        words(f"caption.{theme.key}", target=3)
    for key in HEADLINES:
        words(f"basis.{key}")
        words(f"fraction.{key}", top=1, bottom=2)


def test_an_unknown_language_is_the_default():
    assert load_words("../../etc/passwd").language == DEFAULT


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_layer_kind_and_datum_of_an_import_has_words(language):
    words = load_words(language)
    for layer in IMPORTABLE:
        words(f"import_layer.{layer}")
    for kind in (*BARRIER_KINDS, *CROSSING_KINDS):
        words(f"import_kind.{kind}")
    for datum in DATUMS:
        words(f"datum.{datum}")
        words(f"datum.{datum}_hint")


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_text_that_is_chosen_by_name_is_there(language):
    words = load_words(language)
    for name in ("file", "rows", "layer", "encoding", "place", "state"):
        words(f"wizard.head_{name}")
    for question in ("layer", "datum", "crs", "kind"):
        words(f"wizard.ask_{question}")
        words(f"wizard.answer_{question}", name="a.csv")
    for work in ("trying", "storing"):
        words(f"wizard.{work}")
        words(f"wizard.{work}_note")


def asked_with_values():
    """Calls of `say` in the code of the app: each key by name and the values it is given."""
    for path in APP.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if (
                isinstance(node, ast.Call)
                and ast.unparse(node.func) == "say"
                and isinstance(node.args[0], ast.Constant)
            ):
                yield node.args[0].value, {keyword.arg for keyword in node.keywords}


def test_every_sentence_in_both_languages_is_given_its_values():
    texts = load_words(DEFAULT).texts
    for key, names in asked_with_values():
        holes = {name for _, name, _, _ in string.Formatter().parse(texts[key]) if name}
        assert holes >= names - {None}, key
        assert holes == names or None in names, key  # None: values that are put together elsewhere


def test_a_sentence_has_both_languages():
    assert say("unit.households", n=say("storing.name")) == Sentence("方案名称 户", "The name of a plan households")
