"""Wrong usage is told in both languages, with what is near, and exit code 2."""

import sys

import pytest

from app.cli import main


@pytest.fixture
def wrong(monkeypatch, capsys, tmp_path):
    def run(*arguments):
        monkeypatch.chdir(tmp_path)
        monkeypatch.setattr(sys, "argv", ["pianqu", *arguments])
        with pytest.raises(SystemExit) as ended:
            main()
        told = capsys.readouterr()
        assert (ended.value.code, told.out) == (2, "")
        return told.err

    return run


@pytest.mark.parametrize(
    ("arguments", "zh", "en"),
    [
        (("pln",), "没有命令“pln”; 是不是 plan", "there is no command 'pln'; did you mean plan"),
        (("plan",), "缺 DIR (数据集文件夹)", "DIR is missing (dataset folder)"),
        (("plan", "d", "--ot", "x"), "没有选项 --ot", "there is no option --ot; did you mean --lock"),
        (("plan", "d", "--out", "x", "--seed", "q"), "--seed 的值不对: 须是整数", "a whole number is expected"),
        (("plan", "d", "--out", "x", "--seconds", "-3"), "须 ≥ 0", "it must be ≥ 0"),
        (("plan", "d", "--out", "x", "--mode", "q"), "须是 'area', 'lead'", "it must be one of 'area'"),
        (("plan", "d", "--out"), "--out 后面须有值", "--out needs a value"),
        (("check", "d", "--json=3"), "--json 后面不带值", "--json takes no value"),
        (("check", "d", "e"), "多出了 e", "unexpected e"),
    ],
)
def test_what_is_wrong_is_told_in_both_languages(wrong, arguments, zh, en):
    told = wrong(*arguments)
    assert zh in told
    assert en in told


def test_in_the_language_asked_for_alone(wrong):
    told = wrong("--lang", "en", "check", "nothing")
    assert told.startswith("Error: 'nothing' is not a dataset")
    assert "错误" not in told
    assert wrong("check", "nothing").startswith("错误")  # the next command speaks both again


def test_settings_of_the_folder_choose_the_language(wrong, tmp_path):
    (tmp_path / "pianqu.toml").write_text('[answer]\nlang = "zh"\n', encoding="utf-8")
    assert "Error" not in wrong("check", "nothing")
    assert "Error" in wrong("--lang", "en", "check", "nothing")
