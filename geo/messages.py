"""Sentences for people in Chinese and English: templates in a catalogue, rendered where they are shown."""

from __future__ import annotations

import re
import string
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple


class Sentence(NamedTuple):
    """The same in both languages.

    Examples
    --------
    >>> zh, en = Sentence("已满。", "It is full.")
    >>> en
    'It is full.'
    """

    zh: str
    en: str

    def pick(self, language: str) -> str:
        """The text of one language.

        Examples
        --------
        >>> Sentence("街道", "street").pick("en")
        'street'
        """
        return self.en if language == "en" else self.zh

    @classmethod
    def join(cls, sentences: Iterable[tuple[str, str]], between: tuple[str, str]) -> Sentence:
        """Several in a row.

        Parameters
        ----------
        sentences
            In order.
        between
            What stands between two of them, in each language.

        Examples
        --------
        >>> Sentence.join([("街道", "street"), ("社区", "neighbourhood")], ("、", ", "))
        Sentence(zh='街道、社区', en='street, neighbourhood')
        """
        found = tuple(sentences)
        return cls(between[0].join(zh for zh, _ in found), between[1].join(en for _, en in found))


class Item(NamedTuple):
    """A sentence with a mark before it, as an item of a list has one.

    Examples
    --------
    >>> Item("-", Sentence("已满。", "It is full.")).sentence.en
    'It is full.'
    """

    mark: str
    sentence: Sentence


Line = str | Sentence | Item
"""A line of an answer: the same in every language, or one in each."""

EMPTY = Sentence("", "")
"""Nothing to say."""


def join_names(names: Iterable[object]) -> Sentence:
    """Names in a row, with the comma of each language.

    Examples
    --------
    >>> join_names(["edges", "leads"])
    Sentence(zh='edges、leads', en='edges, leads')
    """
    found = [str(name) for name in names]
    return Sentence("、".join(found), ", ".join(found))


_ROWS = "cells|columns|files|formulas|labels|lines|outlines|pairs|rows|shapes|sheets"
_NOUNS = (
    f"{_ROWS}|areas|bikes|buildings|communities|companies|corrections|crossings|districts|faults|features|findings"
    "|groups|households|ids|leaders|links|members|months|names|neighbourhoods|neighbours|pages|parts|permits|pieces"
    "|places|points|ports|roads|rules|sites|steps|streets|units|values|years"
)
_VERBS = {"are": "is", "have": "has", "were": "was", "do": "does", "add": "adds", "lack": "lacks"} | {
    verb: f"{verb}s" for verb in ("belong", "get", "hold", "lie", "move", "name", "need", "state", "stay", "stop")
}


def _count(nouns: str) -> re.Pattern[str]:
    return re.compile(rf"\{{(\w+)(?::[^{{}}]*)?\}} (?:[a-z]+ )?({nouns})\b(?: ({'|'.join(_VERBS)})\b)?")


ALL_NOUNS, ROW_NOUNS = _count(_NOUNS), _count(_ROWS)
"""What is counted on screens; and in findings about files: sentences that plans keep stay as they are recorded."""


def use_singular(template: str, values: Mapping[str, object], nouns: re.Pattern[str] = ALL_NOUNS) -> str:
    """An English template with its counted nouns, and the verbs right behind them, for the counts that are 1.

    Parameters
    ----------
    template
        With places in the form of `str.format`.
    values
        By the name of the place.
    nouns
        `ALL_NOUNS` or `ROW_NOUNS`.

    Examples
    --------
    >>> use_singular("{n} rows have no place; {m} companies are new.", {"n": 1, "m": 2})
    '{n} row has no place; {m} companies are new.'
    """

    def inflect(found: re.Match[str]) -> str:
        if str(values.get(found[1])) != "1":
            return found[0]
        noun = found[2].removesuffix("ies") + "y" if found[2].endswith("ies") else found[2].removesuffix("s")
        text = found[0].replace(f" {found[2]}", f" {noun}")
        return text if found[3] is None else text.removesuffix(found[3]) + _VERBS[found[3]]

    return nouns.sub(inflect, template)


@dataclass(frozen=True)
class Catalogue:
    """The templates of one package, by key.

    Parameters
    ----------
    templates
        With places in the form of `str.format`: ``"{units} 不能牵头"``, ``"{area_m2:,.0f} m²"``.
    """

    templates: Mapping[str, Sentence]

    def __call__(self, key: str, /, **values: object) -> Sentence:
        """The sentence of a key.

        Parameters
        ----------
        key
            Of the catalogue.
        values
            By the name of the place. What has `zh` and `en` (a `Sentence`, a finding, an error) is put in by language.

        Raises
        ------
        KeyError
            If there is no such template or a value is missing: a programmer's mistake.

        Examples
        --------
        >>> say = Catalogue({"size": Sentence("建筑面积 {m2:,.0f} ㎡", "{m2:,.0f} m²")})
        >>> say("size", m2=1200.4)
        Sentence(zh='建筑面积 1,200 ㎡', en='1,200 m²')
        """
        template = self.templates[key]
        zh = {name: getattr(value, "zh", value) for name, value in values.items()}
        en = {name: getattr(value, "en", value) for name, value in values.items()}
        return Sentence(template.zh.format_map(zh), use_singular(template.en, en, ROW_NOUNS).format_map(en))

    def get(self, key: str, default: str) -> Sentence:
        """A name without places; the default in both languages where there is none.

        Parameters
        ----------
        key
            Of the catalogue, or not.
        default
            What stands for it.

        Examples
        --------
        >>> Catalogue({"street": Sentence("街道", "street")}).get("river", "river")
        Sentence(zh='river', en='river')
        """
        return self.templates.get(key, Sentence(default, default))


def read_catalogue(path: Path) -> Catalogue:
    """The catalogue in a TOML file: a table for each key, with the strings `zh` and `en`.

    Raises
    ------
    KeyError
        If a template lacks a language.
    """
    with path.open("rb") as file:
        tables = tomllib.load(file)
    return Catalogue(MappingProxyType({key: Sentence(text["zh"], text["en"]) for key, text in _flat(tables).items()}))


@cache
def load_catalogue(file: str) -> Catalogue:
    """The catalogue `messages.toml` next to a module: ``say = load_catalogue(__file__)``.

    Parameters
    ----------
    file
        Path of the module.
    """
    return read_catalogue(Path(file).with_name("messages.toml"))


def places_of(template: str) -> frozenset[str]:
    """Names of the places of a template.

    Examples
    --------
    >>> sorted(places_of("{units}: {area_m2:,.0f} m²"))
    ['area_m2', 'units']
    """
    return frozenset(name for _, name, _, _ in string.Formatter().parse(template) if name is not None)


def _flat(tables: Mapping[str, dict[str, object]], before: str = "") -> dict[str, Mapping[str, str]]:
    """Tables that hold texts, by their path in dots."""
    found: dict[str, Mapping[str, str]] = {}
    for name, table in tables.items():
        if all(isinstance(value, str) for value in table.values()):
            found[before + name] = table  # type: ignore[assignment]
        else:
            found |= _flat(table, f"{before}{name}.")  # type: ignore[arg-type]
    return found
