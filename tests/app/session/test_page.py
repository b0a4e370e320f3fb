"""All that a page shows is named by what it holds, so that it may be kept for ever."""

from app.session.page import page_version, prepare_page


def test_a_page_made_again_has_the_same_files_and_version(bench, data):
    again = prepare_page(bench)
    assert again.version == data.version
    assert again.files.keys() == data.files.keys()


def test_without_a_version_the_page_is_that_of_the_dataset(bench):
    assert page_version(bench.context, None) == page_version(bench.context, None) != ""


def test_the_bounds_hold_every_unit(data):
    west, south, east, north = data.bounds
    for one in data.unit_bounds.values():
        assert west <= one[0] <= one[2] <= east
        assert south <= one[1] <= one[3] <= north
