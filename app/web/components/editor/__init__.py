"""The editor of a plan: a Dash component in plain JavaScript, no build step.

What it holds, sends and draws is reported in `README.md` next to this file. On the page it is invisible;
it fills the elements of `app.web.layout.plans.editor`.
"""

from __future__ import annotations

from typing import Any

from dash.development.base_component import Component

__version__ = "0.1.0"

SCRIPTS = (
    "edit_rules.js",
    "edit_line.js",
    "edit_model.js",
    "edit_text.js",
    "edit_draft.js",
    "edit_keys.js",
    "edit_panel.js",
    "edit_dialogs.js",
    "edit_table.js",
    "edit_saving.js",
    "edit_drawing.js",
    "edit_legend.js",
    "edit_cut.js",
    "editor.js",
)


class Editor(Component):
    """The editor; every property is plain JSON.

    Parameters
    ----------
    id
        Dash id.
    mode
        The way of working of the page; the editor is on in "edit".
    version
        `PageData.version` of the page.
    words, language
        Texts of the editor, and "zh" or "en".
    grid
        Id of the table of units.
    readOnly
        Why nothing can be saved; empty where it can.
    saved
        Set by the editor: id of the version saved last.
    """

    _children_props: list[str] = []  # noqa: RUF012 (the names Dash asks for)
    _base_nodes: list[str] = []  # noqa: RUF012
    _namespace = "pianqu_editor"
    _type = "Editor"

    def __init__(self, id: str, **properties: Any) -> None:  # noqa: A002
        self._prop_names = ["id", "mode", "version", "words", "language", "grid", "readOnly", "saved"]
        self._valid_wildcard_attributes: list[str] = []
        self.available_properties = self._prop_names
        self.available_wildcard_properties: list[str] = []
        super().__init__(id=id, **properties)
