"""The page's own components are one file each, before the large suites."""

import re
from pathlib import Path

from app.settings import ASSETS
from app.web.components import editor, map_view


def test_own_components_are_one_file_each_before_the_large_suites(client):
    addresses = re.findall(r'<script src="([^"]+)"', client.get("/").text)
    own = [k for k, address in enumerate(addresses) if address.startswith("/component/")]
    grid = next(k for k, address in enumerate(addresses) if "dash_ag_grid" in address)
    assert len(own) == 3
    assert max(own) < grid
    for k, package in zip(own, (map_view, editor), strict=False):
        answer = client.get(addresses[k])
        assert answer.mimetype == "text/javascript"
        assert "immutable" in answer.headers["Cache-Control"]
        folder = Path(package.__file__).parent
        sent = answer.get_data(as_text=True)
        assert all((folder / name).read_text(encoding="utf-8") in sent for name in package.SCRIPTS)


def test_scripts_and_styles_of_the_page_are_one_file_each_and_kept_for_ever(client):
    text = client.get("/").text
    for pattern, suffix in ((r'src="(/component/page-[^"]+)"', "js"), (r'href="(/component/page-[^"]+)"', "css")):
        (address,) = re.findall(pattern, text)
        answer = client.get(address)
        assert "immutable" in answer.headers["Cache-Control"]
        sent = answer.get_data(as_text=True)
        assert all(path.read_text(encoding="utf-8") in sent for path in ASSETS.glob(f"*.{suffix}"))
    assert not re.findall(r'"/assets/[^"]+\.(?:js|css)', text)
