"""Tables of the bureau are written with its headers, and every file is named a demo."""

import numpy as np

from geo.demo.people import generate_people
from geo.demo.places import build_city
from geo.demo.raw_files import write_tables
from geo.demo.services import generate_services
from geo.demo.spec import DEMO_MARK, SPECS
from geo.schema import IMPORTABLE


def test_each_table_is_a_file_of_a_layer_that_is_imported(tmp_path):
    rng = np.random.default_rng(3)
    people = generate_people(SPECS["small"], build_city(SPECS["small"], rng), rng)
    files = write_tables(tmp_path, people, generate_services(people, rng))
    assert {file.layer for file in files} <= set(IMPORTABLE)
    assert all(DEMO_MARK in file.path.name and file.path.is_file() for file in files)
