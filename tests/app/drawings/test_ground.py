"""The ground of a map has the names of what is seen."""

from dataclasses import replace

from app.drawings.frames import make_frame
from app.drawings.ground import name_lines, name_streets


def test_streets_that_are_seen_are_named_inside_the_frame(bench):
    frame = make_frame(bench)
    streets = bench.dataset.layer("streets")
    names = name_streets(bench, frame)
    assert {name.lines[0] for name in names} == set(streets["name"].dropna())
    assert name_streets(bench, replace(frame, west=frame.west + 1e6)) == []


def test_names_of_lines_run_along_them_and_are_never_upside_down(bench):
    names = name_lines(bench, replace(make_frame(bench), denominator=2_000))
    assert all(-90 < name.angle <= 90 for name in names)
    named = set(bench.dataset.layer("barriers")["name"].dropna()) | set(bench.dataset.layer("roads")["name"].dropna())
    assert {name.lines[0] for name in names} <= named
