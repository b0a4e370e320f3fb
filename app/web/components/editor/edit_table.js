/* The table of units while a plan is edited: the way to every unit without a map. Its rows and its
   selection follow the editor, and the editor follows them. */
(function (root) {
  "use strict";

  class UnitTable {
    constructor(editor, gridId) {
      this.editor = editor;
      this.isTelling = false;
      this.rows = [];
      this.ready = window.dash_ag_grid.getApiAsync(gridId).then((api) => this.begin(api));
    }

    begin(api) {
      this.api = api;
      const { model } = this.editor;
      this.rows = model.start.ids.map((id, i) => this.row(id, i));
      api.setGridOption("rowData", this.rows);
      api.addEventListener("selectionChanged", (event) => {
        if (this.isTelling || event.source === "api" || event.source === "rowDataChanged") return;
        this.editor.select(api.getSelectedRows().map((row) => row.unit), "table");
      });
      this.follow();
    }

    row(id, i) {
      const { editor } = this;
      const { model, text } = editor;
      const k = model.area[i];
      const { start } = model;
      const held = model.heldBy(i);
      const marks = [
        k >= 0 && model.areas[k].anchor === i ? text.say("is_anchor") : "",
        held ? text.say(held === "unit" ? "is_locked" : "is_locked_area") : "",
        model.isLeftOver(i) ? text.say("is_left_over") : "",
        model.isOutside(i) ? text.pick(start.reasons[start.outside[i]]) : "",
      ];
      return {
        id, unit: i, name: start.names[i], street: start.streets[i] < 0 ? null : start.street_names[start.streets[i]],
        number: k >= 0 ? k + 1 : null, area: k >= 0 ? text.areaName(model, k) : null,
        households: start.households[i], estimated: Boolean(start.estimated[i]), floor_area_m2: start.floor[i],
        state: marks.filter(Boolean).join(text.say("comma")),
      };
    }

    /* Rows of units that changed. */
    update(units) {
      if (!this.api) return;
      const { ids } = this.editor.model.start;
      for (const i of units) {
        this.rows[i] = this.row(ids[i], i);
        this.api.getRowNode(ids[i])?.setData(this.rows[i]); // a transaction would bring an older selection back
      }
    }

    /* Mark what the editor has chosen. */
    follow() {
      if (!this.api) return;
      this.isTelling = true;
      const wanted = this.editor.selection;
      const { ids } = this.editor.model.start;
      const on = [];
      const off = [];
      this.api.getSelectedNodes().forEach((node) => { if (!wanted.has(node.data.unit)) off.push(node); });
      wanted.forEach((i) => {
        const node = this.api.getRowNode(ids[i]);
        if (node && !node.isSelected()) on.push(node);
      });
      if (off.length) this.api.setNodesSelected({ nodes: off, newValue: false, source: "api" });
      if (on.length) {
        this.api.setNodesSelected({ nodes: on, newValue: true, source: "api" });
        if (!document.activeElement.closest(".ag-root")) this.api.ensureNodeVisible(on[0]);
      }
      this.isTelling = false;
    }

    filter(words) {
      if (this.api) this.api.setGridOption("quickFilterText", words);
    }
  }

  root.pianqu_edit.UnitTable = UnitTable;
})(window);
