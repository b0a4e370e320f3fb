"""Leaflet comes whole and asks nobody for anything."""

import re

from app.exports.offline.leaflet import leaflet_inline


def test_styles_and_script_fetch_nothing():
    text = leaflet_inline()
    assert all(url.startswith(("data:", "#")) for url in re.findall(r"url\(['\"]?([^)'\"]*)", text) if url != "none")
    assert "sourceMappingURL" not in text
