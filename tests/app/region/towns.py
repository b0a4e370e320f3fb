"""A region of two little towns of 3 × 3 communities, each from a file."""

import geopandas as gpd
import shapely

from app.planning.options import PlanOptions
from app.region.definition import FileSource, make_district, write_region
from app.region.steps import Choices

CHOICES = Choices(PlanOptions(mode="whole", lower=1200, upper=2400, rounds=2, workers=1))


def write_town(folder, shift):
    """The file of a town of 3 × 3 communities of 600 households, 20 m apart."""
    boxes = [shapely.box(220 * x, 220 * y, 220 * x + 200, 220 * y + 200) for x in range(3) for y in range(3)]
    frame = gpd.GeoDataFrame(
        {"name": [f"演示{shift}-{i}" for i in range(9)], "households": 600 + shift, "floor_area_m2": 48_000.0},
        geometry=gpd.GeoSeries(boxes, crs="EPSG:4546").translate(441_000 + 9_000 * shift, 4_497_000),
    )
    folder.mkdir(parents=True)
    frame.to_crs("EPSG:4326").to_file(folder / "communities.geojson", driver="GeoJSON", RFC7946="YES")
    return FileSource(folder=str(folder), datum="wgs84", layers_of=("communities=communities",))


def define_towns(folder, n=2):
    made = [make_district(f"1502{k:02d}", source=write_town(folder / "files" / str(k), k)) for k in range(n)]
    return write_region(folder / "region", "两区", made)
