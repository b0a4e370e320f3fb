"""Every id a callback uses is on the page."""

import re

from app.i18n import load_words
from app.web.layout.shell.page import page
from app.web.main import create_app


def test_every_id_a_callback_uses_is_on_the_page(town, data):
    app = create_app(*town)
    layout = page(data, load_words("zh"))
    there = {str(getattr(part, "id", None)) for part in layout._traverse()}
    for name, callback in app.callback_map.items():
        used = {entry["id"] for entry in callback["inputs"] + callback["state"]}
        used |= set(re.findall(r"([\w-]+)\.\w+", name))
        assert {part for part in used if not part.startswith("{")} <= there, name
