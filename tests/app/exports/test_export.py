"""A plan is cut into parts without loss, and its files appear together or not at all."""

import pytest

from app.exports.export import export_plan
from app.exports.formats import ExportFormat, choose_formats
from app.exports.request import make_request
from geo.errors import UsageError


def test_progress_goes_from_nothing_to_all(town, tmp_path):
    shares = []
    export_plan(make_request(*town), choose_formats("geojson"), tmp_path, on_progress=lambda x, what: shares.append(x))
    assert shares == sorted(shares)
    assert (shares[0], shares[-1]) == (0.0, 1.0)


def test_a_format_that_is_not_cut_so_says_what_it_takes(town, tmp_path):
    with pytest.raises(UsageError, match="city"):
        export_plan(make_request(*town), choose_formats("indicators"), tmp_path / "out", by="street")
    written = export_plan(make_request(*town), choose_formats("geojson"), tmp_path / "out", by="city")
    assert [path.name.partition("_")[0] for path in written] == ["areas", "units"]


def write_and_fail(request, part, folder):
    (folder / "half.txt").write_text("half")
    raise UsageError("坏了", "broken")


def test_nothing_is_left_of_an_export_that_failed(town, tmp_path):
    bad = ExportFormat("html", ".txt", f"{__name__}:write_and_fail", ("city",))
    with pytest.raises(UsageError):
        export_plan(make_request(*town), (*choose_formats("geojson"), bad), tmp_path)
    assert list(tmp_path.glob("*.geojson")) == []
    assert list(tmp_path.glob(".pianqu*")) == []
