/* The panel beside the map while a plan is edited. It shows what the editor holds and passes on what
   is pressed; it decides nothing. Text is set as text, never read as HTML. */
(function (root) {
  "use strict";

  const MOST_SHOWN = 60; // rows of a list; the rest is counted

  function make(tag, attributes = {}, ...children) {
    const node = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) {
      if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
      else if (value === true) node.setAttribute(name, "");
      else if (value !== false && value !== null && value !== undefined) node.setAttribute(name, value);
    }
    node.append(...children.flat().filter((child) => child !== null && child !== undefined));
    return node;
  }

  /* Other children for a node; whoever had the focus keeps it, known by `data-focus`. */
  function swap(node, ...children) {
    const focused = node.contains(document.activeElement) ? document.activeElement.dataset.focus : null;
    node.replaceChildren(...children.flat().filter((child) => child !== null && child !== undefined));
    if (focused) node.querySelector('[data-focus="' + CSS.escape(focused) + '"]')?.focus();
  }

  class Panel {
    constructor(node, editor) {
      this.node = node;
      this.editor = editor;
      this.text = editor.text;
      this.build();
    }

    say(key, values) {
      return this.text.say(key, values);
    }

    button(key, action, keyName, attributes = {}) {
      return make("button", {
        type: "button", class: "edit-button", "data-focus": key, title: this.say("hint_" + key), onclick: action, ...attributes,
      }, this.say("do_" + key), keyName ? make("kbd", {}, keyName) : null);
    }

    keepButton() {
      const { readOnly } = this.editor.props;
      const keep = [() => this.editor.askSave(), "Ctrl S", { class: "edit-button primary" }];
      return readOnly ? this.button("download", ...keep) : this.button("save", ...keep);
    }

    build() {
      const { editor } = this;
      this.state = make("span", { class: "edit-state" });
      this.undo = this.button("undo", () => editor.undo(), "Ctrl Z");
      this.redo = this.button("redo", () => editor.redo(), "Ctrl Y");
      this.save = this.keepButton();
      this.verified = make("p", { class: "small" });
      this.offer = make("div", { class: "edit-offer", role: "alert" });
      this.chosen = make("div", { class: "edit-chosen" });
      this.target = make("input", {
        id: "edit-target", type: "text", list: "edit-target-list", autocomplete: "off", placeholder: this.say("target_hint"),
        "aria-label": this.say("target"), "data-keys": "enter ctrl+z ctrl+y", // keys of the editor that work in it too
        oninput: () => editor.aimAtText(this.target.value),
      });
      this.targets = make("datalist", { id: "edit-target-list" });
      this.leader = make("div", { class: "edit-leader" });
      this.suggested = make("ol", { class: "edit-suggested", "aria-label": this.say("suggested") });
      this.effect = make("div", { class: "edit-effect" });
      this.actions = {
        assign: this.button("assign", () => editor.enter(), "Enter", { class: "edit-button primary" }),
        unassign: this.button("unassign", () => editor.unassign(), "Del"),
        new_area: this.button("new_area", () => editor.newArea(), "N"),
        merge: this.button("merge", () => editor.merge(), "G"),
        split: this.button("split", () => editor.split(), "X"),
        anchor: this.button("anchor", () => editor.setAnchor(), "A"),
        lock: this.button("lock", () => editor.toggleLock(), "K"),
        lock_area: this.button("lock_area", () => editor.toggleAreaLock(), "⇧K"),
      };
      this.rename = make("input", {
        type: "text", maxlength: 60, "aria-label": this.say("rename"), placeholder: this.say("rename"),
        onchange: () => editor.rename(this.rename.value),
      });
      this.figures = make("div", {});
      this.problemKind = make("select", {
        "aria-label": this.say("problem_kind"), onchange: () => editor.showProblems(this.problemKind.value),
      }, ["all", "broken", "split", "left_over"].map((kind) => make("option", { value: kind }, this.say("problems_" + kind))));
      this.problemAt = make("span", { class: "edit-at" });
      this.problems = make("ul", { class: "edit-problems" });
      this.repair = make("div", { class: "edit-repair" });
      this.history = make("ol", { class: "edit-history", "aria-label": this.say("history") });
      this.locks = make("div", { class: "edit-locks" });
      const heading = (key, ...more) => make("div", { class: "heading" }, make("h2", {}, this.say(key)), ...more);
      swap(this.node,
        make("div", { class: "edit-fixed" },
          make("div", { class: "edit-top" }, make("h2", {}, this.say("title")), this.state),
          make("div", { class: "edit-row" }, this.undo, this.redo, this.save),
          editor.props.readOnly ? make("p", { class: "read-only-note", role: "note" }, editor.props.readOnly) : null),
        this.verified,
        this.offer,
        heading("selection", this.button("help", () => editor.showHelp(), "?")),
        this.chosen,
        this.leader,
        make("div", { class: "edit-target" }, make("span", {}, root.pianqu_terms.explained(this.say("target"))), this.target, this.targets, this.actions.assign),
        this.suggested,
        this.effect,
        make("div", { class: "edit-actions" }, Object.values(this.actions).slice(1)), // the first stands at its target
        heading("figures"),
        this.figures,
        heading("problems", this.problemAt),
        make("div", { class: "edit-row" }, this.problemKind,
          this.button("previous", () => editor.jump(-1), "⇧J"), this.button("next", () => editor.jump(1), "J"),
          this.button("repair", () => editor.proposeRepair(), "R")),
        this.repair,
        this.problems,
        make("details", { open: true }, make("summary", {}, this.say("history")), this.history,
          make("div", { class: "edit-row" }, this.button("reset", () => editor.reset()))),
        make("details", {}, make("summary", {}, this.say("of_area")), this.rename, make("div", { class: "edit-row" },
          this.button("select_area", () => editor.selectArea(), "S"), this.button("lock_all", () => editor.lockAll(true)),
          this.button("unlock_all", () => editor.lockAll(false))), this.locks),
      );
    }

    render() {
      const { editor } = this;
      const { model } = editor;
      this.undo.disabled = !model.done;
      this.redo.disabled = model.done === model.steps.length;
      this.undo.title = model.done ? this.say("undo_step", { step: this.text.step(model, model.steps[model.done - 1]) }) : this.say("hint_undo");
      this.redo.title = this.redo.disabled ? this.say("hint_redo") : this.say("redo_step", { step: this.text.step(model, model.steps[model.done]) });
      const isDirty = editor.isDirty();
      this.save.disabled = !isDirty || editor.saving.isSaving;
      this.state.textContent = editor.saving.isSaving ? this.say("saving") : isDirty ? this.say("unsaved", { n: model.done }) : this.say("nothing_unsaved");
      this.verified.textContent = isDirty ? "" : editor.saving.verdict || "";
      this.state.className = isDirty ? "edit-state dirty" : "edit-state";
      this.showSelection();
      this.showFigures();
      this.showProblems();
      this.showHistory();
      this.showLocks();
    }

    /* What is chosen, where it could go, and what that would do; also while the pointer moves. */
    showSelection() {
      const { editor, text } = this;
      const { model } = editor;
      const units = editor.pendingUnits();
      const sums = model.sums(units, -1);
      swap(this.chosen, units.length
        ? [make("strong", {}, this.say("chosen", { n: text.number(units.length) })),
          " · " + text.households(sums) + " · " + text.floor(sums), make("div", { class: "small" }, text.units(model, units))]
        : make("span", { class: "small" }, this.say("nothing_chosen")));
      this.showLeader(units.length === 1 ? units[0] : null);
      const aim = editor.aim();
      if (document.activeElement !== this.target) this.target.value = editor.target === null ? "" : editor.aimName(editor.target);
      swap(this.suggested, editor.suggestions.map((one, at) => this.suggestion(one, at, aim)));
      this.showEffect(editor.effect());
      const can = units.length > 0;
      this.actions.assign.disabled = !can || aim === null;
      for (const key of ["unassign", "new_area", "lock"]) this.actions[key].disabled = !can;
      this.actions.anchor.disabled = units.length !== 1;
      this.actions.merge.disabled = editor.mergeable() === null;
      this.actions.split.disabled = editor.splittable() === null;
      const area = editor.areaInHand();
      this.actions.lock_area.disabled = area === null;
      this.rename.disabled = area === null;
      if (document.activeElement !== this.rename) this.rename.value = area === null ? "" : text.areaName(model, area);
    }

    /* Who leads the one unit that is chosen, to be changed without moving it. */
    showLeader(unit) {
      const { editor } = this;
      const { model } = editor;
      const able = unit === null ? [] : model.leadersFor(unit);
      if (!able.length) {
        swap(this.leader);
        return;
      }
      const now = model.leaderNow(unit);
      const walked = (j) => (model.walk(unit, j) ? this.say("walk_m", { n: this.text.number(model.walk(unit, j)) }) : "—");
      const options = [[-1, this.say("leader_none")], ...able.map((j) => [j, "★ " + model.start.names[j] + " · " + walked(j)])];
      swap(this.leader, make("label", { class: "edit-row" }, this.say("leader"), make("select", {
        "data-focus": "leader", disabled: model.heldBy(unit) === null ? null : true,
        onchange: (event) => editor.setLeader(unit, Number(event.target.value)),
      }, options.map(([j, label]) => make("option", { value: j, selected: j === now ? true : null }, label)))));
    }

    /* What is chosen comes into view, unless the planner is at work further down. */
    toSelection() {
      if (!this.node.contains(document.activeElement) || this.offer.contains(document.activeElement)) this.node.scrollTop = 0;
    }

    swatch(k) {
      const { areas, start } = this.editor.model;
      const colour = areas[k] ? start.palette[areas[k].colour] : "#ffffff";
      return make("span", { class: "swatch", style: "background-color:" + colour, "aria-hidden": "true" });
    }

    suggestion(one, at, aim) {
      const { editor, text } = this;
      const { effect } = one;
      const change = effect.faults.after - effect.faults.before;
      const isAim = aim !== null && aim.k === one.k && aim.anchor === one.anchor;
      const told = effect.areas.find((area) => area.k === effect.into);
      return make("li", {}, make("button", {
        type: "button", "data-focus": "suggestion-" + at, title: told ? text.households(told.after) : null, "aria-pressed": String(isAim), class: isAim ? "aimed" : "",
        onclick: () => editor.aimAt(one),
      }, make("kbd", {}, String(at + 1)), this.swatch(one.k), make("span", { class: "edit-name" }, editor.aimName(one)),
      make("span", { class: "small" }, told ? text.number(told.before.households) + " → " + text.number(told.after.households) : ""),
      this.verdict(change, effect.faults.after)));
    }

    verdict(change, after) {
      const key = change > 0 ? "worse" : after > 0 ? (change < 0 ? "better" : "still") : "sound";
      return make("span", { class: "edit-verdict " + key }, this.say("verdict_" + key, { n: Math.abs(change), after }));
    }

    showEffect(effect) {
      const { text, editor } = this;
      if (!effect) {
        swap(this.effect);
        return;
      }
      const arrow = (was, will, show) => (was === will ? show(will) : show(was) + " → " + show(will));
      const rows = effect.areas.map((area) => make("tr", {},
        make("th", { scope: "row" }, area.isNew ? this.say("new_area") : text.area(editor.model, area.k)),
        make("td", {}, arrow(area.before.units, area.after.units, String)),
        make("td", {}, arrow(area.before.households, area.after.households, (n) => text.number(n))),
        make("td", {}, arrow(area.before.faults.length, area.after.faults.length, String))));
      const coming = effect.areas.flatMap((area) => area.after.faults.filter((fault) => !area.before.faults.some((old) => same(old, fault))));
      swap(this.effect,
        make("table", { class: "edit-table" }, make("caption", { class: "small" }, this.say("effect")),
          make("thead", {}, make("tr", {}, ["area", "units", "households", "broken"].map((key) => make("th", { scope: "col" }, this.say("col_" + key))))),
          make("tbody", {}, rows)),
        effect.held.length ? make("p", { class: "small" }, this.say("held", { n: effect.held.length })) : null,
        coming.length ? make("ul", { class: "edit-coming" }, coming.map((fault) => make("li", {},
          make("strong", {}, fault.rule + " "), text.fault(editor.model, fault)))) : null);
    }

    showFigures() {
      const { editor, text } = this;
      const now = editor.figures();
      const was = editor.baseFigures;
      const share = (n) => (n === null || n === undefined ? "…" : (100 * n).toFixed(2) + "%");
      const fromTo = (today, after) => (today === undefined ? "…" : share(today) + " → " + share(after));
      const rows = [
        ["areas", (f) => f.areas, (n) => text.number(n)],
        ["left_units", (f) => f.leftUnits, (n) => text.number(n)],
        ["left_households", (f) => f.leftHouseholds, (n) => text.number(n)],
        ["metres", (f) => f.metres, (n) => text.number(n)],
        ["mean_walk", (f) => (f.walked ? f.metres / f.walked : null), (n) => (n === null ? "—" : this.say("walk_m", { n: n.toFixed(1) })), (n) => n.toFixed(1)],
        ["in_areas", (f) => f.inAreas, (n) => (n === null ? "…" : (100 * n).toFixed(2) + "%"), (n) => (100 * n).toFixed(2)],
        ["professional", (f) => f.professional, (n) => fromTo(now.today, n), (n) => (100 * n).toFixed(2)],
        ["professional_households", (f) => f.professionalHouseholds, (n) => fromTo(now.todayHouseholds, n), (n) => (100 * n).toFixed(2)],
        ["broken", (f) => f.faults, (n) => text.number(n)],
      ].map(([key, value, show, told = (n) => text.number(n)]) => {
        const [before, after] = [value(was), value(now)];
        const change = before === null || after === null ? 0 : after - before;
        const amount = told(Math.abs(change));
        const changed = Number(amount.replace(/,/g, "")) === 0 ? this.say("same") : (change > 0 ? "▲ " : "▼ ") + amount;
        return make("tr", {}, make("th", { scope: "row" }, root.pianqu_terms.explained(this.say("figure_" + key))), make("td", {}, show(after)), make("td", { class: "small" }, changed));
      });
      const checked = this.say(now.isChecked ? "by_server" : "by_browser");
      swap(this.figures, make("table", { class: "edit-table" }, make("caption", { class: "small" }, checked), make("tbody", {}, rows)));
    }

    showProblems() {
      const { editor } = this;
      const { list, at } = editor.problems;
      this.problemAt.textContent = list.length ? (at >= 0 ? at + 1 + " / " : "") + list.length : this.say("no_problem");
      this.problemKind.value = editor.problems.kind;
      const shown = list.slice(0, MOST_SHOWN);
      swap(this.problems, shown.map((problem, n) => make("li", {}, make("button", {
        type: "button", "data-focus": "problem-" + n, "aria-current": n === at ? "true" : null, onclick: () => editor.jumpTo(n),
      }, problem.rule ? make("strong", {}, problem.rule + " ") : null, problem.text))),
      list.length > shown.length ? make("li", { class: "small" }, this.say("more_problems", { n: list.length - shown.length })) : null);
    }

    showRepair(found) {
      const { editor } = this;
      if (!found) {
        swap(this.repair);
        return;
      }
      const { moves, unmet, proven } = found;
      const title = moves.length ? this.say(proven ? "repair_proven" : "repair_found", { n: moves.length }) : this.say("repair_none");
      swap(this.repair, make("div", { class: "edit-box", role: "group", "aria-label": this.say("do_repair") },
        make("strong", {}, title),
        make("ul", {}, moves.slice(0, MOST_SHOWN).map((move) => make("li", {}, this.text.pick({ zh: move.sentence_zh, en: move.sentence_en })))),
        unmet.length ? make("ul", { class: "edit-coming" }, unmet.map((lock) => make("li", {}, this.text.pick({ zh: lock.sentence_zh, en: lock.sentence_en })))) : null,
        make("div", { class: "edit-row" },
          moves.length ? this.button("accept", () => editor.acceptRepair(), null, { class: "edit-button primary" }) : null,
          this.button("reject", () => editor.rejectRepair()))));
      this.repair.querySelector("button")?.focus();
    }

    showHistory() {
      const { editor, text } = this;
      const { model } = editor;
      const entry = (n, label) => make("li", {}, make("button", {
        type: "button", "data-focus": "step-" + n, "aria-current": n === model.done ? "step" : null,
        class: n > model.done ? "undone" : "", onclick: () => editor.goTo(n),
      }, label));
      const first = Math.max(0, model.steps.length - MOST_SHOWN);
      swap(this.history, entry(0, this.say("opened")), model.steps.slice(first).map((step, n) => entry(first + n + 1, first + n + 1 + ". " + text.step(model, step))));
      this.history.scrollTop = this.history.querySelector("[aria-current]").offsetTop - this.history.clientHeight / 2; // the panel stays
    }

    showLocks() {
      const { editor, text } = this;
      const { model } = editor;
      const others = model.start.locks.others.filter((lock) => model.others.has(lock.number));
      swap(this.locks, make("p", { class: "small" }, this.say("locks", { units: model.lockedUnits.size, areas: model.lockedAreas.size })),
        make("ul", {}, others.map((lock) => make("li", {}, text.pick(lock) + " ", make("button", {
          type: "button", class: "link-button", "data-focus": "lock-" + lock.number, onclick: () => editor.dropLock(lock.number),
        }, this.say("drop_lock"))))));
    }

    showTargets() {
      const { model } = this.editor;
      swap(this.targets, model.present().map((k) => make("option", { value: this.text.area(model, k) })));
    }

    /* Something the planner must choose between: [[key, action]]. */
    ask(sentence, choices) {
      swap(this.offer, make("p", {}, sentence), make("div", { class: "edit-row" },
        choices.map(([key, action]) => this.button(key, () => {
          swap(this.offer);
          action();
        }))));
      this.offer.querySelector("button")?.focus();
    }

    refuse(sentence) {
      swap(this.node, make("div", { class: "edit-top" }, make("h2", {}, this.say("title"))), make("p", { class: "empty" }, sentence));
    }
  }

  function same(a, b) {
    return a.rule === b.rule && a.value === b.value && a.units.length === b.units.length && a.units.every((unit, n) => unit === b.units[n]);
  }

  root.pianqu_edit = Object.assign(root.pianqu_edit || {}, { Panel, make, swap });
})(window);
