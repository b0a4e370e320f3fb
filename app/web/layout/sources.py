"""The small tag that says where a value of the policy comes from."""

from __future__ import annotations

from dash import html

from app.i18n import Words


def source_tag(source: str, words: Words) -> html.Span:
    """A policy value's source as a small tag: S, X or A, the whole source as its title."""
    kind = source[0]
    return html.Span(f"[{source}]", className=f"source source-{kind}", title=words(f"source.{kind}"))
