"""A line across an area: sides, what it passes between, the line a keyboard begins with."""

import json
import shutil
import subprocess
from pathlib import Path

import pytest

LINE = Path(__file__).resolve().parents[2] / "app" / "web" / "components" / "editor" / "edit_line.js"
WEST, EAST, NORTH = [109.99, 40.65], [110.01, 40.65], [110.0, 40.66]

pytestmark = pytest.mark.skipif(shutil.which("node") is None, reason="node is not installed")


def ask(expression):
    code = f"const line = require({json.dumps(str(LINE))}); console.log(JSON.stringify({expression}))"
    done = subprocess.run(["node", "-e", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.mark.parametrize(
    "path",
    [
        [[110, 40.649], [110, 40.651]],  # short: both ends go on
        [[110, 40.5], [110, 40.8]],
        [[110, 40.64], [110.001, 40.65], [110, 40.66]],
        [[110, 40.64], [110, 40.645], [109.9999, 40.65], [110, 40.655], [110.0000001, 40.66]],
    ],
)
def test_what_lies_on_which_side_is_seen_along_the_whole_line(path):
    assert ask(f"line.sidesOf({path}, {[WEST, EAST]})") == [True, False]
    assert ask(f"line.sidesOf({path[::-1]}, {[WEST, EAST]})") == [False, True]


def test_a_bent_line_takes_in_what_lies_in_its_bend():
    hook = [[110.02, 40.64], [110.0, 40.64], [110.0, 40.66], [110.02, 40.66]]
    inside, outside = [110.005, 40.65], [109.995, 40.65]
    assert ask(f"line.sidesOf({hook}, {[inside, outside]})") == [False, True]


def test_a_place_that_is_missing_lies_on_no_side():
    assert ask("line.sidesOf([[110, 40], [110, 41]], [null])") == [None]


def test_a_line_passes_between_two_places_only_where_it_was_drawn():
    assert ask(f"line.passing([[110, 40.649], [110, 40.651]])({WEST}, {EAST})")
    assert not ask(f"line.passing([[110, 40.651], [110, 40.66]])({WEST}, {EAST})")


def test_the_first_line_crosses_the_longest_extent_and_moves_by_keys():
    places = [[109.98, 40.65], WEST, EAST, [110.02, 40.651]]
    across = f"line.lineAcross({places})"
    assert ask(f"line.sidesOf({across}, {places})") in ([True, True, False, False], [False, False, True, True])
    moved = ask(f"line.sidesOf(line.shifted({across}, 0.3, 0), {places})")
    assert moved[1] == moved[2] != moved[3]
    along = ask(f"line.sidesOf(line.turned({across}, 90), {places})")
    assert along[0] == along[3] != along[1]
    assert ask(f"line.lineAcross({[NORTH]})") is None
