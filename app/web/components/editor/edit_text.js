/* What the editor says: steps, faults, areas and figures in the words of the page's language.
   Pure: words and a model in, text out. */
(function (root) {
  "use strict";

  const MOST_NAMES = 3;

  class EditText {
    /* words: the section "editor" of the page's dictionary; language: "zh" or "en". */
    constructor(words, language) {
      this.words = words;
      this.language = language;
    }

    say(key, values = {}) {
      const text = this.words[key];
      if (text === undefined) throw new Error("no text for " + key);
      return text.replace(/\{(\w+)\}/g, (whole, name) => (name in values ? String(values[name]) : whole));
    }

    pick(told) {
      return this.language === "zh" ? told.zh : told.en;
    }

    number(value) {
      return value === null || value === undefined ? "—" : Math.round(value).toLocaleString("en-US");
    }

    signed(value) {
      return value > 0 ? "+" + this.number(value) : value < 0 ? "−" + this.number(-value) : "±0";
    }

    /* Households of some units; those without a figure are told, never counted as none. */
    households({ units, households, missing }) {
      if (units && missing === units) return this.say("no_data");
      const text = this.say("households", { n: this.number(households) });
      return missing ? text + this.say("missing", { n: missing }) : text;
    }

    /* 10,000 m² from a hundred thousand on, as offices write it. */
    floor({ units, floor, floorMissing }) {
      if (units && floorMissing === units) return this.say("no_data");
      const text = this.language === "zh" && floor >= 10000
        ? this.say("floor_10k", { n: (floor / 10000).toFixed(2) }) : this.say("floor", { n: this.number(floor) });
      return floorMissing ? text + this.say("missing", { n: floorMissing }) : text;
    }

    /* An area by its number on the map and its name; none = units in no area. */
    area(model, k) {
      if (k === null || k === undefined || k < 0) return this.say("no_area");
      const area = model.areas[k];
      return area ? k + 1 + " " + this.areaName(model, k) : this.say("new_area");
    }

    areaName(model, k) {
      const area = model.areas[k];
      if (area.name) return area.name;
      return area.anchor >= 0 ? this.say("named_by", { name: model.start.names[area.anchor] }) : this.say("new_area");
    }

    units(model, units) {
      const names = units.slice(0, MOST_NAMES).map((i) => model.start.names[i] || model.start.ids[i]);
      const more = units.length - names.length;
      return names.join(this.say("comma")) + (more > 0 ? this.say("and_more", { n: more }) : "");
    }

    step(model, step) {
      const unit = step.unit === undefined ? "" : model.start.names[step.unit];
      return this.say("step_" + step.kind, { n: this.number(step.n), area: this.area(model, step.area), unit });
    }

    /* A fault the browser found, as the server would word it, but short. */
    fault(model, { rule, units, value, limit, reason, company, size }) {
      const named = this.units(model, units);
      if (reason !== null && reason !== undefined) return named + this.say("colon") + this.pick(model.start.reasons[reason]);
      const measure = size ? this.words["measure_" + size] : "";
      const values = { units: named, value: this.number(value), limit: this.number(limit), measure };
      if (rule === "R26" && value === null) return this.say("fault_R26_far", values);
      if (rule === "R13") {
        const loads = units.map((i) => model.start.load[i]);
        const isOne = value === Math.max(...loads) && (loads.length === 1 || value < loads.reduce((a, b) => a + b, 0));
        return this.say(isOne ? "fault_R13_unit" : "fault_R13", values);
      }
      if (rule === "R15") return this.say("fault_R15", { ...values, company: model.start.companies[company].name });
      if (rule === "R31") return this.say(value > limit ? "fault_above" : "fault_below", values);
      return this.say("fault_" + rule, values);
    }
  }

  const parts = { EditText };
  if (typeof module !== "undefined" && module.exports) module.exports = parts;
  else root.pianqu_edit = Object.assign(root.pianqu_edit || {}, parts);
})(typeof window === "undefined" ? globalThis : window);
