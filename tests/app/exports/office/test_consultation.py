"""A page for each single building nobody manages."""

import docx

from app.desks.corrections.worklist import list_strays
from app.exports.office.consultation import make_consultation_record, write_consultation


def test_each_building_has_its_page_and_its_sketch(request_zh, papers, tmp_path):
    strays = list_strays(papers.bench, papers.words)
    (path,) = write_consultation(request_zh, request_zh.parts("city")[0], tmp_path)
    document = docx.Document(path)
    titles = [one for one in document.paragraphs if one.text == "单体楼物业服务征求意见表"]
    assert len(titles) == len(strays) > 0
    assert len(document.inline_shapes) == len(strays)


def test_nothing_is_ticked_before_anyone_spoke(papers):
    one = list_strays(papers.bench, papers.words)[0]
    assert "☑" not in make_consultation_record(papers, one)["answers"]
