"""What would write is idle on a page that may not write, and only there."""

import json
import shutil

import pytest

from app.session.folders import default_store_path
from app.session.plan_session import PlanSession
from app.web.main import create_app


@pytest.fixture
def folder(town, tmp_path):
    return shutil.copytree(town[0], tmp_path / "share" / "city")


@pytest.fixture
def kept(town, folder):
    """A store beside the dataset with the town's plan in it."""
    shown = PlanSession(folder, town[1])
    shown.store.close()
    return default_store_path(folder)


@pytest.fixture
def shown(folder, kept):
    return PlanSession(folder, None, read_only=True)


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


def test_the_page_says_it_and_what_would_write_is_idle(client, shown):
    layout = client.get("/_dash-layout").get_json()
    version = shown.data.bench.version.id
    assert disabled(layout) == {
        "header-wizard-open",
        "correct-keep",
        "placing-confirm",
        "back-do",
        "work-keep",
        "work-back",
        "charge-keep",
        "keep-month-field",
        "plan-run-start",
        "plan-run-proposals",
        "curve-plan-run",
        "-".join(sorted(["plan-action", "rename", version])),
        "-".join(sorted(["archive", "plan-action", version])),
    }
    assert '"aria-label": "只读: 服务器以只读方式打开' in json.dumps(layout, ensure_ascii=False)


def test_a_page_that_may_write_has_no_badge_and_nothing_idle(folder, kept):
    client = create_app(folder, None).server.test_client()
    assert disabled(client.get("/_dash-layout").get_json()) == set()
    assert "read-only" not in client.get("/_dash-layout").get_data(as_text=True)
