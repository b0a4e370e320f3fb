"""What makes room on the page is named and can be reached by keyboard."""

from app.i18n import load_words
from app.web.layout.shell.room import room_parts


def test_edges_handle_and_heights_are_named():
    parts = room_parts(load_words("zh"))
    handle = next(part for part in parts if getattr(part, "role", None) == "separator")
    assert handle.tabIndex == 0
    assert all(part.to_plotly_json()["props"]["aria-label"] for part in parts)
