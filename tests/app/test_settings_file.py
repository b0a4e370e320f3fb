"""Settings of a file: below options and environment, checked together, gone after the command."""

import pytest

from app.i18n import LANGUAGES, load_words
from app.settings_file import SETTINGS, read_settings, use_settings
from geo.errors import UsageError

GOOD = '[serve]\nport = 8060\n[base_map]\nfile = "tiles.mbtiles"\n[sheets]\nagency = "晴川市住建局"\n'


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "pianqu.toml"
    path.write_text(GOOD, encoding="utf-8")
    return path


def test_the_environment_comes_before_the_file_and_is_as_before_afterwards(file):
    environment = {"PIANQU_PORT": "9000", "PIANQU_AGENCY": "", "HOME": "h"}
    before = dict(environment)
    with use_settings(environment, file.parent):
        assert environment["PIANQU_PORT"] == "9000"
        assert environment["PIANQU_AGENCY"] == "晴川市住建局"
        assert environment["PIANQU_BASEMAP"] == str(file.parent / "tiles.mbtiles")
    assert environment == before


def test_another_file_is_named_by_the_environment_and_must_be_there(file, tmp_path):
    elsewhere = tmp_path / "nowhere"
    with use_settings(environment := {"PIANQU_CONFIG": str(file)}, elsewhere):
        assert environment["PIANQU_PORT"] == "8060"
    with pytest.raises(UsageError, match=r"other\.toml"), use_settings({"PIANQU_CONFIG": "other.toml"}, tmp_path):
        pass


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ('[serve]\nport = "8060"', ("serve.port", "'8060'", "1 to 65535")),
        ("[serve]\nport = 0", ("serve.port", "0")),
        ("[serve]\nport = true", ("serve.port", "True")),
        ('[sheets]\npaper = "A5"', ("sheets.paper", "A5", "A3, A4, 16:9")),
        ("[sheets]\nagency = 3", ("sheets.agency", "quotation marks")),
        ("[serve]\nprot = 1", ("serve.prot", "serve.port")),
        ("zzz = 1", ("zzz", "page Settings")),
        ("[serve", ("cannot be read",)),
    ],
)
def test_a_fault_names_file_key_value_and_remedy(file, text, told):
    file.write_text(text, encoding="utf-8")
    with pytest.raises(UsageError) as refused:
        read_settings(file)
    assert all(part in refused.value.en for part in (str(file), *told))


def test_all_faults_are_named_together(file):
    file.write_text('[serve]\nport = 0\n[log]\nlevel = "LOUD"\n', encoding="utf-8")
    with pytest.raises(UsageError) as refused:
        read_settings(file)
    assert len(refused.value.zh.splitlines()) == len(refused.value.en.splitlines()) == 2


def test_a_wrong_value_of_the_environment_is_told_as_well(tmp_path):
    with pytest.raises(UsageError, match="PIANQU_LOG"), use_settings({"PIANQU_LOG": "LOUD"}, tmp_path):
        pass


def test_every_setting_has_its_own_name_and_words():
    assert len({one.key for one in SETTINGS}) == len({one.env for one in SETTINGS}) == len(SETTINGS)
    for language in LANGUAGES:
        assert load_words(language)("settings.data")
    assert all(one.zh != one.en for one in SETTINGS)
