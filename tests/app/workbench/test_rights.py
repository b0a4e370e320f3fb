"""A server that may not write: found out at the start, said kindly, and nothing on disk is touched."""

import errno
import io
import os
import shutil
import tempfile
from pathlib import Path

import pytest

from app.desks.corrections.correcting import store_form
from app.desks.corrections.correction_form import CorrectionForm
from app.desks.editing.request import SaveBody
from app.desks.editing.saving import save_edit
from app.desks.editing.session import EditSession
from app.desks.imports.session import ImportSession
from app.desks.plans.menu import act_on_plan
from app.desks.plans.run_manager import PlanRunManager
from app.i18n import load_words
from app.planning.request import PlanRequest
from app.session.folders import default_store_path
from app.session.plan_session import PlanSession
from app.store.store import open_store
from app.web.layout.shell.page import page
from app.web.main import create_app
from app.workbench.rights import ReadOnlyError, Rights, probe_rights, report_write_errors
from geo.errors import NotWrittenError

TOKEN = "a-token-of-a-page-0001"


OWN = {"X-Pianqu": "1"}


@pytest.fixture
def folder(town, tmp_path):
    return shutil.copytree(town[0], tmp_path / "share" / "city")


@pytest.fixture(scope="module")
def first_store(town, tmp_path_factory):
    """A store with the town's plan in it, made once."""
    folder = shutil.copytree(town[0], tmp_path_factory.mktemp("first") / "city")
    PlanSession(folder, town[1]).store.close()
    return default_store_path(folder)


@pytest.fixture
def kept(first_store, folder):
    """The same store beside the dataset of one's own."""
    return shutil.copy(first_store, default_store_path(folder))


@pytest.fixture
def shown(folder, kept):
    return PlanSession(folder, None, read_only=True)


def disk(place):
    return {path: path.read_bytes() for path in sorted(place.rglob("*")) if path.is_file()}


def save(shown):
    return save_edit(EditSession(shown), SaveBody(base=shown.data.version, author="王敏", areas={}))


ZH = load_words("zh")

WRITES = {
    "save": save,
    "rename": lambda shown: act_on_plan(shown, shown.data.bench.version.id, "rename", "新", "王", ZH),
    "archive": lambda shown: act_on_plan(shown, shown.data.bench.version.id, "archive", "", "王", ZH),
    "current": lambda shown: act_on_plan(shown, shown.data.bench.version.id, "current", "", "王", ZH),
    "carry": lambda shown: act_on_plan(shown, shown.data.bench.version.id, "carry", "", "王", ZH),
    "correct": lambda shown: store_form(
        shown, shown.data.version, CorrectionForm("values", "u1", {}, None, "王", "错")
    ),
    "import": lambda shown: ImportSession(shown).add(TOKEN, "a.csv", io.BytesIO(b"a,b\n1,2\n")),
    "run": lambda shown: PlanRunManager(shown).start(PlanRequest(name="新方案"), "王"),
}


@pytest.mark.parametrize("write", WRITES.values(), ids=WRITES)
def test_a_read_only_server_refuses_kindly_and_touches_nothing(shown, folder, write):
    before = disk(folder.parent)
    with pytest.raises(ReadOnlyError, match="只读方式"):
        write(shown)
    assert disk(folder.parent) == before


def test_a_read_only_server_shows_the_plans_that_are_kept(shown, kept):
    version = shown.data.bench.version
    assert open_store(f"sqlite:///{kept}").version(version.id).plan_sha256 == version.plan_sha256
    assert not shown.store.is_kept


def test_a_read_only_server_takes_a_plan_file_without_writing_it_down(town, folder):
    before = disk(folder.parent)
    assert PlanSession(folder, town[1], read_only=True).data.bench.version is not None
    assert disk(folder.parent) == before


def test_a_read_only_server_leaves_the_runs_of_others_alone(folder, kept):
    writer = PlanRunManager(PlanSession(folder, None))
    job = writer.jobs / "20260101-000000-aaaa"
    job.mkdir(parents=True)
    (job / "request.json").write_text(f'{{"data": "{folder.resolve()}", "name": "x"}}')
    (job / "lock").touch()
    assert writer.states() != ()
    assert PlanRunManager(PlanSession(folder, None, read_only=True)).states() == ()


