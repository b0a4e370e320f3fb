"""A preview of a repair tells each move in both languages."""

from app.planning.repair import preview_lines
from geo.messages import Item, Sentence

MOVE = {"sentence_zh": "甲: 一区 → 二区; 过远。", "sentence_en": "A: area 1 -> area 2; too far."}


def test_a_preview_counts_moves_and_says_whether_they_are_the_fewest():
    lines = preview_lines({"moves": [MOVE], "proven": True, "unmet": []})
    assert "移动 1 个单元 (已证明最少)" in lines[0].zh
    assert lines[1:] == [Item("-", Sentence(MOVE["sentence_zh"], MOVE["sentence_en"]))]
    assert "已证明" not in preview_lines({"moves": [], "proven": False, "unmet": []})[0].zh
