"""Archives and settings of GDAL."""

import pyogrio

from app.exports.gis.gdal import pin_times, zip_files


def test_settings_are_as_before_after_the_block():
    with pin_times():
        assert pyogrio.get_gdal_config_option("OGR_CURRENT_DATE")
    assert pyogrio.get_gdal_config_option("OGR_CURRENT_DATE") is None


def test_an_archive_has_no_times(tmp_path):
    (tmp_path / "a").write_text("x")
    one = zip_files(tmp_path / "1.zip", {"名/a": tmp_path / "a"}).read_bytes()
    (tmp_path / "a").touch()
    assert zip_files(tmp_path / "2.zip", {"名/a": tmp_path / "a"}).read_bytes() == one
