"""A planner's desk for browser tests: a server of its own, and the page in edit mode with what is done on it."""

import shutil

import pytest

from app.store.store import open_store
from tests.e2e.servers import Server

EDITOR = "document.getElementById('editor').editor"
WAYS = {
    "explore": "#steps .path-step >> nth=2",
    "edit": "#steps .path-step >> nth=3",
    "compare": ":is(#compare-open, [data-presses=compare-open]):visible",
}
"""What is pressed to explore, to edit, to compare."""


class Office(Server):
    """A server on a dataset of its own that can be killed and started again at the same address."""

    def versions(self):
        store = open_store(f"sqlite:///{self.folder.with_name(self.folder.name + '-plans.sqlite')}")
        try:
            return [version for plan in store.plans() for version in store.versions(plan.id)]
        finally:
            store.close()


class Desk:
    """The page of a planner in edit mode, and what is done on it, counted."""

    def __init__(self, watched):
        self.watched, self.page, self.actions = watched, watched.page, 0

    def begin(self, address="/", *, shows="map"):
        self.watched.open(address, shows=shows)
        self.click(self.page.locator(WAYS["edit"]))
        return self.wait()

    def wait(self):
        self.page.wait_for_selector("#edit-panel .edit-top")
        self.until(f"{EDITOR}.model && {EDITOR}.tools && {EDITOR}.tools.view.shapes.units.size > 0")
        self.until(f"{EDITOR}.table.api")
        return self

    def begin_anew(self):
        """The plan as it was opened, nothing chosen, the first tool, all of the town in view."""
        page = self.page
        if not page.locator("#page.mode-edit").count():
            page.locator(WAYS["edit"]).click()
            self.wait()
        for _ in range(3):  # a dialog, a drawing, what is chosen
            page.keyboard.press("Escape")
        page.locator("#edit-filter input").fill("")
        page.evaluate(
            f"""() => {{
                while ({EDITOR}.model.done) {EDITOR}.undo();
                {EDITOR}.select([], "key");
                document.activeElement?.blur();
            }}"""
        )
        page.mouse.move(700, 20)
        self.watched.whole()
        told = self.tell()
        assert (told["done"], told["chosen"], told["locked"]) == (0, [], [])
        return self.drawn()

    def until(self, what, seconds=60):
        """Wait until an expression is true; the page lets nobody else evaluate text."""
        for _ in range(seconds * 10):
            if self.page.evaluate(f"Boolean({what})"):
                return
            self.page.wait_for_timeout(100)
        pytest.fail(f"{what} did not come true")

    def drawn(self):
        """Wait until the map shows the last step: it waits a moment for the server's outlines."""
        self.until(f"!{EDITOR}.drawsLater")
        return self

    def press(self, *keys):
        for key in keys:
            self.actions += 1
            self.page.keyboard.press(key)
        return self

    def click(self, target, **options):
        self.actions += 1
        target.click(**options)
        return self

    def type(self, target, text):
        self.actions += 1
        target.fill(text)
        return self

    def drag(self, path):
        self.actions += 1
        self.page.mouse.move(*path[0])
        self.page.mouse.down()
        for place in path[1:]:
            self.page.mouse.move(*place, steps=5)
            self.page.wait_for_timeout(60)
        self.page.mouse.up()
        return self

    def tell(self):
        return self.page.evaluate(
            f"""() => {{ const {{ model, selection }} = {EDITOR}; return {{
                area: [...model.area], done: model.done, steps: model.steps.length, chosen: [...selection],
                ids: model.start.ids, target: model.start.target, locked: [...model.lockedUnits],
                anchors: model.areas.map((area) => area.anchor), outside: model.start.outside,
            }}; }}"""
        )

    def members(self, k):
        told = self.tell()
        return [i for i, area in enumerate(told["area"]) if area == k]

    def planned(self):
        """Units the plan is for in the first area that has two of them and more."""
        told = self.tell()
        for k in range(len(told["anchors"])):
            units = [i for i, area in enumerate(told["area"]) if area == k and told["target"][i]]
            if len(units) >= 2:
                return units
        return pytest.fail("no area with two units")

    def checked(self):
        """Wait for the server's answer to what is there now."""
        self.until(f"{EDITOR}.isChecked()")
        return self.page.evaluate(f"{EDITOR}.checked")

    def place(self, unit):
        """Where a unit is on the screen, pixels; on whichever map there is."""
        x, y = self.page.evaluate(f"{EDITOR}.tools.surface.project({EDITOR}.model.start.points[{unit}])")
        box = self.page.locator("#map .map-box").bounding_box()
        return box["x"] + x, box["y"] + y

    def status(self):
        return self.page.locator("#edit-status").inner_text()

    def offered(self):
        return self.page.locator("#edit-panel .edit-offer")


def office_of(town, folder):
    """A server of a copy of the town, so that what is saved is nobody else's."""
    shutil.copytree(town[0], folder / "town")
    shutil.copy(town[1], folder / "PLAN.json")
    return Office(folder / "town", folder / "PLAN.json").start()


def save(desk, author="李工", note="测试"):
    """Save what was edited, by the key and the dialog."""
    desk.press("Control+s")
    box = desk.page.locator("dialog.edit-dialog")
    box.get_by_label("署名").fill(author)
    box.get_by_label("说明").fill(note)
    box.get_by_role("button", name="保存").click()
