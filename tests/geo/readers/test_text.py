from __future__ import annotations

import pytest

from geo.readers.text import choose_encoding


@pytest.mark.parametrize("text", ["翠园社区", "昆都仑区前进道街道", "稀土高新区", "小区名称"])
@pytest.mark.parametrize("declared", [None, "utf-8", "gb18030"])
def test_the_encoding_is_judged_by_what_reads_as_chinese(text, declared):
    assert choose_encoding([text.encode("gbk")], declared) == "gb18030"
    assert choose_encoding([text.encode()], declared) == "utf-8"
