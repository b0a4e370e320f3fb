"""Plans exported, to be read back: with one anchor an area, and with leaders inside."""

import pytest

from app.exports.export import export_plan
from app.exports.formats import choose_formats
from app.exports.request import make_request
from app.plan_files.plan_edit import read_plan_rows
from app.plan_files.rows import read_rows


@pytest.fixture(params=["led_bench", pytest.param("bench", marks=pytest.mark.full)])
def shown(request):
    """The town with a plan of each kind."""
    return request.getfixturevalue(request.param)


@pytest.fixture
def write(tmp_path):
    """Exports a plan in a format, the whole city in one file."""

    def make(bench, key, language="zh"):
        asked = make_request(bench.dataset, dict(bench.plan), language=language)
        paths = export_plan(asked, choose_formats(key), tmp_path / f"{key}-{language}", by="city")
        return next(path for path in paths if key != "geojson" or path.name.startswith("units_"))

    return make


@pytest.fixture
def read():
    """Reads a file back onto the plan it is from."""

    def make(path, bench, base="own", **more):
        document = dict(bench.plan) if base == "own" else base
        return read_plan_rows(read_rows(path), bench.dataset, bench.policy, document, **more)

    return make


@pytest.fixture
def pair(shown):
    """A unit of one area that leads nobody, its area, and the id and name of another area."""
    led = {leader for area in shown.areas for leader in area.get("led", {}).values()}
    first, second = [area for area in shown.areas if len(area["unit_ids"]) > 2][:2]
    unit = next(one for one in first["unit_ids"] if one not in led and one != first["anchor_unit_id"])
    return unit, first, second
