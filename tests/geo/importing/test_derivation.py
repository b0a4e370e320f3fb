"""Units after a corrected value: the one row patched is what deriving all of them gives, byte for byte."""

import shutil
from dataclasses import replace

import pytest
import shapely

from analysis.policy import read_policy
from geo.corrections.model import Correction
from geo.corrections.store import add_override
from geo.importing import derive_units, revise_units
from geo.importing.derivation import revise_values
from geo.schema import CORRECTABLE
from geo.storage.dataset import open_dataset
from tests.app.town import build_imported_town

RULES = read_policy().unit_rules()
VALUES = {
    "households": ("1234", None),
    "floor_area_m2": ("45678.9", None),
    "built_year": ("1987", None),
    "management_mode": ("quasi", None),
    "company_id": ("K1", None),
}


@pytest.fixture(scope="module")
def imported(tmp_path_factory):
    return build_imported_town(tmp_path_factory.mktemp("imported") / "town")


@pytest.fixture
def folder(imported, tmp_path):
    return shutil.copytree(imported, tmp_path / "town")


def state(folder, what, *, field=None, value=None, unit=None, units=None, place=None, parts=()):
    said = Correction(
        what,
        author="王工",
        reason="核对",
        date="2026-06-30",
        field=field,
        value=value,
        target=unit,
        units=units,
        place=place,
        parts=parts,
    )
    return add_override(open_dataset(folder), said)[1]


def stored(folder):
    return dict(open_dataset(folder).manifest.files)


@pytest.mark.parametrize(
    "kind", ["known", *(pytest.param(one, marks=pytest.mark.full) for one in ("bare", "single", "merged"))]
)
def test_a_patched_value_is_what_deriving_all_units_gives(folder, kind):
    assert set(VALUES) == set(CORRECTABLE) - {"street_code"}
    units = open_dataset(folder).layer("units").set_index("unit_id")
    communities = open_dataset(folder).layer("communities").set_index("unit_id")["households"]
    unit = {
        "known": communities.index[communities.notna()][0],
        "bare": communities.index[communities.isna()][0],
        "single": units.index[units["kind"] == "single_building"][0],
        "merged": "C010",
    }[kind]
    if kind == "merged":
        state(folder, "merged", units=("C010", "C011"))
        derive_units(folder, RULES)
    for number in range(2):
        ids = [state(folder, "value", field=name, value=pair[number], unit=unit) for name, pair in VALUES.items()]
        assert revise_values(open_dataset(folder), ids, RULES) is not None
        revise_units(folder, ids, RULES)
        patched = stored(folder)
        row = open_dataset(folder).layer("units").set_index("unit_id").loc[unit]
        assert number or (row["households"], row["built_year"], row["is_old_by"]) == (1234, 1987, "year")
        derive_units(folder, RULES)
        assert stored(folder) == patched


def test_what_may_change_more_than_a_figure_is_derived_whole(folder):
    def is_patched(unit, field="households", value="77", rules=RULES):
        said = state(folder, "value", field=field, value=value, unit=unit)
        return revise_values(open_dataset(folder), [said], rules) is not None

    assert is_patched("C011")
    assert not is_patched("C011", value="78", rules=replace(RULES, old_until_year=1900))  # derived by other rules
    assert not is_patched("C011", field="street_code", value="150299002")
    derive_units(folder, RULES)
    state(
        folder,
        "outline",
        unit="C001",
        place=shapely.set_precision(shapely.box(402_280, 4_500_000, 402_400, 4_500_099), 1),
    )
    derive_units(folder, RULES)
    assert not is_patched("C001")
    assert is_patched("C039")
