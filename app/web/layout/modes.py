"""The ways of working the header switches between: explore, edit, compare.

The choice is a class of the page (`mode-explore`, `mode-edit`, `mode-compare`); a part that belongs
to some of them carries `only-explore`, `only-edit` or `only-compare` (`page.css`) and is always there.
"""

from __future__ import annotations

import dash_mantine_components as dmc

from app.i18n import Words
from app.web.layout import ids
from app.web.layout.aria import named

MODES = ("explore", "edit", "compare")
"""In the order of the header."""


def mode_switch(words: Words) -> dmc.SegmentedControl:
    """The switch of the header; `page.js` turns its value into the class of the page."""
    return dmc.SegmentedControl(
        data=[{"value": mode, "label": words(f"modes.{mode}")} for mode in MODES],
        id=ids.MODE,
        value=MODES[0],
        size="xs",
        color="blue.8",
        className="mode-switch",
        **named(words("modes.title")),
    )


def page_class(mode: str = MODES[0]) -> str:
    """Class of the page in a mode."""
    return f"page mode-{mode}"
