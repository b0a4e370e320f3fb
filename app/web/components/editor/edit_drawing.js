/* What the editor has the map draw: colours, outlines of areas that changed, marks, numbers. */
(function (root) {
  "use strict";

  const TO_UNITS = ["R01", "R05", "R10", "R20", "R26", "R40"]; // rules that blame units, not whole areas

  class Drawing {
    constructor(editor, tools) {
      this.editor = editor;
      this.tools = tools;
    }

    all() {
      this.tools.together();
      this.tools.view.showTheme();
      this.selection([...this.editor.selection]);
      this.areas();
      this.marksNow();
      this.labels();
    }

    selection(units) {
      this.tools.drawSelection(units);
    }

    fillOf(k) {
      return this.editor.model.start.palette[this.editor.model.areas[k].colour];
    }

    /* [colour, hatched] of a unit under the theme of areas. */
    lookOf(i) {
      const { model } = this.editor;
      const { left_over: left, other } = model.start.plain;
      if (model.area[i] >= 0) return [this.fillOf(model.area[i]), false];
      return model.isLeftOver(i) ? [left, true] : [other, false];
    }

    /* Areas that are not as they were, by their outline; where the server has not answered there is none yet. */
    areas() {
      const { model } = this.editor;
      const touched = new Set();
      for (let i = 0; i < model.n; i += 1) {
        if (model.area[i] === model.baseArea[i]) continue;
        if (model.area[i] >= 0) touched.add(model.area[i]);
        if (model.baseArea[i] >= 0) touched.add(model.baseArea[i]);
      }
      const current = this.editor.isChecked() ? this.editor.checked.outlines : {};
      const drawn = [...touched].filter((k) => current[model.areas[k].key]).map((k) => ({
        geometry: current[model.areas[k].key], fill: this.fillOf(k), edge: model.start.edges[model.areas[k].colour],
      }));
      this.tools.drawAreas(drawn, [...touched].filter((k) => k < model.start.areas.length));
    }

    marks() {
      const { model } = this.editor;
      const locked = [];
      for (let i = 0; i < model.n; i += 1) if (model.heldBy(i)) locked.push(i);
      const apart = new Set(this.editor.broken.filter((found) => found.rule === "R22").flatMap((found) => found.units));
      const toUnits = this.editor.broken.filter((found) => TO_UNITS.includes(found.rule));
      const blamed = new Set(toUnits.flatMap((found) => found.units).filter((i) => !apart.has(i)));
      return [["locked", locked], ["apart", [...apart]], ["blamed", [...blamed]]];
    }

    marksNow(coming = []) {
      this.tools.drawMarks([...this.marks(), ["coming", coming]]);
    }

    labels() {
      const { model, text } = this.editor;
      const { points, households, floor } = model.start;
      const warned = new Set(this.editor.broken.map((found) => found.k));
      const labels = [];
      model.membersOfAll().forEach((units, k) => {
        if (!units.length) return;
        const placed = units.filter((i) => points[i]);
        if (!placed.length) return;
        const hub = placed.reduce((best, i) => ((floor[i] || 0) > (floor[best] || 0) ? i : best));
        const known = units.filter((i) => households[i] !== null);
        const sums = {
          units: units.length, missing: units.length - known.length, households: known.reduce((sum, i) => sum + households[i], 0),
        };
        const short = k + 1 + (warned.has(k) ? " !" : "");
        labels.push({ mark: "number", place: points[hub], short, text: short + "\n" + text.households(sums), rank: -sums.households });
        const { anchor } = model.areas[k];
        const stars = model.leaderOf ? [...new Set(units.map((i) => model.leaderNow(i)))] : [anchor];
        for (const star of stars) if (star >= 0 && points[star]) labels.push({ mark: "anchor", place: points[star] });
      });
      this.tools.drawLabels(labels);
      this.spokes();
    }

    /* From each leader to whom it leads, as the plan is now; a leader inside an area has its star. */
    spokes() {
      const { model } = this.editor;
      const { points } = model.start;
      const lines = [];
      for (let i = 0; model.leaderOf && i < model.n; i += 1) {
        const leader = model.leaderNow(i);
        if (leader >= 0 && points[i] && points[leader]) lines.push([points[leader], points[i]]);
      }
      this.tools.drawSpokes(lines);
    }
  }

  root.pianqu_edit.Drawing = Drawing;
})(window);
