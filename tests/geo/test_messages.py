"""Every sentence of a catalogue is there in both languages and says the same things."""

from pathlib import Path

import pytest

from geo.messages import Catalogue, Message, Sentence, places_of, read_catalogue

ROOT = Path(__file__).parents[2]
CATALOGUES = sorted(path for folder in ("geo", "analysis") for path in (ROOT / folder).rglob("messages.toml"))


@pytest.mark.parametrize("path", CATALOGUES, ids=lambda path: path.parent.name)
def test_each_key_has_both_languages_with_the_same_places(path):
    templates = read_catalogue(path).templates
    assert templates
    for key, text in templates.items():
        assert text.zh, key
        assert text.en, key
        assert places_of(text.zh) == places_of(text.en), key


def test_a_sentence_among_the_values_is_put_in_by_language():
    say = Catalogue({"full": Sentence("{who}已满", "{who} is full"), "it": Sentence("片区", "the area")})
    assert say("full", who=Message("it", {})) == Sentence("片区已满", "the area is full")
    assert say("full", who=say("it")) == Sentence("片区已满", "the area is full")


def test_a_key_without_one_language_is_refused(tmp_path):
    (tmp_path / "messages.toml").write_text('[area.new]\nzh = "新片区"\n', encoding="utf-8")
    with pytest.raises(KeyError, match="en"):
        read_catalogue(tmp_path / "messages.toml")


def test_a_value_that_is_not_given_is_a_programmers_mistake():
    with pytest.raises(KeyError, match="who"):
        Catalogue({"full": Sentence("{who}已满", "{who} is full")})("full")
