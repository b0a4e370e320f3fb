"""What a region is, on disk: hostile or wrong definitions are told."""

import pytest
from typer.testing import CliRunner

from app.cli.main import cli
from app.region.definition import make_district, read_region
from geo.errors import UnreadableFileError, UsageError


def test_wrong_definitions_are_told(tmp_path):
    with pytest.raises(UsageError, match="cannot be a name of files"):
        make_district("../x")
    (tmp_path / "region.json").write_text('{"schema": "pianqu.region/1", "name": "x", "districts": [{"key": "a/b"}]}')
    with pytest.raises(UnreadableFileError, match="no definition of a region"):
        read_region(tmp_path)
    answer = CliRunner().invoke(cli, ["region", "run", str(tmp_path / "none")])
    assert isinstance(answer.exception, UnreadableFileError)