@pytest.mark.skipif(not hasattr(os, "seteuid"), reason="rights of POSIX")
def test_what_cannot_be_written_is_found_by_writing(folder, kept):
    """For root every right is there: the test goes on as a user who has none."""
    with tempfile.TemporaryDirectory() as name:
        place = Path(name)
        shutil.copytree(folder, place / "city")
        shutil.copy(kept, place / "city-plans.sqlite")
        for path in (*place.rglob("*"), place):
            path.chmod(0o555 if path.is_dir() else 0o444)
        was = os.geteuid()
        os.seteuid(was or 65_534)
        try:
            shown = PlanSession(place / "city", None)
            assert "没有写入权限" in shown.rights.data[0]
            assert "Permission denied" in shown.rights.plans[1]
            assert shown.rights.runs is None  # runs fall back to the system's temporary folder
            assert shown.data.bench.version is not None  # the plans kept there are shown
            for write in (save, WRITES["correct"]):
                with pytest.raises(ReadOnlyError):
                    write(shown)
        finally:
            os.seteuid(was)
            place.chmod(0o755)


def test_where_everything_can_be_written_nothing_is_said(folder):
    rights = probe_rights(folder, default_store_path(folder), folder, read_only=False)
    assert rights == Rights()
    assert rights.reasons == ()


def test_a_folder_that_is_not_there_yet_may_be_made(tmp_path):
    assert probe_rights(tmp_path / "new", None, tmp_path, read_only=False) == Rights()


@pytest.mark.parametrize(
    ("number", "told"), [(errno.EROFS, "只读文件系统"), (errno.ENOSPC, "磁盘已满"), (errno.EACCES, "没有写入权限")]
)
def test_what_the_system_refuses_while_writing_becomes_a_sentence(shown, folder, monkeypatch, number, told):
    def refuse(*_):
        raise OSError(number, os.strerror(number))

    writer = PlanSession(folder, None)
    monkeypatch.setattr("app.desks.corrections.correcting.store_corrections", refuse)
    monkeypatch.setattr("app.desks.corrections.correcting.parse_form", lambda *_: [])
    with pytest.raises(NotWrittenError, match=told):
        store_form(writer, writer.data.version, CorrectionForm("values", "u1", {}, None, "王", "错"))


def test_other_faults_are_not_taken_for_that():
    with pytest.raises(ConnectionResetError), report_write_errors(Path("x")):
        raise ConnectionResetError(errno.ECONNRESET, "gone")
    with pytest.raises(KeyError), report_write_errors(Path("x")):
        raise KeyError("ENOSPC")


@pytest.fixture
def client(folder, kept):
    return create_app(folder, None, read_only=True).server.test_client()


def disabled(layout):
    """Ids of the idle controls of a page."""
    found, stack = set(), [layout]
    while stack:
        one = stack.pop()
        if isinstance(one, list):
            stack += one
        elif isinstance(one, dict):
            props = one.get("props", {})
            if props.get("disabled") is True and props.get("title"):
                told = props["id"]
                found.add(told if isinstance(told, str) else "-".join(sorted(told.values())))
            stack += list(props.values())
    return found


def test_the_invitation_to_import_says_why_not(tmp_path):
    client = create_app(tmp_path / "new", None, read_only=True).server.test_client()
    layout = client.get("/_dash-layout").get_json()
    steps = {f"{name}-step" for name in ("import", "check", "plan", "adjust", "report")}  # without data there are none
    assert disabled(layout) == {"welcome-wizard-open", *steps}


def test_an_upload_is_refused_with_the_sentence(client):
    answer = client.post(f"/import/files/{TOKEN}", data=b"a\n1\n", headers={**OWN, "X-File-Name": "a.csv"})
    assert answer.status_code == 422
    assert "只读方式" in answer.get_json()["sentence"]


def test_reading_goes_on(client, shown):
    for address in ("/story", "/print", f"/export/plan?page={shown.data.version}"):
        assert client.get(address).status_code == 200


def test_a_run_whose_plan_does_not_last_says_so(data):
    words = load_words("zh")
    rights = Rights(plans=("方案库不可写", "no store"))
    drawn = str(page(data, words, rights=rights))
    assert words("store.not_kept") in drawn
    assert "方案库不可写" in drawn
