/* Correcting data: the tools of the map, and coming back to the same view after the page is loaded anew. */
(function () {
  "use strict";
  const KEY = "pianqu-come-back";
  const skip = () => window.dash_clientside.no_update;
  const view = () => {
    const box = document.querySelector("#map .map-box[data-ready]");
    return box && box.mapView;
  };
  const isSomething = (value) => value !== null && value !== undefined && value !== "" && !(Array.isArray(value) && !value.length);
  let asked = 0;

  window.dash_clientside = window.dash_clientside || {};
  window.dash_clientside.pianqu_correct = {
    startTool(clicks, state, section, words, outline, drawn) {
      const told = window.dash_clientside.callback_context.triggered[0] || {};
      asked += 1;
      if (!String(told.prop_id).includes("correct-tool")) return { tool: null, n: asked };
      const { tool } = JSON.parse(told.prop_id.split(".")[0]);
      if (!told.value || tool === "pasted") return skip();
      const map = document.querySelector("#map :is(canvas, .map-box)[tabindex]");
      if (map) map.focus();
      if (tool !== "corners") return { tool, words, n: asked };
      return { tool, shape: drawn ? JSON.parse(drawn) : outline.shape, unit: outline.unit, words, n: asked };
    },
    /* Asked for already, though the server has not opened the panel yet. */
    ask: () => window.dash_clientside.callback_context.triggered[0].prop_id.startsWith("correct-open"),
    /* What stands in the form now: a text field tells its value a moment after the last key. */
    fillIn(clicks, names, values, author, reason, words, section) {
      if (!clicks) return [skip(), skip()];
      const typed = (id, value) => {
        const node = document.getElementById(typeof id === "string" ? id : JSON.stringify(id, Object.keys(id).sort()));
        return node && /mantine-Text(Input|area)-input/.test(node.className) ? node.value : value;
      };
      const fields = Object.fromEntries(names.map((id, k) => [id.name, typed(id, values[k])]));
      asked += 1;
      return [{ fields, author: typed("correct-author", author), reason: typed("correct-reason", reason), n: asked }, section === "values" ? words.keeping : words.deriving];
    },
    takeShape: (sketched) => (sketched && sketched.geometry ? JSON.stringify(sketched.geometry) : skip()),
    /* The data changed: everything is loaded anew, and the reader stays where they were. */
    comeBack(done, tab, visible, theme, level, classes, filters, wanted, company) {
      if (!done) return skip();
      const shown = view();
      const values = [
        ["layers", visible], ["level", level], ["classes", classes], ["theme", theme],
        ...filters.map((id, k) => [id, wanted[k]]), ["tabs", done.tab || tab],
      ];
      const page = values.filter(([, value]) => isSomething(value)).map(([id, value]) => [id, { value }]);
      if (company) page.push(["filter-company", { data: company }]);
      window.sessionStorage.setItem(KEY, JSON.stringify({ ...done, page, where: shown && shown.where() }));
      if (done.address) window.location.assign(done.address); // the plan goes on as its next version
      else window.location.reload();
      return skip();
    },
  };

  function comeBack(left) {
    const kept = window.sessionStorage.getItem(KEY);
    if (!kept) return;
    if (!document.querySelector(".map-box[data-ready]") && left > 0) {
      window.setTimeout(() => comeBack(left - 1), 150);
      return;
    }
    window.sessionStorage.removeItem(KEY);
    const { state, section, where, page, told } = JSON.parse(kept);
    const set = window.dash_clientside.set_props;
    const shown = view();
    if (shown && where) shown.goTo(where);
    page.forEach(([id, props]) => set(id, props));
    if (told) set("notice", { children: told });
    if (section) set("correct-section", { value: section });
    if (state) set("correct-state", { data: state });
  }

  window.addEventListener("load", () => comeBack(400));
})();
