/* Cutting an area along a line: drawn by dragging, or begun across the area in hand and moved by keys. */
(function (root) {
  "use strict";

  const { sidesOf, lineAcross, turned, shifted, NONE } = root.pianqu_edit;
  const STEP = 0.03; // of the line's length
  const TURN = 7.5; // degrees
  const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] };

  class Cut {
    constructor(editor) {
      this.editor = editor;
      this.isOn = false;
      this.line = null; // the one that waits for Enter
    }

    turn(on) {
      this.isOn = on;
      this.begin();
    }

    /* A line across the area in hand; none where there is no such area. */
    begin() {
      const { model } = this.editor;
      const k = this.isOn ? this.editor.areaInHand() : null;
      const places = k === null ? [] : model.members(k).map((i) => model.start.points[i]).filter(Boolean);
      this.show(lineAcross(places));
    }

    /* The line that waits, and what it would do. */
    show(line) {
      const { editor } = this;
      const isChanged = line !== this.line;
      this.line = line;
      if (!isChanged) return;
      this.draw(line);
      const found = line && this.found(line);
      editor.pass(found ? { units: found.units, aim: { k: "new", anchor: NONE } } : null);
      if (found) editor.tell(editor.text.say("told_cut", { area: editor.text.area(editor.model, found.k), stay: found.stay, go: found.units.length }));
    }

    draw(line) {
      if (this.editor.tools) this.editor.tools.drawLine(line);
    }

    /* A line is being drawn, or was let go: then it cuts. */
    drawn(path, when) {
      if (when === "moving") this.show(path);
      else this.finish(path);
    }

    /* { k, units, stay }: the area a line cuts, the units that leave it, the number that stays; null where it cuts none. */
    found(path) {
      const { model } = this.editor;
      const k = model.areaCut(path, this.editor.areaInHand());
      if (k === null) return null;
      const units = model.leaving(k, path);
      return { k, units, stay: model.members(k).length - units.length };
    }

    finish(path = this.line) {
      const { editor } = this;
      const found = path && this.found(path);
      this.show(null);
      if (!found) return editor.refuseStep("told_no_cut");
      return editor.finish(editor.model.cut(found.k, found.units), found.units);
    }

    /* Arrow keys move the line; false where they are somebody else's. */
    move(event) {
      if (!this.line || event.target.closest(".ag-root, #theme-choices, [role=tablist]")) return false;
      const [east, north] = ARROWS[event.key];
      const step = STEP * (event.shiftKey ? 4 : 1);
      this.show(shifted(this.line, east * step, north * step));
      return true;
    }

    rotate(direction) {
      this.show(turned(this.line, direction * TURN));
    }
  }

  Object.assign(root.pianqu_edit, { Cut });
})(window);
