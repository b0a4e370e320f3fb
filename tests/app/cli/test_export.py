"""`pianqu export` cuts files as asked, in the language asked for."""

from typer.testing import CliRunner

from app.cli.main import cli


def test_files_are_cut_by_street_where_that_is_asked_for(town, tmp_path):
    folder, plan = (str(path) for path in town)
    asked = ["export", folder, plan, "--format", "geojson", "--by", "street", "--lang", "en", "--out", str(tmp_path)]
    done = CliRunner().invoke(cli, asked)
    assert done.exit_code == 0, done.output
    streets = {path.stem.partition("_")[2] for path in tmp_path.glob("areas_*.geojson")}
    assert len(streets) > 1
    assert all(street[:9].isdigit() or street.startswith("unknown_") for street in streets)
