"""The layout is kept as bytes, and made again when anything in it may have changed."""

import gzip
import json
import re
import shutil

import pytest
from dash._utils import to_json

from app.session.folders import default_store_path
from app.session.reader import AUTHOR_COOKIE, LANGUAGE_COOKIE
from app.store.store import open_store
from app.web import main
from app.web.callbacks import showing
from app.web.kept_layouts import (
    HEADER,
    MOST_FRAMES,
    MOST_READERS,
    MOST_SUITES,
    READER,
    KeptLayouts,
    KeptSuites,
    LayoutMaker,
)
from tests.app.web.conftest import OWN, SECRET


@pytest.fixture(scope="module")
def own_town(town, tmp_path_factory):
    """A copy whose store nobody else writes to: another test's check notes its verdict when it is ready."""
    place = tmp_path_factory.mktemp("own")
    folder, plan = place / town[0].name, place / town[1].name
    shutil.copytree(town[0], folder)
    shutil.copy(town[1], plan)
    return folder, plan


@pytest.fixture(scope="module")
def client(own_town):
    made = main.create_app(*own_town).server.test_client()
    made.get("/")  # with the first request Dash looks at the page once for itself
    return made


@pytest.fixture
def made(monkeypatch):
    """How often a page was put together."""
    pages = []
    plain = main.page
    monkeypatch.setattr(main, "page", lambda *told: pages.append(told) or plain(*told))
    return pages


def test_the_same_reader_gets_the_same_bytes_without_work(client, made):
    first, second = (client.get("/_dash-layout", headers={"Accept-Encoding": "gzip"}) for _ in range(2))
    assert first.data == second.data
    assert len(made) <= 1
    assert first.headers["Content-Encoding"] == "gzip"
    assert first.headers["Cache-Control"] == "no-cache"
    assert client.get("/_dash-layout").data == gzip.decompress(first.data)


def test_another_language_and_another_reader_get_their_own(client):
    plain = client.get("/_dash-layout").text
    client.set_cookie(LANGUAGE_COOKIE, "en")
    english = client.get("/_dash-layout").text
    client.delete_cookie(LANGUAGE_COOKIE)
    client.set_cookie(AUTHOR_COOKIE, "Zhang-San")
    signed = client.get("/_dash-layout").text
    client.delete_cookie(AUTHOR_COOKIE)
    assert len({plain, english, signed}) == 3
    assert "Zhang-San" in signed
    assert client.get("/_dash-layout").text == plain


def test_a_write_to_the_store_has_the_parts_of_the_reader_made_again(own_town, client, made):
    client.get("/_dash-layout")
    n, store = len(made), open_store(f"sqlite:///{default_store_path(own_town[0])}")
    kept = store.plans()[0]
    store.rename(kept.id, "Renamed-plan", "")
    assert "Renamed-plan" in client.get("/_dash-layout").text
    assert len(made) == n
    client.set_cookie(AUTHOR_COOKIE, "Li-Si")
    assert "Li-Si" in client.get("/_dash-layout").text
    client.delete_cookie(AUTHOR_COOKIE)
    assert len(made) == n
    store.rename(kept.id, kept.name, "")
    store.close()


def test_a_page_keeps_a_few_layouts_and_takes_them_with_it():
    class Page:
        pass

    layouts, page = KeptLayouts(), Page()
    for reader in range(MOST_READERS + 3):
        layouts.pack(page, LayoutMaker(reader, "", "", lambda: "{}", dict))
    assert (len(layouts._kept[page]), len(layouts._frames[page])) == (MOST_READERS, MOST_FRAMES)
    del page
    assert (len(layouts._kept), len(layouts._frames)) == (0, 0)


def test_those_of_a_place_share_all_but_the_name():
    class Page:
        pass

    made, layouts, page = [], KeptLayouts(), Page()

    def make_parts():
        made.append(1)
        return {HEADER: json.dumps([READER])}

    for own, name in (("west", "王"), ("west", '"李"</'), ("east", "王")):
        packed = layouts.pack(page, LayoutMaker("zh", own, name, lambda: json.dumps({"top": HEADER}), make_parts))
        assert json.loads(gzip.decompress(packed)) == {"top": [name]}
    assert len(made) == 2


