/* Drives the editor's model with random edits, for a test: reads {model, start, seed, rounds} and
   writes, after every step, the edit and what the model says of it. */
"use strict";
const input = JSON.parse(require("fs").readFileSync(0, "utf8"));
const { EditModel } = require(input.model);

function dice(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

const roll = dice(input.seed);
const below = (n) => Math.floor(roll() * n);
const one = (list) => list[below(list.length)];
const model = new EditModel(input.start);

function someUnits() {
  const first = below(model.n);
  const found = [first];
  for (let k = below(5); k > 0; k -= 1) found.push(roll() < 0.7 && model.near[first].length ? one(model.near[first]) : below(model.n));
  return [...new Set(found)];
}

const MOVES = [
  () => model.assign(someUnits(), one(model.present())),
  () => {
    const units = someUnits();
    const best = model.suggest(units)[0];
    return best && best.k !== "new" ? model.assign(units, best.k) : best && model.newArea([...units, best.anchor], best.anchor);
  },
  () => model.unassign(someUnits()),
  () => model.newArea(someUnits()),
  () => model.merge([one(model.present()), one(model.present())], one(model.present())),
  () => model.split(one(model.present())),
  () => {
    const place = () => one(input.start.points.filter(Boolean));
    const path = [place(), place()];
    const k = model.areaCut(path, roll() < 0.5 ? one(model.present()) : null);
    return k === null ? null : model.cut(k, model.leaving(k, path));
  },
  () => model.setAnchor(below(model.n)),
  () => model.lockUnits(someUnits(), roll() < 0.6),
  () => model.lockAreas([one(model.present())], roll() < 0.5),
  () => model.rename(one(model.present()), "改名" + below(99)),
  () => model.undo(),
  () => model.undo() && model.undo(),
  () => model.redo(),
];

function told() {
  const key = (k) => model.areas[k].key;
  const faults = model.allFaults().map((f) => ({
    rule: f.rule, area: key(f.area), units: f.units.map((i) => input.start.ids[i]), value: f.value, limit: f.limit,
  }));
  const areas = {};
  for (const k of model.present()) areas[key(k)] = model.sums(model.members(k), model.areas[k].anchor);
  return { edit: model.edit(), faults, totals: model.totals(), areas, differs: model.differs() };
}

const answers = [];
for (let round = 0; round < input.rounds; round += 1) {
  one(MOVES)();
  answers.push(told());
}
const before = JSON.stringify(told());
const done = model.done;
model.goTo(0);
const bare = told();
model.goTo(done);
const again = JSON.stringify(told());
const kept = JSON.parse(JSON.stringify({ steps: model.steps, done: model.done }));
const other = new EditModel(input.start);
const restored = other.restore(kept.steps, kept.done) && JSON.stringify(other.edit()) === JSON.stringify(model.edit());
process.stdout.write(JSON.stringify({ answers, bare, isSame: before === again, restored }));
