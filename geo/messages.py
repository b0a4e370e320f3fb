"""Sentences for people in Chinese and English: templates in a catalogue, rendered where they are shown."""

from __future__ import annotations

import string
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType


@dataclass(frozen=True)
class Sentence:
    """The same in both languages.

    Examples
    --------
    >>> Sentence("已满。", "It is full.") + Sentence("请换一个。", "Take another.")
    Sentence(zh='已满。请换一个。', en='It is full. Take another.')
    """

    zh: str
    en: str

    def __add__(self, other: Sentence) -> Sentence:
        """One after the other."""
        return Sentence(self.zh + other.zh, f"{self.en} {other.en}".strip())


@dataclass(frozen=True)
class Message:
    """What is to be said: the key of a template and the values of its places.

    Parameters
    ----------
    key
        Of the catalogue, such as "lock.together".
    values
        By the name of the place. A `Sentence` or `Message` among them is put in by language.
    """

    key: str
    values: Mapping[str, object]


@dataclass(frozen=True)
class Catalogue:
    """The templates of one package, by key.

    Parameters
    ----------
    templates
        With places in the form of `str.format`: ``"{units} 不能牵头"``, ``"{area_m2:,.0f} m²"``.
    """

    templates: Mapping[str, Sentence]

    def __call__(self, key: str, **values: object) -> Sentence:
        """The sentence of a key.

        Parameters
        ----------
        key
            Of the catalogue.
        values
            By the name of the place.

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
        return self.render(Message(key, values))

    def render(self, message: Message) -> Sentence:
        """A message in words.

        Raises
        ------
        KeyError
            If there is no such template or a value is missing: a programmer's mistake.
        """
        template = self.templates[message.key]
        values = {
            name: self.render(value) if isinstance(value, Message) else value for name, value in message.values.items()
        }
        zh = {name: value.zh if isinstance(value, Sentence) else value for name, value in values.items()}
        en = {name: value.en if isinstance(value, Sentence) else value for name, value in values.items()}
        return Sentence(template.zh.format_map(zh), template.en.format_map(en))


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
