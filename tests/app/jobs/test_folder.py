"""A folder of a run that is damaged is no run that goes on."""

from app.jobs.folder import JobFolder
from app.planning.child import read_run_state


def test_a_folder_that_is_damaged_is_no_run_that_goes_on(tmp_path):
    path = tmp_path / "job"
    path.mkdir()
    (path / "request.json").write_text("{")
    state = read_run_state(JobFolder(path))
    assert (state.phase, state.points) == ("lost", ())
