"""The first step of the wizard: the files, what they were taken for, the questions they leave."""

from __future__ import annotations

from typing import Any

import dash_mantine_components as dmc
from dash import html
from dash.development.base_component import Component

from app.desks.imports.import_view import DroppedFile, ImportView, choose_detail_file
from app.desks.imports.preview import KINDS_OF, FilePreview, LayerPreview
from app.desks.imports.uploads import COMPANIONS, RULES_SUFFIX, SUFFIXES
from app.i18n import Words
from app.settings import UPLOAD_MB
from app.web.layout import ids
from app.web.layout.imports.columns import columns_table
from app.web.layout.imports.rules import rules_panel
from app.web.layout.widgets import aria_label, html_attributes
from geo.datum import DATUMS
from geo.schema import IMPORTABLE

ENCODINGS = ("utf-8", "gb18030", "big5", "utf-16")
CRS_CHOICES = ("EPSG:4490", "EPSG:4545", "EPSG:4546", "EPSG:4547", "EPSG:4326", "EPSG:3857")
"""CRS a bureau's file near Baotou is usually in; any other may be typed."""


def files_step(view: ImportView, shown_file: str | None, picture: str | None, token: str, words: Words) -> html.Div:
    """Drop zone, files with their questions, one file in detail, and the way on.

    Parameters
    ----------
    view
        What the wizard shows.
    shown_file
        Key of the file in detail; None = none.
    picture
        Where it lies, a data URI; None without a place.
    token
        Names the window's import.
    words
        Texts in the reader's language.
    """
    shown = choose_detail_file(view, shown_file)
    if not view.files:
        form = html.P(
            [words("wizard.blank_form_note"), " ", html.A(words("wizard.blank_form"), href="import/blank.xlsx")],
            className="small blank-form",
        )
        return html.Div([drop_zone(token, words, large=True), form, *_lone(view, words)])
    return html.Div(
        [
            drop_zone(token, words, large=False),
            *_datum_question(view, words),
            *_lone(view, words),
            html.Div(
                [_file_table(view, shown, words), _detail(shown, view, picture, words) if shown else html.Div()],
                className="wizard-files",
            ),
            rules_panel(view, words),
            _way_on(view, words),
        ]
    )


def drop_zone(token: str, words: Words, *, large: bool) -> html.Div:
    """Where files are dropped; `page.js` sends them and shows how far they are.

    Parameters
    ----------
    token
        Names the window's import.
    words
        Texts in the reader's language.
    large
        Whether it fills the window.
    """
    return html.Div(
        [
            html.Div(
                [
                    html.Strong(words("wizard.drop_title")),
                    html.Span(words("wizard.drop_kinds", kinds=" ".join(SUFFIXES), mb=UPLOAD_MB), className="hint"),
                ],
                className="drop-text",
            ),
            html.Button(words("wizard.choose"), className="button drop-choose", type="button"),
            html.Div(className="drop-progress", role="status"),
            html.Div(className="drop-refused", role="alert"),
        ],
        className="drop-zone large" if large else "drop-zone",
        **html_attributes(
            data_token=token,
            data_uploading=words("wizard.uploading"),
            data_failed=words("wizard.upload_failed"),
            data_too_large=words("wizard.too_large", mb=UPLOAD_MB),
            data_most=str(UPLOAD_MB * 1_000_000),
            data_accept=",".join((*SUFFIXES, *COMPANIONS, RULES_SUFFIX)),
        ),
    )


def _datum_question(view: ImportView, words: Words) -> list[Component]:
    """The one question that decides whether everything lies 500 m off: asked first, for all files."""
    every = [file for file in view.files if "datum" in file.preview.questions]
    worded = [file for file in every if file.preview.says]
    asking = [file for file in every if not file.preview.says]
    own = [_own_datum_question(file, words) for file in worded]
    if not asking:
        return own
    names = words.join(file.path.name for file in asking[:3])
    more = words("wizard.and_more", n=len(asking)) if len(asking) > 3 else ""
    return [
        *own,
        html.Div(
            [
                html.Strong(words("wizard.datum_title", n=len(asking))),
                html.P(f"{names}{more}", className="small"),
                html.P(words("wizard.datum_help"), className="small"),
                html.Div(
                    [
                        html.Button(
                            [
                                html.Strong(words(f"datum.{datum}")),
                                html.Span(words(f"datum.{datum}_hint"), className="hint"),
                            ],
                            id=ids.wizard_row("datum_all", datum),
                            className="datum-choice",
                            type="button",
                        )
                        for datum in DATUMS
                    ],
                    className="datum-choices",
                    role="group",
                    **aria_label(words("wizard.datum_for_all")),
                ),
            ],
            className="question",
        ),
    ]


