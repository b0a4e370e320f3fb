"""The texts of the page in Chinese and English, one file a language."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import MappingProxyType

from geo.messages import Catalogue, Sentence, use_singular

LANGUAGES = ("zh", "en")
DEFAULT = "zh"
HTML_LANG = MappingProxyType({"zh": "zh-CN", "en": "en"})


@dataclass(frozen=True)
class Words:
    """The texts of one language.

    Calling it gives a text by its key "section.name", with values put into its braces.

    Examples
    --------
    >>> load_words("en")("unit.households", n="1,200")
    '1,200 households'
    >>> load_words("en")("unit.households", n=1)
    '1 household'
    """

    language: str
    texts: Mapping[str, str]

    def __call__(self, key: str, **values: object) -> str:
        """The text of a key.

        Raises
        ------
        KeyError
            If there is no such text: a programmer's mistake.
        """
        text = self.texts[key]
        if not values:
            return text
        return (use_singular(text, values) if self.language == "en" else text).format(**values)

    def pick(self, zh: str, en: str) -> str:
        """Of two texts the one in this language.

        Parameters
        ----------
        zh, en
            The text in both languages.
        """
        return zh if self.language == "zh" else en

    def join(self, names: Iterable[str]) -> str:
        """Names in a row, with the comma of this language.

        Examples
        --------
        >>> load_words("en").join(["a", "b"])
        'a, b'
        """
        return ("、" if self.language == "zh" else ", ").join(names)

    def section(self, name: str) -> dict[str, str]:
        """All texts of a section, by their names."""
        return dict(_section(self.language, name))


@cache
def load_words(language: str) -> Words:
    """The texts of a language; Chinese where the language is not known."""
    known = language if language in LANGUAGES else DEFAULT
    path = Path(__file__).with_name(f"{known}.toml")
    sections = tomllib.loads(path.read_text(encoding="utf-8"))
    texts = {f"{s}.{name}": text for s, entries in sections.items() for name, text in entries.items()}
    return Words(known, MappingProxyType(texts))


@cache
def _section(language: str, name: str) -> Mapping[str, str]:
    start = f"{name}."
    texts = load_words(language).texts
    return {key.removeprefix(start): text for key, text in texts.items() if key.startswith(start)}


def say(key: str, /, **values: object) -> Sentence:
    """The text of a key in both languages, for what is told before anyone chose one: errors, the command line.

    Parameters
    ----------
    key
        "section.name".
    values
        Put into its braces; a `Sentence` among them by language.

    Raises
    ------
    KeyError
        If there is no such text: a programmer's mistake.

    Examples
    --------
    >>> say("unit.households", n=3)
    Sentence(zh='3 户', en='3 households')
    """
    return _load_both()(key, **values)


@cache
def _load_both() -> Catalogue:
    zh, en = (load_words(language).texts for language in LANGUAGES)
    return Catalogue(MappingProxyType({key: Sentence(text, en[key]) for key, text in zh.items()}))
