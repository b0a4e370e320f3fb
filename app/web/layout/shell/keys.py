"""The list of keys: what the page does by keyboard, shown by `?` and by the button under the themes."""

from __future__ import annotations

from dash import html

from app.i18n import Words
from app.web.layout import ids
from app.web.layout.widgets import aria_label

KEYS = (
    ("1 – 9, 0", "theme"),
    ("/", "search"),
    ("I", "facts"),
    ("Ctrl P", "print"),
    ("Enter · Space", "row"),
    ("?", "help"),
    ("↑ ↓", "rows"),
    ("← →", "tabs"),
    ("Tab", "tab"),
    ("Esc", "close"),
    ("+ −", "zoom"),
    ("← → Home End", "handle"),
    ("Enter · Backspace · Esc", "draw"),
    ("PgUp PgDn · ← ↑ ↓ → · Del", "corners"),
)
"""What is shown, and the text in section "keys"; those up to "help" are registered with `keys.js`."""


def keys_dialog(words: Words) -> html.Dialog:
    """The dialog, closed; the editor shows its table under its own."""
    rows = [html.Tr([html.Th(html.Kbd(shown), scope="row"), html.Td(words(f"keys.{name}"))]) for shown, name in KEYS]
    return html.Dialog(
        [
            html.H2(words("keys.title")),
            html.Table(html.Tbody(rows), className="edit-keys"),
            html.P(words("keys.editing"), className="hint"),
            html.Button(words("keys.close_list"), type="button", className="edit-button primary"),
        ],
        id=ids.KEYS,
        className="keys-dialog",
        **aria_label(words("keys.title")),
    )


def keys_button(words: Words) -> html.Button:
    """Opens the list."""
    return html.Button(
        [words("keys.open"), html.Kbd("?")], id=ids.KEYS_OPEN, type="button", className="link-button keys-open"
    )
