"""The box of a sheet: what settings say, what a reader writes, what is signed by hand."""

from datetime import date

from app.desks.prints.title_block import SIGNERS, make_title_block
from app.i18n import load_words

ZH = load_words("zh")


def test_what_a_reader_writes_stands_before_the_settings(bench, monkeypatch):
    monkeypatch.setenv("PIANQU_AGENCY", "市住建局")
    monkeypatch.setenv("PIANQU_MAKER", "甲")
    block = make_title_block(bench.dataset.manifest, ZH, {"agency": "区住建局", "maker": " "}, today=date(2026, 7, 1))
    assert {key: text for key, _, text in block.signers} == {"agency": "区住建局", "maker": "甲", "checker": ""}
    assert (ZH("print.date"), "2026-07-01") in block.rows
    assert (ZH("print.approval"), ZH("print.no_approval")) in block.rows


def test_a_long_text_is_cut(bench):
    block = make_title_block(bench.dataset.manifest, ZH, dict.fromkeys(SIGNERS, "长" * 500))
    assert all(len(text) == 60 for _, _, text in block.signers)