def _own_datum_question(file: DroppedFile, words: Words) -> Component:
    """The question for a file that says something of its datum itself: it is answered by itself."""
    statements = [
        words(
            "wizard.datum_said",
            where=words.pick(*w.where),
            text=w.text,
            datum=words.section("datum").get(w.datum, w.datum),
        )
        for w in file.preview.says
    ]
    datums = {word.datum for word in file.preview.says}
    return html.Div(
        [
            html.Strong(words("wizard.datum_own_title", name=file.path.name)),
            html.P("; ".join(statements), className="small"),
            html.P(words("wizard.datum_own_help"), className="small"),
            html.Div(
                [
                    html.Button(
                        [
                            html.Strong(words(f"datum.{datum}")),
                            html.Span(
                                words("wizard.datum_as_said" if datum in datums else "wizard.datum_not_said"),
                                className="hint",
                            ),
                        ],
                        id=ids.wizard_row(f"datum:{datum}", file.key),
                        className="datum-choice",
                        type="button",
                    )
                    for datum in sorted(DATUMS, key=lambda d: d not in datums)
                ],
                className="datum-choices",
                role="group",
                **aria_label(words("wizard.answer_datum", name=file.path.name)),
            ),
        ],
        className="question",
    )


def _lone(view: ImportView, words: Words) -> list[Component]:
    if not view.lone:
        return []
    names = words.join(view.lone[:6])
    return [html.Div(words("wizard.lone", names=names), className="wizard-fault")]


def _file_table(view: ImportView, shown: DroppedFile | None, words: Words) -> html.Div:
    head = [words(f"wizard.head_{name}") for name in ("file", "rows", "layer", "encoding", "place", "state")]
    rows = [_file_row(file, file is shown, words) for file in view.files]
    table = html.Table(
        [html.Thead(html.Tr([html.Th(text, scope="col") for text in (*head, "")])), html.Tbody(rows)],
        className="file-table",
    )
    return html.Div(table, className="file-list")


def _file_row(file: DroppedFile, is_shown: bool, words: Words) -> html.Tr:
    preview = file.preview
    name = html.Button(
        file.path.name,
        id=ids.wizard_row("show", file.key),
        className="link-button file-name",
        type="button",
        title=file.path.name,
        **html_attributes(aria_pressed="true" if is_shown else "false"),
    )
    remove = html.Button(
        "×",
        id=ids.wizard_row("remove", file.key),
        className="remove",
        type="button",
        **aria_label(words("wizard.remove", name=file.path.name)),
    )
    rows = f"{preview.n_rows:,}" if preview.layers else "—"
    cells = [
        name,
        html.Span(rows, className="number"),
        _layer_cell(file, words),
        _encoding_cell(file, words),
        _place_cell(file, words),
        _state(preview, words),
        remove,
    ]
    return html.Tr([html.Td(cell) for cell in cells], className="shown" if is_shown else "")


def _layer_cell(file: DroppedFile, words: Words) -> Component:
    preview = file.preview
    if not preview.layers:
        return html.Span("—")
    layers = preview.layer_names
    choice = _select(
        "layer",
        file,
        words,
        data=[{"value": name, "label": words(f"import_layer.{name}")} for name in IMPORTABLE],
        value=file.choice.layer or (layers[0] if len(layers) == 1 else None),
        searchable=True,
        selectFirstOptionOnChange=True,
        placeholder=words.join(words(f"import_layer.{name}") for name in layers) or words("wizard.choose_layer"),
        error="layer" in preview.questions,
    )
    kinded = next((layer for layer in layers if layer in KINDS_OF), None)
    if not kinded or not ("kind" in preview.questions or file.choice.kind):
        return choice
    kinds = KINDS_OF[kinded]
    kind = _select(
        "kind",
        file,
        words,
        data=[{"value": key, "label": words(f"import_kind.{key}")} for key in kinds],
        value=file.choice.kind,
        placeholder=words("wizard.choose_kind"),
        error="kind" in preview.questions,
    )
    return html.Div([choice, kind])


def _encoding_cell(file: DroppedFile, words: Words) -> Component:
    used = next((layer.encoding for layer in file.preview.layers if layer.encoding), None)
    if used is None and file.choice.encoding is None:
        return html.Span("—", title=words("wizard.encoding_fixed"))
    value = (file.choice.encoding or used or "").lower().replace("gbk", "gb18030")
    choices = list(dict.fromkeys([*ENCODINGS, *([value] if value else [])]))
    return _select(
        "encoding", file, words, data=[{"value": name, "label": name.upper()} for name in choices], value=value
    )


def _place_cell(file: DroppedFile, words: Words) -> Component:
    preview = file.preview
    if "crs" in preview.questions or file.choice.crs:
        return dmc.Autocomplete(
            id=ids.wizard_answer("crs", file.key),
            data=list(CRS_CHOICES),
            value=file.choice.crs or "",
            placeholder="EPSG:4546",
            debounce=600,
            size="xs",
            error="crs" in preview.questions,
            **aria_label(words("wizard.answer_crs", name=file.path.name)),
        )
    if any(layer.asks_datum for layer in preview.layers):
        return _select(
            "datum",
            file,
            words,
            data=[{"value": datum, "label": words(f"datum.{datum}")} for datum in DATUMS],
            value=file.choice.datum,
            placeholder=words("wizard.choose_datum"),
            error="datum" in preview.questions,
        )
    placed = next((layer for layer in preview.layers if layer.crs), None)
    if placed is None:
        return html.Span(words("wizard.no_place"), className="small crs")
    return html.Span(placed.crs, className="small crs", title=placed.crs_name)


