"""What commands print by: JSON readable as it is, a bar only on a terminal."""

import json

from app.cli.base.console import print_json, print_text, progress_bar


def test_json_keeps_chinese_and_can_be_read(capsys):
    print_json({"片区": 3})
    told = capsys.readouterr().out
    assert "片区" in told
    assert json.loads(told) == {"片区": 3}


def test_in_a_pipe_there_is_no_bar(capsys):
    with progress_bar("求解") as show:
        show(0.5, "一半")
    print_text("好")
    assert capsys.readouterr() == ("好\n", "")
