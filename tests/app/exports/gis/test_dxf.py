"""A drawing shows the outlines of areas with Chinese texts."""

import ezdxf
import pyogrio
import pytest


def test_outlines_and_texts_are_on_named_layers(exported):
    drawing = ezdxf.readfile(exported("dxf"))
    assert drawing.encoding == "gbk"
    assert drawing.audit().errors == []
    texts = {(one.dxf.layer, one.dxf.text) for one in drawing.modelspace().query("TEXT")}
    assert ("片区注记", "1 P-1 <片区>") in texts
    assert ("小区注记", "普通小区") in texts
    assert ("说明", "草案") in texts  # in letters of 300 m, seen where the whole drawing is
    outlines = [one for one in drawing.modelspace().query("LWPOLYLINE") if one.dxf.layer == "片区边界"]
    assert all(one.closed for one in outlines)
    assert len(outlines) == 5  # three units apart, one of them with a hole, and two that touch


def test_another_program_reads_the_texts(exported):
    entities = pyogrio.read_dataframe(exported("dxf"))
    assert "普通小区" in entities["Text"].tolist()


@pytest.mark.parametrize("level", ["district", "street"])
def test_cut_by_place(exported, hostile, level, tmp_path):
    from app.exports.export import export_plan
    from app.exports.formats import choose_formats

    paths = export_plan(hostile, choose_formats("dxf"), tmp_path / "cut", by=level)
    assert len(paths) == len(hostile.parts(level))