def _select(question: str, file: DroppedFile, words: Words, **properties: Any) -> dmc.Select:
    label = words(f"wizard.answer_{question}", name=file.path.name)
    return dmc.Select(
        id=ids.wizard_answer(question, file.key),
        size="xs",
        allowDeselect=False,
        checkIconPosition="right",
        comboboxProps={"width": "max-content", "position": "bottom-start"},
        **aria_label(label),
        **properties,
    )


def _state(preview: FilePreview, words: Words) -> html.Span:
    """In one word whether a file can be imported; never by colour alone."""
    if preview.faults:
        return html.Span(words("wizard.state_fault"), className="state fault")
    if preview.questions:
        return html.Span(words("wizard.state_question"), className="state ask")
    return html.Span(words("wizard.state_ready"), className="state ready")


# --- one file in detail -------------------------------------------------------------------------


def _detail(file: DroppedFile, view: ImportView, picture: str | None, words: Words) -> html.Aside:
    faults = [html.P(words.pick(*fault), className="wizard-fault") for fault in file.preview.faults]
    parts = [
        part for number, layer in enumerate(file.preview.layers) for part in _layer_detail(file, number, layer, words)
    ]
    where = [html.Img(src=picture, alt=words("wizard.extent_alt"), className="extent")] if picture else []
    together = _together(file, view, words)
    asked = [words(f"wizard.ask_{question}") for question in file.preview.questions]
    return html.Aside(
        [
            html.H3(file.path.name, className="detail-title"),
            *faults,
            *([html.P(" ".join(asked), className="question small")] if asked else []),
            *_left_out(file.preview, words),
            *_against_words(file, words),
            *together,
            *where,
            *parts,
        ],
        className="file-detail",
        **aria_label(words("wizard.detail")),
    )


def _against_words(file: DroppedFile, words: Words) -> list[Component]:
    """A warning where the planner's answer is another datum than the file says."""
    datum = file.choice.datum
    if datum is None or not file.preview.contradicts(datum):
        return []
    statements = "; ".join(f"{words.pick(*w.where)}“{w.text}”" for w in file.preview.says)
    text = words("wizard.datum_against", said=statements, datum=words(f"datum.{datum}"))
    return [html.P(text, className="wizard-fault", role="status")]


def _left_out(preview: FilePreview, words: Words) -> list[Component]:
    """Layers of the file that nobody recognises and that are not imported."""
    if not preview.left_out:
        return []
    text = words("wizard.left_out", names=words.join(preview.left_out))
    return [html.P(text, className="question small")]


def _together(file: DroppedFile, view: ImportView, words: Words) -> list[Component]:
    """Where the dataset has the layer already: whether the file adds to it or takes its place."""
    if not set(file.preview.layer_names) & set(view.there):
        return []
    choice = dmc.SegmentedControl(
        id=ids.wizard_answer("replace", file.key),
        data=[{"value": how, "label": words(f"wizard.together_{how}")} for how in ("add", "replace")],
        value="replace" if file.choice.replace else "add",
        size="xs",
        **aria_label(words("wizard.together")),
    )
    note = words("wizard.replace_note") if file.choice.replace else words("wizard.add_note")
    return [html.H4(words("wizard.together")), choice, html.P(note, className="hint")]


def _layer_detail(file: DroppedFile, number: int, layer: LayerPreview, words: Words) -> list[Component]:
    sheet = [html.H4(layer.sheet)] if layer.sheet else []
    names = (
        [html.H4(words("wizard.names")), html.Ul([html.Li(name) for name in layer.names], className="sample-names")]
        if layer.names
        else []
    )
    return [
        *sheet,
        *names,
        html.H4(words("wizard.columns")),
        columns_table(file, number, layer, words),
        html.H4(words("wizard.first_rows", n=len(layer.head))),
        _head(layer),
    ]


def _head(layer: LayerPreview) -> html.Div:
    columns = list(layer.head[0]) if layer.head else []
    return html.Div(
        html.Table(
            [
                html.Thead(html.Tr([html.Th(column) for column in columns])),
                html.Tbody([html.Tr([html.Td(row[c]) for c in columns]) for row in layer.head]),
            ],
            className="head-rows",
        ),
        className="scroll",
        tabIndex=0,
    )


def _way_on(view: ImportView, words: Words) -> html.Div:
    open_files = sum(not file.preview.is_ready for file in view.files)
    note = words("wizard.open_files", n=open_files) if open_files else words("wizard.all_ready")
    return html.Div(
        [
            html.Button(
                words("wizard.start_over"), id=ids.wizard_step("start_over"), className="button quiet", type="button"
            ),
            html.Span(note, className="small way-note", role="status"),
            html.Button(
                words("wizard.check"),
                id=ids.wizard_step("try"),
                className="button primary",
                type="button",
                disabled=not view.is_ready,
            ),
        ],
        className="way-on",
    )