def test_planners_of_two_places_open_their_own_plans_under_their_own_names(office):
    for _ in range(2):  # the second time it is kept
        told = {name: office.client(name).get("/_dash-layout").text for name in ("west", "east", "district", "city")}
    assert [(SECRET in text, OWN in text) for text in map(_as_written, told.values())] == [
        (True, False),
        (False, True),
        (True, True),
        (True, True),
    ]
    for name, text in told.items():
        assert f"{name}同志" in _as_written(text)
        assert not any(f"{other}同志" in _as_written(text) for other in told if other != name)


def _as_written(text):
    return json.dumps(json.loads(text), ensure_ascii=False)


def test_without_a_page_nothing_is_kept():
    told = iter(["1", "2"])
    layouts = KeptLayouts()
    packed = [layouts.pack(None, LayoutMaker("zh", "", "", lambda: next(told), dict)) for _ in range(2)]
    assert [gzip.decompress(one) for one in packed] == [b"1", b"2"]


def test_a_layout_put_together_of_its_parts_is_the_one_made_whole(own_town):
    app = main.create_app(*own_town)
    with app.server.test_request_context("/"):
        whole = to_json(app.layout())
    assert json.loads(app.server.test_client().get("/_dash-layout").text) == json.loads(whole)


def test_only_the_scripts_of_suites_are_kept_and_not_without_end():
    kept = KeptSuites()
    kept.set("gzip;/_dash-layout", b"x")
    for number in range(MOST_SUITES + 3):
        kept.set(f"gzip;/_dash-component-suites/dash/dash.v{number}.js", b"x")
    assert len(kept) == MOST_SUITES
    assert "gzip;/_dash-layout" not in kept


def test_a_suite_is_compressed_once(client, monkeypatch):
    grid = next(one for one in re.findall(r'<script src="([^"]+)"', client.get("/").text) if "dash_ag_grid" in one)
    first = client.get(grid, headers={"Accept-Encoding": "gzip"})
    monkeypatch.setattr("flask_compress.flask_compress._compress_data", None)
    again = client.get(grid, headers={"Accept-Encoding": "gzip"})
    assert (again.headers["Content-Encoding"], again.data) == ("gzip", first.data)


def ask_for_areas(client, version, output="grid-areas.rowData", ready=1):
    return client.post(
        "/_dash-update-component",
        json={
            "output": output,
            "outputs": {"id": "grid-areas", "property": "rowData"},
            "inputs": [{"id": "map", "property": "ready", "value": {"ms": ready}}],
            "changedPropIds": ["map.ready"],
            "state": [{"id": "version", "property": "data", "value": version}],
        },
        headers={"Accept-Encoding": "gzip"},
    )


def test_a_table_is_made_once_for_each_language_whatever_is_written_to_the_store(client, own_town, monkeypatch):
    made = []
    plain = showing.make_area_rows
    monkeypatch.setattr(showing, "make_area_rows", lambda *told: made.append(told) or plain(*told))
    layout = client.get("/_dash-layout").text
    version = re.search(r'"data":"([0-9a-f]{16}\.[^"]+)","id":"version"|"id":"version","data":"([^"]+)"', layout)
    page = version.group(1) or version.group(2)
    first, second = (ask_for_areas(client, page) for _ in range(2))
    assert first.status_code == 200
    assert first.data == second.data
    assert len(made) == 1
    client.set_cookie(LANGUAGE_COOKIE, "en")
    english = ask_for_areas(client, page)
    client.delete_cookie(LANGUAGE_COOKIE)
    assert (len(made), english.data == first.data) == (2, False)
    store = open_store(f"sqlite:///{default_store_path(own_town[0])}")
    store.audit("test", "noted", "x")
    assert ask_for_areas(client, page).data == first.data
    assert len(made) == 2


def test_an_answer_about_a_page_that_is_gone_is_not_kept(client):
    told = [ask_for_areas(client, "0123456789abcdef.-") for _ in range(2)]
    assert [b"sideUpdate" in one.data for one in told] == [True, True]
