/* The editor: a Dash component that holds the plan while it is edited, and wires model, panel, table,
   tools of the map and server to each other. See README.md. */
(function () {
  "use strict";

  const React = window.React;
  const edit = window.pianqu_edit;
  const { Cut, Drawing, EditModel, EditText, Legend, Panel, Saving, UnitTable, NONE } = edit;
  const HEADERS = { "X-Pianqu": "1", "Content-Type": "application/json" };
  const DRAW_MS = 400; // a map drawn by software waits so long for the outlines the server sends
  const AGAIN_MS = 5000; // until a server that did not answer is asked once more
  const TOOL_KEYS = { pick: "V", lasso: "L", brush: "B", border: "F", cut: "C", pan: "M" };

  class Editor {
    constructor(props, nodes) {
      this.props = props;
      this.nodes = nodes;
      this.text = new EditText(props.words, props.language);
      this.selection = new Set();
      this.suggestions = [];
      this.target = null; // chosen by the planner; stays until Esc
      this.passing = null; // what the moving pointer would do: { units, aim, how }
      this.problems = { kind: "all", list: [], at: -1 };
      this.isOn = false;
      this.stamp = 0;
      this.saving = new Saving(this);
      this.cutting = new Cut(this);
      this.legend = new Legend(this);
      this.stopKeys = edit.listen(this);
    }

    stop() {
      this.stopKeys();
      this.saving.stop();
      this.legend.turn(false);
    }

    /* ---- begin and end ---- */

    /* Another way of working: `mode` as the page names it. */
    async turn(mode) {
      const on = mode === "edit";
      this.isOn = on;
      if (on && !this.begun) this.begun = this.begin();
      await this.begun;
      if (!this.model || this.isOn !== on) return;
      this.legend.turn(on);
      if (on) window.dash_clientside.set_props("theme", { value: "areas" });
      this.attach();
      if (this.tools) this.tools.turn(on, (unit) => this.drawing.lookOf(unit));
      if (on) this.redraw();
      else if (this.saving.saved && this.saving.saved.id !== this.opened) edit.reloadIn(mode); // the page shows an older version than was saved
      document.querySelectorAll(".compare-draft").forEach((note) => { note.hidden = !this.isDirty(); });
    }

    async begin() {
      this.panel = new Panel(this.nodes.panel, this);
      const answer = await fetch("edit/start/" + encodeURIComponent(this.props.version));
      const start = await answer.json();
      if (!answer.ok) {
        this.panel.refuse(start.sentence);
        return;
      }
      this.take(start);
      this.buildTools();
      this.table = new UnitTable(this, this.props.grid);
      this.redraw();
      await this.saving.offer();
    }

    take(start) {
      this.model = new EditModel(start);
      this.base = start.base;
      this.opened = start.saved && start.saved.id;
      this.checked = start.checked;
      this.checkedAt = this.stamp;
      this.faultsOf = new Map(this.model.present().map((k) => [k, this.model.faults(k)]));
      this.baseFigures = this.figures();
      this.saving.take(start);
      this.look();
    }

    /* The map may come later than the editor, or not at all. */
    attach() {
      const box = document.querySelector(".map-box");
      const view = box && box.mapView;
      if (this.tools || !view || !view.isBegun || !window.pianqu_map.MapTools) return;
      this.tools = new window.pianqu_map.MapTools(view, {
        points: () => this.model.start.points,
        areaOf: (unit) => this.model.area[unit],
        taken: (units, how, tool) => this.taken(units, how, tool),
        moving: (units, how, tool) => this.pass({ units: this.combined(this.meant(units, tool), how) }),
        border: (units, area, when) => this.border(units, area, when),
        cut: (path, when) => this.cutting.drawn(path, when),
      });
      this.drawing = new Drawing(this, this.tools);
      if (this.isOn) this.tools.turn(true, (unit) => this.drawing.lookOf(unit));
    }

    buildTools() {
      const { make } = edit;
      const buttons = Object.entries(TOOL_KEYS).map(([tool, key]) => make("button", {
        type: "button", "data-tool": tool, "aria-pressed": String(tool === "pick"), title: this.text.say("hint_tool_" + tool),
        onclick: () => this.chooseTool(tool),
      }, this.text.say("tool_" + tool), make("kbd", {}, key)));
      this.nodes.tools.replaceChildren(...buttons);
      const filter = make("input", {
        type: "search", "aria-label": this.text.say("filter_units"), placeholder: this.text.say("filter_units"),
        oninput: () => this.table.filter(filter.value),
      });
      this.nodes.filter.replaceChildren(filter);
    }

    /* ---- what is chosen ---- */

    taken(units, how, tool) {
      this.passing = null;
      const meant = this.meant(units, tool);
      this.select(this.combined(meant, how), "map");
      const passed = units.length - meant.length;
      if (passed) this.tell(this.text.say("told_passed", { n: this.selection.size, passed }));
    }

    /* Lasso and brush take the units the plan is for; anchors and others are picked one by one. */
    meant(units, tool) {
      return tool === "pick" ? units : units.filter((i) => this.model.start.target[i] === 1);
    }

    combined(units, how) {
      if (how === "only") return units;
      const all = new Set(this.selection);
      for (const unit of units) all[how === "add" ? "add" : "delete"](unit);
      return [...all];
    }

    select(units, from) {
      this.selection = new Set(units);
      this.choiceChanged();
      if (this.drawing && this.isOn) this.drawing.selection(units);
      if (from !== "table" && this.table) this.table.follow();
      this.drawMarks();
      this.panel.showSelection();
      this.panel.toSelection();
      this.tell(units.length ? this.text.say("told_chosen", { n: units.length, units: this.text.units(this.model, units) }) : "");
      if (this.cutting.isOn) this.cutting.begin();
    }

    choiceChanged() {
      const units = [...this.selection];
      this.suggestions = units.length ? this.model.suggest(units) : [];
    }

    pendingUnits() {
      return this.passing ? this.passing.units : [...this.selection];
    }

    /* Where the chosen units would go: what was aimed at, else the first suggestion if it breaks no rule more. */
    aim() {
      if (this.passing && this.passing.aim !== undefined) return this.passing.aim;
      const [first] = this.suggestions;
      return this.target || (first && first.effect.faults.after <= first.effect.faults.before ? first : null);
    }

    effect() {
      const units = this.pendingUnits();
      const aim = this.aim();
      if (!units.length || !aim) return null;
      const all = aim.k === "new" && aim.anchor >= 0 ? [...new Set([...units, aim.anchor])] : units;
      return this.model.preview(all, aim.k, aim.anchor ?? NONE);
    }

    /* While the pointer moves: figures, rules that would break, the units in question. */
    pass(passing) {
      this.passing = passing;
      if (this.passingDrawn) return;
      this.passingDrawn = window.requestAnimationFrame(() => {
        this.passingDrawn = null;
        if (this.drawing) this.drawing.selection(this.pendingUnits());
        this.panel.showSelection();
        this.panel.toSelection();
      });
    }

    border(units, area, when) {
      const k = area === null || area === undefined || area < 0 ? (this.target && this.target.k !== "new" ? this.target.k : null) : area;
      const moving = k === null ? [] : units.filter((unit) => this.model.area[unit] !== k);
      if (when === "done") {
        this.passing = null;
        if (moving.length) this.finish(this.model.assign(moving, k), moving);
        else this.select([], "map");
      } else {
        this.pass(moving.length ? { units: moving, aim: { k, anchor: NONE } } : null);
      }
    }

    /* ---- where it goes ---- */

    aimName(one) {
      if (one.k !== "new") return this.text.area(this.model, one.k);
      return one.anchor >= 0 ? this.text.say("new_led_by", { name: this.model.start.names[one.anchor] }) : this.text.say("new_area");
    }

    aimAt(one) {
      this.target = one === null ? null : { k: one.k, anchor: one.anchor ?? NONE };
      this.panel.showSelection();
      if (this.cutting.isOn) this.cutting.begin();
      else if (one) this.tell(this.text.say("told_aim", { area: this.aimName(one) }));
    }

    aimNumber(number) {
      const one = this.suggestions[number - 1];
      if (one) this.aimAt(one);
      else this.tell(this.text.say("told_no_suggestion", { n: number }));
    }

    /* A number on the map, or part of a name. */
    aimAtText(typed) {
      const wanted = typed.trim();
      const present = this.model.present();
      const number = /^\d+/.exec(wanted);
      const exact = present.find((k) => this.text.area(this.model, k) === wanted);
      const byNumber = number && present.includes(Number(number[0]) - 1) ? Number(number[0]) - 1 : undefined;
      const byName = wanted ? present.find((k) => this.text.areaName(this.model, k).includes(wanted)) : undefined;
      const k = exact ?? byNumber ?? byName;
      if (k === undefined) this.tell(wanted ? this.text.say("told_no_area", { text: wanted }) : "");
      this.aimAt(k === undefined ? null : { k, anchor: NONE });
    }

    aimAtPointer() {
      const unit = this.tools ? this.tools.view.hovered : null;
      const k = unit === null || unit === undefined ? NONE : this.model.area[unit];
      if (k >= 0) this.aimAt({ k, anchor: NONE });
      else this.panel.target.focus();
    }

    /* The area the chosen units are all in, else the one aimed at. */
    areaInHand() {
      const homes = new Set([...this.selection].map((unit) => this.model.area[unit]));
      const only = homes.size === 1 ? [...homes][0] : NONE;
      if (only >= 0) return only;
      return this.target && this.target.k !== "new" ? this.target.k : null;
    }

    /* ---- doing ---- */

    assign() {
      const aim = this.aim();
      const units = [...this.selection];
      if (!units.length || !aim) return this.refuseStep();
      if (aim.k !== "new") return this.finish(this.model.assign(units, aim.k), units);
      const all = aim.anchor >= 0 ? [...new Set([...units, aim.anchor])] : units;
      return this.finish(this.model.newArea(all, aim.anchor >= 0 ? aim.anchor : null), all);
    }

    unassign() {
      const units = [...this.selection];
      return this.finish(this.model.unassign(units), units);
    }

    newArea() {
      const units = [...this.selection];
      return this.finish(this.model.newArea(units), units);
    }

    mergeable() {
      const homes = [...new Set([...this.selection].map((unit) => this.model.area[unit]))].filter((k) => k >= 0);
      const into = this.target && this.target.k !== "new" ? this.target.k : homes[0];
      return into !== undefined && homes.some((k) => k !== into) ? { homes, into } : null;
    }

    merge() {
      const found = this.mergeable();
      return found ? this.finish(this.model.merge(found.homes, found.into), []) : this.refuseStep("told_no_merge");
    }

    /* Part of an area becomes one of its own; an area in pieces falls apart into them. */
    splittable() {
      const k = this.areaInHand();
      if (k === null) return null;
      const units = [...this.selection].filter((unit) => this.model.area[unit] === k);
      const isPart = units.length > 0 && units.length < this.model.members(k).length;
      const isBroken = this.model.pieces(this.model.members(k)).length > 1;
      return isPart || isBroken ? { k, units: isPart ? units : null } : null;
    }

    split() {
      const found = this.splittable();
      if (!found) return this.refuseStep("told_no_split");
      return found.units && this.model.pieces(this.model.members(found.k)).length === 1
        ? this.finish(this.model.newArea(found.units), found.units)
        : this.finish(this.model.split(found.k), []);
    }

    setAnchor() {
      const [unit] = this.selection;
      if (this.selection.size !== 1) return this.refuseStep("told_one_anchor");
      return this.finish(this.model.setAnchor(unit), [], true);
    }

    setLeader(unit, leader) {
      return this.finish(this.model.setLeader(unit, leader), [], true);
    }

    toggleLock() {
      const units = [...this.selection];
      const on = units.some((unit) => !this.model.lockedUnits.has(unit));
      return this.finish(this.model.lockUnits(units, on), [], true);
    }

    toggleAreaLock() {
      const k = this.areaInHand();
      return this.finish(k === null ? null : this.model.lockAreas([k], !this.model.lockedAreas.has(k)), [], true);
    }

    lockAll(on) {
      return this.finish(this.model.lockAreas(this.model.present(), on), [], true);
    }

    dropLock(number) {
      return this.finish(this.model.dropLock(number), [], true);
    }

    rename(name) {
      const k = this.areaInHand();
      return this.finish(k === null ? null : this.model.rename(k, name.trim()), [], true);
    }

    reset() {
      return this.finish(this.model.reset(), []);
    }

    undo() {
      const step = this.model.undo();
      if (step) this.changed([step], this.text.say("told_undo", { step: this.text.step(this.model, step) }));
    }

    redo() {
      const step = this.model.redo();
      if (step) this.changed([step], this.text.say("told_redo", { step: this.text.step(this.model, step) }));
    }

    goTo(count) {
      const { model } = this;
      const between = model.steps.slice(Math.min(count, model.done), Math.max(count, model.done));
      model.goTo(count);
      this.changed(between, this.text.say("told_go_to", { n: count }));
    }

    /* A step was made, or refused because everything was locked or already so. */
    finish(step, units, keeps = false) {
      if (!step) return this.refuseStep();
      if (!keeps) this.selection = new Set();
      const stayed = units.length - step.units.length;
      const held = stayed > 0 && units.length ? " " + this.text.say("held", { n: stayed }) : "";
      this.changed([step], this.text.step(this.model, step) + held);
      return step;
    }

    refuseStep(key = "told_nothing") {
      this.tell(this.text.say(key));
      return null;
    }

    /* Steps were done or taken back: everything that shows the plan follows, the server is asked. */
    changed(steps, sentence) {
      const begun = performance.now();
      const { model } = this;
      this.stamp += 1;
      const units = new Set(steps.flatMap((step) => [...step.units.map(([i]) => i), ...step.unitLocks.map(([i]) => i), ...step.anchors.flat().slice(1)]));
      const areas = new Set(steps.flatMap((step) => [...step.units.flatMap(([, from, to]) => [from, to]), ...step.anchors.map(([k]) => k)]));
      areas.forEach((k) => {
        if (k >= 0 && k < model.areas.length) this.faultsOf.set(k, model.faults(k));
      });
      this.saving.keep();
      this.passing = null;
      if (this.target && this.target.k !== "new" && !model.members(this.target.k).length) this.target = null;
      this.choiceChanged();
      this.look();
      if (this.table) this.table.update(this.rowsTouched(steps, units));
      this.redraw(() => this.drawLater(this.tools.view.software ? DRAW_MS : 0));
      const figures = this.figures();
      this.tell(sentence + this.text.say("told_effect", { faults: figures.faults, left: figures.leftUnits }));
      performance.measure("edit shown", { start: begun });
      this.ask(begun);
    }

    rowsTouched(steps, units) {
      const named = new Set(steps.flatMap((step) => [...step.names, ...step.areaLocks].map(([k]) => k)));
      if (named.size) this.model.area.forEach((k, i) => { if (named.has(k)) units.add(i); });
      return [...units].filter((i) => i >= 0 && i < this.model.n);
    }

    isDirty() {
      return this.saving.isDirty();
    }

    askSave() {
      this.saving.ask();
    }

    /* ---- the server's word ---- */

    isChecked() {
      return this.checkedAt === this.stamp;
    }

    async post(path, body) {
      const answer = await fetch(path, { method: "POST", headers: HEADERS, body: JSON.stringify(body) });
      const told = await answer.json().catch(() => ({}));
      return { status: answer.status, told };
    }

    body() {
      return { base: this.base, ...this.model.edit() };
    }

    /* Ask what the server says of the plan now; while it answers, later steps wait for one more. */
    async ask(begun) {
      if (this.isAsking) {
        this.asksAgain = true;
        return;
      }
      this.isAsking = true;
      const stamp = this.stamp;
      try {
        const { status, told } = await this.post("edit/check", this.body());
        if (status !== 200) this.tell(told.sentence || this.text.say("told_no_server"));
        else if (stamp === this.stamp) this.believe(told, begun);
      } catch (error) {
        this.tell(this.text.say("told_no_server"));
        window.setTimeout(() => this.ask(performance.now()), AGAIN_MS);
      }
      this.isAsking = false;
      if (this.asksAgain) {
        this.asksAgain = false;
        this.ask(performance.now());
      }
    }

    believe(told, begun) {
      this.checked = told;
      this.checkedAt = this.stamp;
      this.look();
      this.panel.showFigures();
      this.panel.showProblems();
      performance.measure("edit checked", { start: begun });
      if (this.drawsLater) {
        window.requestAnimationFrame(() => this.drawLater(0));
        return;
      }
      if (this.drawing && this.isOn) this.drawing.areas();
      this.drawMarks();
    }

    /* Figures of the whole plan: the server's where it has answered, else the browser's own. */
    figures() {
      if (this.isChecked()) {
        const { figures, violations } = this.checked;
        return {
          areas: figures.areas, leftUnits: figures.left_over_units, leftHouseholds: figures.left_over_households,
          metres: figures.inside.household_metres, walked: figures.inside.mean_walk_m ? figures.inside.household_metres / figures.inside.mean_walk_m : 0,
          faults: violations.length, isChecked: true,
          inAreas: figures.area_bundle_proposed_rate, professional: figures.professional_by_number, professionalHouseholds: figures.professional_coverage_by_plan_rate,
          today: figures.professional_today_by_number, todayHouseholds: figures.professional_today,
        };
      }
      const faults = this.ownFaults().length;
      return { ...this.model.totals(), faults, isChecked: false, inAreas: null, professional: null, professionalHouseholds: null };
    }

    /* Broken rules: [{ rule, units, k, text }], by the same precedence. */
    violations() {
      const { model } = this;
      if (this.isChecked()) {
        const numberOf = new Map(model.areas.map((area, k) => [area.key, k]));
        return this.checked.violations.map((found) => ({
          rule: found.rule, units: found.units.map((id) => model.position.get(id)), k: numberOf.get(found.area) ?? null, text: this.text.pick(found),
        }));
      }
      return this.ownFaults().map((fault) => ({
        rule: fault.rule, units: fault.units, k: fault.area,
        text: this.text.area(model, fault.area) + this.text.say("colon") + this.text.fault(model, fault),
      }));
    }

    /* What the browser itself finds: areas that were not touched are not judged again. */
    ownFaults() {
      return [...this.model.present().flatMap((k) => this.faultsOf.get(k) || []), ...this.model.companyFaults()];
    }

    look() {
      const { kind } = this.problems;
      const broken = this.violations();
      this.broken = broken;
      const chosen = kind === "left_over" ? [] : broken.filter((found) => kind !== "split" || found.rule === "R22");
      const left = [];
      if (kind === "all" || kind === "left_over") {
        for (let i = 0; i < this.model.n; i += 1) {
          if (this.model.isLeftOver(i)) left.push({ rule: null, units: [i], k: null, text: this.text.say("left_over_unit", { name: this.model.start.names[i] || this.model.start.ids[i] }) });
        }
      }
      const list = [...chosen, ...left];
      this.problems = { kind, list, at: Math.min(this.problems.at, list.length - 1) };
    }

    showProblems(kind) {
      this.problems = { kind, list: [], at: -1 };
      this.look();
      this.panel.showProblems();
    }

    jump(step) {
      const { list, at } = this.problems;
      if (!list.length) return this.refuseStep("no_problem");
      return this.jumpTo((at + step + list.length + (at < 0 && step < 0 ? 1 : 0)) % list.length);
    }

    jumpTo(n) {
      this.problems.at = n;
      const { units, text } = this.problems.list[n];
      if (this.tools) this.tools.goTo(units);
      this.select(units, "list");
      this.panel.showProblems();
      this.tell(text);
    }

    async proposeRepair() {
      const stamp = this.stamp;
      const begun = performance.now();
      this.tell(this.text.say("told_repairing"));
      const { status, told } = await this.post("edit/repair", this.body()).catch(() => ({ status: 0, told: {} }));
      if (status !== 200 || stamp !== this.stamp) {
        this.tell(told.sentence || this.text.say(status ? "told_repair_late" : "told_no_server"));
        return;
      }
      this.proposal = told;
      this.panel.showRepair(told);
      const units = told.moves.map((move) => this.model.position.get(move.unit_id));
      this.drawMarks(units);
      this.tell(this.text.say(told.moves.length ? "repair_found" : "repair_none", { n: told.moves.length }));
      performance.measure("repair shown", { start: begun });
    }

    acceptRepair() {
      const { proposal } = this.proposal;
      this.rejectRepair();
      this.finish(this.model.adopt("repair", proposal), []);
    }

    rejectRepair() {
      this.proposal = null;
      this.panel.showRepair(null);
      this.drawMarks();
    }

    /* The map after a step. A picture of a city by software takes longer than the server's answer, and would
       be drawn again for the outlines in it: so it waits for them a while, and for the figures to be seen. */
    drawLater(ms) {
      window.clearTimeout(this.drawsLater);
      this.drawsLater = window.setTimeout(() => {
        this.drawsLater = null;
        if (this.isOn) this.drawing.all();
      }, ms);
    }

    drawMarks(coming = []) {
      if (this.drawing && this.isOn) this.drawing.marksNow(coming);
    }

    redraw(drawMap = () => this.drawing.all()) {
      this.panel.showTargets();
      this.panel.render();
      this.legend.show();
      if (this.proposal) this.rejectRepair();
      if (this.table) this.table.follow();
      if (this.tools && this.isOn) drawMap();
    }

    /* ---- tools and keys ---- */

    chooseTool(tool) {
      this.passing = null;
      if (this.tools) this.tools.choose(tool);
      this.cutting.turn(false);
      this.nodes.tools.querySelectorAll("button").forEach((button) => button.setAttribute("aria-pressed", String(button.dataset.tool === tool)));
      this.select([...this.selection], "tool");
      this.tell(this.text.say("hint_tool_" + tool));
      this.cutting.turn(tool === "cut");
    }

    /* Enter cuts along the line that waits, else assigns. */
    enter() {
      if (this.panel.target === document.activeElement) window.pianqu_keys.toMap(); // the next key is the map's again
      return this.cutting.line ? this.cutting.finish() : this.assign();
    }

    /* [ and ] turn the line that waits, else they change the brush. */
    resizeBrush(step) {
      if (this.cutting.line) return this.cutting.rotate(-Math.sign(step));
      if (this.tools) this.tell(this.text.say("told_size", { n: this.tools.resize(step) }));
    }

    holdSpace(on) {
      if (this.tools) this.tools.hold(on);
    }

    escape() {
      const wasHeld = this.tools && this.tools.cancel();
      const wasPassing = this.passing !== null;
      this.passing = null;
      if (this.proposal) this.rejectRepair();
      else if (!wasHeld && this.cutting.isOn) return this.chooseTool("pick");
      else if (!wasHeld && !wasPassing && !this.selection.size) this.aimAt(null);
      this.select(wasHeld || wasPassing ? [...this.selection] : [], "key");
    }

    selectArea() {
      const k = this.areaInHand();
      if (k !== null) this.select(this.model.members(k), "key");
    }

    showAll() {
      if (this.tools) this.tools.surface.fit(this.tools.view.props.bounds, { padding: 24 });
    }

    showHelp() {
      edit.showHelp(this.text);
    }

    hasDialog() {
      return document.querySelector("dialog[open]") !== null;
    }

    tell(sentence) {
      this.nodes.status.textContent = sentence;
    }
  }

  edit.Editor = Editor;

  function EditorComponent(props) {
    const editor = React.useRef(null);
    const box = React.useRef(null);
    React.useEffect(() => {
      const find = (id) => document.getElementById(id);
      editor.current = new Editor(props, {
        panel: find("edit-panel"), tools: find("edit-tools"), status: find("edit-status"), filter: find("edit-filter"),
      });
      box.current.editor = editor.current; // for tests and the browser's console
      const attach = () => editor.current.model && editor.current.attach();
      document.addEventListener("pianqu-map", attach);
      return () => {
        document.removeEventListener("pianqu-map", attach);
        editor.current.stop();
      };
    }, []);
    React.useEffect(() => {
      const expected = edit.expectedMode();
      if (expected && expected !== props.mode) window.setTimeout(() => window.dash_clientside.set_props("mode", { value: expected }));
      else editor.current.turn(props.mode);
    }, [props.mode]);
    return React.createElement("div", { id: props.id, ref: box, hidden: true });
  }

  window.pianqu_editor = { Editor: EditorComponent };
})();
