"""The columns of a file in the import wizard, and what each is taken for."""

from __future__ import annotations

import dash_mantine_components as dmc
from dash import html
from dash.development.base_component import Component

from app.desks.imports.import_view import DroppedFile
from app.desks.imports.preview import ColumnGuess, LayerPreview
from app.i18n import Words
from app.web.layout import ids
from app.web.layout.widgets import aria_label
from geo.schema import LAYERS, Field
from geo.tables.headers import auxiliary_fields
from geo.tables.ledger_fields import LEDGER_FIELDS

_DERIVED = frozenset({"geometry", "geom_quality"})
"""Fields of a layer that no column is."""


def columns_table(file: DroppedFile, number: int, layer: LayerPreview, words: Words) -> html.Div:
    """Each column and what it is, to be put right by choosing another field.

    Parameters
    ----------
    file
        The file in detail.
    number
        Of the layer in the file, from 0.
    layer
        As it would be read.
    words
        Texts in the reader's language.
    """
    fields = _fields(layer.layer, words) if layer.mapping is not None and layer.layer else []
    numbered = sorted(enumerate(layer.columns), key=lambda one: one[1].role != "field")
    rows = [
        html.Tr(
            [
                html.Td(column.source),
                html.Td("→", className="arrow"),
                html.Td(
                    _meaning(column, ids.wizard_column(file.key, number, at), fields, words),
                    className=f"role-{column.role}",
                ),
                html.Td(_found_by(column, words), className="hint"),
            ]
        )
        for at, column in numbered
    ]
    return html.Div(html.Table(html.Tbody(rows), className="columns"), className="scroll")


def _fields(layer: str, words: Words) -> list[dict[str, str]]:
    """What a column of a layer may be: nothing, a field, or a field that helps to place and join."""
    helping = words.section("helping_field")
    own = {f.name: label_field(f, words) for f in LAYERS[layer] if f.name not in _DERIVED}
    names = own | {name: helping.get(name) or _ledger_label(name, words) for name in auxiliary_fields(layer)}
    left_out = {"value": "", "label": words("wizard.role_ignored")}
    return [left_out, *({"value": name, "label": label} for name, label in names.items())]


def label_field(field: Field, words: Words) -> str:
    """What a field is called in the reader's language.

    Parameters
    ----------
    field
        Of a layer.
    words
        Texts in the reader's language.

    Examples
    --------
    >>> from app.i18n import load_words
    >>> [label_field(field, load_words("en")) for field in LAYERS["units"][:3]]
    ['Unit id', 'Kind', 'Name']
    """
    return words.pick(field.zh, words.section("field").get(field.name) or field.name.replace("_", " ").capitalize())


def _ledger_label(name: str, words: Words) -> str:
    """A field that a ledger has for another layer; others have no label but their name."""
    ledger = LEDGER_FIELDS.get(name)
    if ledger is None:
        return name
    return words(
        "wizard.for_layer", field=label_field(ledger.field, words), layer=words(f"import_layer.{ledger.layer}")
    )


def _meaning(
    column: ColumnGuess, control: dict[str, str | int], fields: list[dict[str, str]], words: Words
) -> Component:
    if column.role == "personal" or not fields:
        return html.Span(words(f"wizard.role_{column.role}"))
    return dmc.Select(
        id=control,
        data=fields,
        value=column.field or "",
        size="xs",
        searchable=True,
        selectFirstOptionOnChange=True,
        allowDeselect=False,
        comboboxProps={"width": "max-content", "position": "bottom-start"},
        **aria_label(words("wizard.answer_column", name=column.source)),
    )


def _found_by(column: ColumnGuess, words: Words) -> str:
    if column.role == "doubled":
        return words("wizard.role_doubled")
    if column.role != "field":
        return ""
    if column.is_said:
        return words("wizard.by_planner")
    if column.is_saved:
        return words("wizard.by_saved")
    if column.is_by_values:
        return words("wizard.by_values")
    if column.score < 100:
        return words("wizard.by_likeness", score=f"{column.score:.0f}")
    return words("wizard.by_header")
