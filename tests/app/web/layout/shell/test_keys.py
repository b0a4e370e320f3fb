"""The list of keys tells of what is registered, and everything registered is told of."""

import re
from pathlib import Path

from app.i18n import LANGUAGES, load_words
from app.web.layout.shell.keys import KEYS

APP = Path(__file__).resolve().parents[5] / "app"
BY_OTHERS = {"rows", "tabs", "tab", "close", "zoom", "handle", "draw", "corners"}
"""Keys of a control that has the focus: of the browser, the tables, the map, what is drawn."""


def test_every_key_of_the_page_is_in_the_list_and_does_something():
    scripts = "".join(path.read_text(encoding="utf-8") for path in (APP / "assets").glob("*.js"))
    registered = re.findall(r'name: "([a-z]+)", keys: \[', scripts)
    assert sorted(registered) == sorted({name for _, name in KEYS} - BY_OTHERS)
    assert len({shown for shown, _ in KEYS}) == len(KEYS)


def test_no_script_of_the_page_listens_to_keys_past_the_table():
    """Those left answer a focus: an open menu, a dialog."""
    for path in (APP / "assets").glob("*.js"):
        text = path.read_text(encoding="utf-8")
        if path.name != "keys.js":
            for listener in re.findall(r'document\.addEventListener\("keydown".*?\n  }\);', text, re.S):
                assert '"Escape"' in listener, path.name


def test_every_key_of_the_editor_does_something_but_those_that_are_held():
    table = (APP / "web" / "components" / "editor" / "edit_keys.js").read_text(encoding="utf-8")
    assert re.findall(r'"(key_[a-z_]+)", \[\], null', table) == ["key_space", "key_how"]


def test_the_list_is_in_both_languages():
    for language in LANGUAGES:
        words = load_words(language)
        assert {name for _, name in KEYS} <= set(words.section("keys"))
