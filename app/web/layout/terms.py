"""Words a planner may not know, explained at the word: by pointer, by keyboard, by screen reader (`terms.js`)."""

from __future__ import annotations

import json
import re
from functools import lru_cache

from dash import html
from dash.development.base_component import Component

from app.i18n import Words
from app.web.layout import ids
from app.web.layout.widgets import aria_label, html_attributes


def terms_list(words: Words) -> html.Div:
    """The explanations, for `terms.js`; and for the editor, whose texts are written in the browser."""
    return html.Div(
        id=ids.TERMS, hidden=True, **html_attributes(data_told=json.dumps(_terms(words), ensure_ascii=False))
    )


def explain_terms(text: str, words: Words) -> list[Component | str]:
    """A text in which every known term can be asked about.

    Parameters
    ----------
    text
        Of the page.
    words
        Texts in the reader's language.
    """
    terms = _terms(words)
    if not terms:
        return [text]
    parts = re.split("(" + "|".join(re.escape(term) for term in sorted(terms, key=len, reverse=True)) + ")", text)
    return [_term(part, words) if part in terms else part for part in parts if part]


def _term(term: str, words: Words) -> html.Button:
    label = aria_label(words("terms.what", term=term))
    return html.Button(term, type="button", className="term", **label, **html_attributes(data_term=term))


@lru_cache(maxsize=4)
def _terms_of(section: tuple[tuple[str, str], ...]) -> dict[str, str]:
    told = dict(section)
    names = [key.removesuffix("_told") for key in told if key.endswith("_told")]
    return {told[name]: told[f"{name}_told"] for name in names}


def _terms(words: Words) -> dict[str, str]:
    """The explanation of each term."""
    return _terms_of(tuple(words.section("terms").items()))
