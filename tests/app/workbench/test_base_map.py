"""The base map of an office: none by default, a local file, or 天地图 with key and approval."""

import pytest

from app.i18n import load_words
from app.workbench.base_map import TIANDITU_HOST, read_base_map, read_tile
from geo.errors import UsageError
from tests.app.tiles import draw_png, write_mbtiles, write_pmtiles

ZH, EN = load_words("zh"), load_words("en")
KEY = "0123456789abcdef0123456789abcdef"
PICTURE = draw_png(size=8)


def told(**settings):
    return read_base_map({f"PIANQU_{name.upper()}": str(value) for name, value in settings.items()})


def test_there_is_none_by_default():
    assert read_base_map({}) is None


def test_tianditu_is_asked_at_one_host_with_the_offices_key():
    base = told(basemap="tianditu", tianditu_key=KEY, basemap_approval="GS(2024)0650号")
    assert base.host == TIANDITU_HOST
    assert all(address.startswith(f"{TIANDITU_HOST}/") and KEY in address for address in base.tiles)
    assert base.credit(ZH) == "底图: 天地图, 审图号: GS(2024)0650号"
    assert "天地图" in base.credit(EN)
    assert base.describe()["kind"] == "foreign"


@pytest.mark.parametrize(
    "lacks", [{"tianditu_key": ""}, {"basemap_approval": ""}, {"tianditu_key": "x&y=1\"'<script>;img-src *"}]
)
def test_tianditu_without_key_or_approval_is_refused_in_a_sentence(lacks):
    with pytest.raises(UsageError, match="PIANQU_TIANDITU_KEY"):
        told(**{"basemap": "tianditu", "tianditu_key": KEY, "basemap_approval": "GS(2024)0650号", **lacks})


def test_a_file_of_mbtiles_counts_rows_from_the_south(tmp_path):
    tiles = {(1, 0, 1): PICTURE, (3, 6, 5): PICTURE}
    path = write_mbtiles(
        tmp_path / "a.mbtiles", tiles, format="png", attribution="<a href='x'>测绘院</a>", bounds="109,40,111,42"
    )
    base = told(basemap=path)
    assert (base.host, base.least_zoom, base.most_zoom, base.mimetype) == (None, 1, 3, "image/png")
    assert base.credit(ZH) == "底图: 测绘院, 审图号: 未填写, 仅限内部使用"
    assert base.describe() == {"kind": "mbtiles", "tiles": [], "minzoom": 1, "maxzoom": 3, "bounds": [109, 40, 111, 42]}
    assert read_tile(base, 1, 0, 0) == PICTURE
    assert read_tile(base, 3, 6, 2) == PICTURE
    assert read_tile(base, 3, 6, 5) is None
    assert read_tile(base, 99, 0, 0) is None


def test_a_file_of_pmtiles_is_known_by_its_head(tmp_path):
    base = told(basemap=write_pmtiles(tmp_path / "a.pmtiles", PICTURE, most_zoom=14), basemap_source="市自然资源局")
    assert (base.least_zoom, base.most_zoom, base.mimetype) == (0, 14, "image/png")
    assert "市自然资源局" in base.credit(ZH)
    assert read_tile(base, 0, 0, 0) is None  # the page reads it itself


@pytest.mark.parametrize(("body", "kind"), [(b"\x1f\x8b\x08" + b"0" * 20, "pbf"), (b"\x1a\x02", "[?]")])
def test_vector_tiles_are_refused_whatever_the_file_says_they_are(tmp_path, body, kind):
    for number, stated in enumerate(({}, {"format": "png"})):
        path = write_mbtiles(tmp_path / f"{number}.mbtiles", {(0, 0, 0): body}, **stated)
        with pytest.raises(UsageError, match=f"{kind}.*不是图片"):
            told(basemap=path)


def test_pictures_are_known_by_their_first_bytes(tmp_path):
    path = write_mbtiles(tmp_path / "a.mbtiles", {(0, 0, 0): PICTURE}, format="jpg")
    assert told(basemap=path).mimetype == "image/png"


def test_what_cannot_be_shown_is_told(tmp_path):
    (tmp_path / "text.mbtiles").write_text("no database at all", encoding="utf-8")
    (tmp_path / "text.pmtiles").write_text("short", encoding="utf-8")
    vector = write_mbtiles(tmp_path / "v.mbtiles", {(0, 0, 0): b"x"}, format="pbf")
    empty = write_mbtiles(tmp_path / "e.mbtiles", {}, format="png")
    lines = write_pmtiles(tmp_path / "v.pmtiles", b"x", kind=1)
    (tmp_path / "map.tif").write_bytes(b"II*")
    for path in (tmp_path / "none.mbtiles", tmp_path / "map.tif", *tmp_path.glob("text.*"), vector, empty, lines):
        with pytest.raises(UsageError, match="底图"):
            told(basemap=path)
