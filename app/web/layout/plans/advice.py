"""What would let more households in, each with a button that goes there: to planning, or to correcting."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dash import html
from dash.development.base_component import Component

from app.desks.corrections.blocked_pairs import advised_barrier
from app.desks.plans.form import can_apply
from app.i18n import Words
from app.web.layout import ids

_MOST_CAUSES = 5


def advice_section(plan: Mapping[str, Any], words: Words) -> list[Component]:
    """The relaxations of a plan by what they bring, then what binds every plan; empty without any.

    Parameters
    ----------
    plan
        The plan.
    words
        Texts in the reader's language.
    """
    rows = list(enumerate(plan.get("advice", ())))
    relax = [(number, row) for number, row in rows if row["kind"] == "relax"]
    causes = [row for _, row in rows if row["kind"] == "cause"]
    parts: list[Component] = []
    if relax:
        parts += [
            html.H3(words("advice.title")),
            html.Ul([_row(number, row, words) for number, row in relax], className="advice"),
        ]
    if causes:
        items = [html.Li(words.pick(row["sentence_zh"], row["sentence_en"])) for row in causes]
        more = len(items) - _MOST_CAUSES
        rest = [html.Li(words("advice.more", n=more))] if more > 0 else []
        parts.append(
            html.Details(
                [
                    html.Summary(words("advice.causes", n=len(causes))),
                    html.Ul([*items[:_MOST_CAUSES], *rest], className="small"),
                ]
            )
        )
    return [html.Div(parts, className="advice-box")] if parts else []


def _row(number: int, row: Mapping[str, Any], words: Words) -> html.Li:
    sentence = words.pick(row["sentence_zh"], row["sentence_en"])
    rules = ", ".join(row["rules"])
    told: list[Component] = [html.Span(f"{sentence} ({rules}) ")]
    if can_apply(row["what"]):
        told.append(_button(words("advice.try"), ids.plan_advice(number), sentence))
    elif advised_barrier(row):
        told.append(_button(words("advice.correct"), ids.correct_advice(number), sentence))
    return html.Li(told)


def _button(text: str, id: dict[str, str | int], title: str) -> html.Button:  # noqa: A002
    return html.Button(text, id=id, className="link-button", type="button", title=title)
