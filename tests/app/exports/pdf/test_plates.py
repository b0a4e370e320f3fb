"""The plates of a plan: every street and every area once, what is left counted where it is."""

import pytest

from app.drawings.frames import PAPERS
from app.exports.pdf.plates import list_plates


@pytest.mark.full
@pytest.mark.parametrize("level", ["city", "street"])
def test_every_street_and_area_of_a_part_has_its_plate(request_, level):
    for part in request_.parts(level):
        plates = list(list_plates(request_, part, PAPERS["A3"]))
        placed = part.units.dropna(subset=["geometry"])
        areas = [plate for plate in plates if plate.rows]
        assert len(areas) == len(part.areas)
        streets = [plate for plate in plates if plate.title.endswith(request_.words("plates.street", name=""))]
        assert len(streets) == placed["street_code"].nunique()
        assert all(plate.denominator >= 100 for plate in plates)


def test_members_have_the_number_that_stands_on_the_map(request_):
    (part,) = request_.parts("city")
    for plate in list_plates(request_, part, PAPERS["A3"]):
        assert [row[0] for row in plate.rows] == [f"{k}" for k in range(1, len(plate.rows) + 1)]
        assert all(f">{row[0]}</tspan>" in plate.svg for row in plate.rows[:1])
