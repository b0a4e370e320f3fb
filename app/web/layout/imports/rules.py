"""Which policy and names the dataset is kept by: the choice in the import wizard."""

from __future__ import annotations

import dash_mantine_components as dmc
from dash import html
from dash.development.base_component import Component

from app.desks.imports.import_view import ImportView
from app.i18n import Words
from app.web.layout import ids
from app.web.layout.widgets import aria_label, html_attributes


def rules_panel(view: ImportView, words: Words) -> html.Section:
    """The policies there are to choose from, the chosen one marked, and the name of the city.

    Parameters
    ----------
    view
        What the wizard shows.
    words
        Texts in the reader's language.
    """
    chosen = view.effective_rules
    kinds = [*(["kept"] if view.in_force else []), "template", "baotou", "own"]
    files = [path.name.removeprefix("own-") for path in (chosen.policy, chosen.names) if path is not None]
    city = (
        [
            dmc.TextInput(
                id=ids.wizard_answer("city", "rules"),
                label=words("wizard.rules_city"),
                placeholder=words("wizard.rules_city_hint"),
                value=chosen.city,
                debounce=400,
                size="xs",
            )
        ]
        if chosen.kind == "template"
        else []
    )
    suggested = words("wizard.rules_suggested") if view.suggested and view.rules.kind is None else ""
    return html.Section(
        [
            html.H3(words("wizard.rules_title")),
            html.P(" ".join(part for part in (words("wizard.rules_help"), suggested) if part), className="small"),
            html.Div(
                [_card(kind, kind == chosen.kind, view, words) for kind in kinds],
                className="rule-cards",
                role="group",
                **aria_label(words("wizard.rules_title")),
            ),
            html.Div([*city, *_downloads(words), *_own_files(files, words)], className="rules-more"),
        ],
        className="rules-choice",
    )


def _card(kind: str, is_chosen: bool, view: ImportView, words: Words) -> html.Button:
    name = words("wizard.rules_kept", name=view.in_force or "") if kind == "kept" else words(f"wizard.rules_{kind}")
    is_missing = kind == "own" and view.rules.policy is None
    return html.Button(
        [
            html.Strong(("✓ " if is_chosen else "") + name),
            html.Span(words(f"wizard.rules_{kind}_hint"), className="hint"),
        ],
        id=ids.wizard_row("rules", kind),
        className="rule-card chosen" if is_chosen else "rule-card",
        type="button",
        disabled=is_missing,
        **html_attributes(aria_pressed="true" if is_chosen else "false"),
    )


def _downloads(words: Words) -> list[Component]:
    return [
        html.Span(
            [
                html.A(words("wizard.rules_download"), href="import/template.toml"),
                html.A(words("wizard.names_download"), href="import/template_names.toml"),
            ],
            className="downloads",
        )
    ]


def _own_files(files: list[str], words: Words) -> list[Component]:
    """Names of the files that were dropped and checked."""
    if not files:
        return []
    return [html.Span(words("wizard.rules_own_files", names=words.join(files)), className="small")]
