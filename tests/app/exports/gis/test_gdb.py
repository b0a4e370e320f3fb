"""A File Geodatabase with ASCII names, zipped as the folder ArcGIS wants."""

import zipfile

import pyogrio


def test_unpacked_it_is_a_geodatabase(exported, tmp_path):
    archive = exported("gdb")
    with zipfile.ZipFile(archive) as files:
        files.extractall(tmp_path / "unpacked")
    (base,) = (tmp_path / "unpacked").iterdir()
    assert base.suffix == ".gdb"
    assert [name for name, _ in pyogrio.list_layers(base)] == ["areas", "units", "leading", "about"]
    units = pyogrio.read_dataframe(base, layer="units")
    assert "😀小区" in units["name"].tolist()
    assert all(name.isascii() for name in units.columns)
