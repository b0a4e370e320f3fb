"""Every sentence of a catalogue is there in both languages and says the same things; every one is used."""

import ast
import re
from pathlib import Path

import pytest

from geo.messages import EMPTY, Catalogue, Sentence, join_names, places_of, read_catalogue, use_singular

ROOT = Path(__file__).parents[2]
CATALOGUES = sorted(path for folder in ("geo", "analysis", "pianqu") for path in (ROOT / folder).rglob("messages.toml"))
IDS = [str(path.parent.relative_to(ROOT)) for path in CATALOGUES]


def parse_modules(folder):
    return [ast.parse(path.read_text(encoding="utf-8")) for path in sorted(folder.glob("*.py"))]


def find_texts(tree):
    """Patterns of the strings under a node: of an f-string its places match anything."""
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr):
            yield "".join(re.escape(part.value) if isinstance(part, ast.Constant) else ".+" for part in node.values)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield re.escape(node.value)


def find_calls(folder):
    """Calls of `say`: patterns of their keys, and the names of their values."""
    for tree in parse_modules(folder):
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and ast.unparse(node.func) == "say":
                key = node.args[0]
                keys = [key.body, key.orelse] if isinstance(key, ast.IfExp) else [key]
                patterns = [next(find_texts(one)) for one in keys if isinstance(one, ast.JoinedStr | ast.Constant)]
                yield patterns, {keyword.arg for keyword in node.keywords}


@pytest.mark.parametrize("path", CATALOGUES, ids=IDS)
def test_each_key_has_both_languages_with_the_same_places(path):
    templates = read_catalogue(path).templates
    assert templates
    for key, text in templates.items():
        assert text.zh, key
        assert text.en, key
        assert places_of(text.zh) == places_of(text.en), key


@pytest.mark.parametrize("path", CATALOGUES, ids=IDS)
def test_each_call_has_its_template_and_all_its_values(path):
    templates = read_catalogue(path).templates
    for patterns, names in find_calls(path.parent):
        for pattern in patterns:
            keys = [key for key in templates if re.fullmatch(pattern, key)]
            assert keys, pattern
            if len(keys) == 1 and None not in names:  # several: the key is put together, with values for each
                assert places_of(templates[keys[0]].zh) == names, keys[0]


@pytest.mark.parametrize("path", CATALOGUES, ids=IDS)
def test_each_template_is_used(path):
    keys = set(read_catalogue(path).templates)
    dotted = {text for tree in parse_modules(path.parent) for text in find_texts(tree) if text not in (".+", "")}
    used = {key for key in keys if any(re.fullmatch(text, key) for text in dotted)}
    assert keys - used == set()


def test_a_sentence_among_the_values_is_put_in_by_language():
    say = Catalogue({"full": Sentence("{who}已满", "{who} is full"), "it": Sentence("片区", "the area")})
    assert say("full", who=say("it")) == Sentence("片区已满", "the area is full")


def test_sentences_are_joined_by_language():
    assert Sentence.join([join_names(["a", "b"]), EMPTY], (";", "; ")) == Sentence("a、b;", "a, b; ")


def test_a_key_without_one_language_is_refused(tmp_path):
    (tmp_path / "messages.toml").write_text('[area.new]\nzh = "新片区"\n', encoding="utf-8")
    with pytest.raises(KeyError, match="en"):
        read_catalogue(tmp_path / "messages.toml")


def test_a_value_that_is_not_given_is_a_programmers_mistake():
    with pytest.raises(KeyError, match="who"):
        Catalogue({"full": Sentence("{who}已满", "{who} is full")})("full")


@pytest.mark.parametrize(
    ("template", "count", "said"),
    [
        ("{n} rows have no place", 1, "1 row has no place"),
        ("{n} rows have no place", 21, "21 rows have no place"),
        ("{n} companies are new", "1", "1 company is new"),
        ("{n:,} more units need one", 1, "1 more unit needs one"),
        ("{n} is met", 1, "1 is met"),
    ],
)
def test_one_of_a_kind_is_no_plural(template, count, said):
    assert use_singular(template, {"n": count}).format(n=count) == said


def test_findings_about_files_count_rows_and_sentences_of_plans_stay_as_they_are():
    say = Catalogue({"row": Sentence("", "{n} rows are new"), "unit": Sentence("", "{n} units are new")})
    assert [say(key, n=1).en for key in ("row", "unit")] == ["1 row is new", "1 units are new"]
