/* The plan while it is edited: what belongs where, what is locked, what each step changed, and what
   it would break. No page, no map, no network: it runs in a browser and in node. The server's answer
   is what counts.

   Units go by their position in the dataset, areas by their number: those of the plan first, new
   ones after them. */
(function (root) {
  "use strict";

  const { Rules, NONE, ascending } = typeof module !== "undefined" && module.exports
    ? require("./edit_rules.js") : root.pianqu_edit;
  const { sidesOf, passing } = typeof module !== "undefined" && module.exports
    ? require("./edit_line.js") : root.pianqu_edit;
  const MOST_SUGGESTED = 9;
  const MOST_NEAREST = 3;

  class EditModel extends Rules {
    constructor(start) {
      super(start);
      this.position = new Map(start.ids.map((id, i) => [id, i]));
      this.baseArea = Int32Array.from(start.area_of);
      this.baseAnchors = start.areas.map((area) => area.anchor);
      this.area = Int32Array.from(this.baseArea);
      this.areas = start.areas.map((area) => ({ ...area }));
      this.lockedUnits = new Set(start.locks.units);
      this.lockedAreas = new Set(start.locks.areas);
      this.others = new Set(start.locks.others.map((lock) => lock.number));
      this.baseLeaders = start.leader_of ? Int32Array.from(start.leader_of) : null; // mode "area" alone
      this.leaderOf = this.baseLeaders && Int32Array.from(this.baseLeaders);
      this.asksLeader = new Set(start.asks_leader || []);
      this.steps = [];
      this.done = 0;
    }

    /* ---- what is there ---- */

    members(k) {
      const found = [];
      for (let i = 0; i < this.n; i += 1) if (this.area[i] === k) found.push(i);
      return found;
    }

    membersOfAll() {
      const found = this.areas.map(() => []);
      for (let i = 0; i < this.n; i += 1) if (this.area[i] >= 0) found[this.area[i]].push(i);
      return found;
    }

    /* Who leads a unit now: whoever left its area leads it no more. */
    leaderNow(i) {
      const leader = this.leaderOf ? this.leaderOf[i] : NONE;
      return leader >= 0 && this.area[i] >= 0 && this.area[leader] === this.area[i] ? leader : NONE;
    }

    /* Who could lead a unit without moving it: anchors of its area, the nearest first. */
    leadersFor(i) {
      if (!this.leaderOf || this.area[i] < 0 || !this.asksLeader.has(i)) return [];
      const far = (j) => this.walk(i, j) || Infinity;
      return this.members(this.area[i]).filter((j) => j !== i && this.anchorOf.has(j)).sort((a, b) => far(a) - far(b) || a - b);
    }

    /* Areas that have a unit. */
    present() {
      const seen = new Set();
      for (let i = 0; i < this.n; i += 1) if (this.area[i] >= 0) seen.add(this.area[i]);
      return [...seen].sort(ascending);
    }

    /* Units the plan is for and that are in no area; locked out ones are not missed. */
    isLeftOver(i) {
      return this.area[i] < 0 && !this.isOutside(i) && this.start.target[i] === 1 && !this.lockedUnits.has(i);
    }

    /* Why a unit stays where it is; null when it may move. */
    heldBy(i) {
      if (this.lockedUnits.has(i)) return "unit";
      return this.area[i] >= 0 && this.lockedAreas.has(this.area[i]) ? "area" : null;
    }

    /* What an area breaks, or would break with other units or another anchor. */
    faults(k, units = this.members(k), anchor = this.areas[k].anchor) {
      return this.faultsAmong(k, units, anchor);
    }

    allFaults() {
      const members = this.membersOfAll();
      return [...members.flatMap((units, k) => (units.length ? this.faults(k, units) : [])), ...this.companyFaults(members)];
    }

    /* m² that each company takes on, in all its areas. */
    takenOn(members = this.membersOfAll()) {
      const taken = this.start.companies.map(() => 0);
      if (taken.length) {
        members.forEach((units, k) => {
          const { company, load } = this.takenIn(units, this.areas[k].anchor);
          if (company >= 0) taken[company] += load;
        });
      }
      return taken;
    }

    companyFaults(members = this.membersOfAll()) {
      const taken = this.takenOn(members);
      if (!taken.some((load, company) => load > this.start.companies[company].allowance)) return [];
      return members.flatMap((units, k) => (units.length ? this.companyFault(k, this.takenIn(units, this.areas[k].anchor), taken) : []));
    }

    /* Figures of the whole plan. */
    totals() {
      const total = { areas: 0, units: 0, households: 0, missing: 0, floor: 0, metres: 0, walked: 0, leftUnits: 0, leftHouseholds: 0 };
      this.membersOfAll().forEach((units, k) => {
        if (!units.length) return;
        const own = this.sums(units, this.areas[k].anchor);
        total.areas += 1;
        for (const key of ["units", "households", "missing", "floor", "metres", "walked"]) total[key] += own[key];
      });
      for (let i = 0; i < this.n; i += 1) {
        if (!this.isLeftOver(i)) continue;
        total.leftUnits += 1;
        total.leftHouseholds += this.start.households[i] || 0;
      }
      return total;
    }

    /* Units of each class of the legend. */
    counts() {
      const counts = { area: 0, left_over: 0, out_of_scope: 0 };
      for (let i = 0; i < this.n; i += 1) counts[this.area[i] >= 0 ? "area" : this.isLeftOver(i) ? "left_over" : "out_of_scope"] += 1;
      return counts;
    }

    /* ---- what would happen ---- */

    /* The effect of putting units into an area (NONE = out of all; "new" = a new one): figures and
       faults of every area touched, before and after. Nothing changes. */
    preview(units, target, anchorOfNew = NONE, taken = this.takenOn()) {
      const next = this.nextNumber();
      const into = target === "new" ? next : target;
      const moving = this.movable(units, into);
      const mine = new Set(moving);
      const touched = new Set(moving.map((i) => this.area[i]).filter((k) => k >= 0));
      if (into >= 0) touched.add(into);
      const areas = [...touched].sort(ascending).map((k) => {
        const isNew = k === next && target === "new";
        const before = isNew ? [] : this.members(k);
        const after = before.filter((i) => !mine.has(i));
        if (k === into) after.push(...moving.filter((i) => !before.includes(i)));
        after.sort(ascending);
        const anchor = isNew ? NONE : this.areas[k].anchor;
        let then = after.includes(anchor) ? anchor : NONE;
        if (isNew) then = anchorOfNew >= 0 ? anchorOfNew : this.bestAnchor(after);
        const was = { ...this.sums(before, anchor), faults: isNew ? [] : this.faults(k, before), taken: this.takenIn(before, anchor) };
        const will = { ...this.sums(after, then), faults: this.faults(k, after, then), taken: this.takenIn(after, then) };
        return { k, isNew, before: was, after: will };
      });
      const takenThen = [...taken];
      areas.forEach(({ before, after }) => {
        if (before.taken.company >= 0) takenThen[before.taken.company] -= before.taken.load;
        if (after.taken.company >= 0) takenThen[after.taken.company] += after.taken.load;
      });
      areas.forEach(({ k, before, after }) => {
        before.faults = [...before.faults, ...this.companyFault(k, before.taken, taken)];
        after.faults = [...after.faults, ...this.companyFault(k, after.taken, takenThen)];
      });
      const count = (when) => areas.reduce((sum, area) => sum + area[when].faults.length, 0);
      const metres = (when) => areas.reduce((sum, area) => sum + area[when].metres, 0);
      return {
        into, moving, held: units.filter((i) => !mine.has(i) && this.area[i] !== into), areas,
        faults: { before: count("before"), after: count("after") },
        metres: { before: metres("before"), after: metres("after") },
      };
    }

    /* Those of some units that an assignment would move: locks hold both ways. */
    movable(units, into) {
      if (into >= 0 && this.lockedAreas.has(into)) return [];
      return units.filter((i) => this.area[i] !== into && this.heldBy(i) === null);
    }

    /* Where some units could go: areas beside them, and anchors beside them that lead nobody yet;
       the fewest faults first, then the least metres. An island, with none beside it, has the nearest areas. */
    suggest(units) {
      const chosen = new Set(units);
      const around = new Set(units.flatMap((i) => [...this.links[i]]).filter((j) => !chosen.has(j)));
      const targets = new Set([...around].map((j) => this.area[j]).filter((k) => k >= 0 && !this.lockedAreas.has(k)));
      const taken = this.takenOn();
      const into = (k) => ({ k, anchor: NONE, effect: this.preview(units, k, NONE, taken) });
      const found = [...targets].map(into);
      for (const j of around) {
        if (this.area[j] < 0 && this.anchorOf.has(j) && !this.lockedUnits.has(j) && this.rules.mode !== "whole") {
          found.push({ k: "new", anchor: j, effect: this.preview([...units, j], "new", j, taken) });
        }
      }
      if (!found.length) found.push(...this.nearestAreas(units).map(into));
      const change = (one, what) => one.effect[what].after - one.effect[what].before;
      return found
        .filter((one) => one.effect.moving.length)
        .sort((a, b) => change(a, "faults") - change(b, "faults") || change(a, "metres") - change(b, "metres"))
        .slice(0, MOST_SUGGESTED);
    }

    /* The areas whose units are the least far from some units, as the crow flies. */
    nearestAreas(units) {
      const from = units.map((i) => this.start.points[i]).filter(Boolean);
      const far = new Map();
      for (let j = 0; j < this.n; j += 1) {
        const [k, to] = [this.area[j], this.start.points[j]];
        if (k < 0 || !to || this.lockedAreas.has(k)) continue;
        for (const [x, y] of from) {
          const away = Math.hypot((to[0] - x) * Math.cos((y * Math.PI) / 180), to[1] - y);
          if (away < (far.get(k) ?? Infinity)) far.set(k, away);
        }
      }
      return [...far.keys()].filter((k) => units.some((i) => this.area[i] !== k)).sort((a, b) => far.get(a) - far.get(b)).slice(0, MOST_NEAREST);
    }

    /* The largest of some units that may lead; NONE where none may. */
    bestAnchor(units) {
      if (this.rules.mode === "whole") return NONE;
      const able = units.filter((i) => this.anchorOf.has(i));
      return able.reduce((best, i) => (best < 0 || this.anchorOf.get(i).capacity > this.anchorOf.get(best).capacity ? i : best), NONE);
    }

    /* A colour none of the neighbours has, the least used of those. */
    freeColour(units) {
      const palette = this.start.palette;
      const taken = new Set();
      for (const i of units) for (const j of this.near[i]) if (this.area[j] >= 0) taken.add(this.areas[this.area[j]].colour);
      const used = palette.map((_, c) => this.areas.filter((area) => area.colour === c).length);
      const free = palette.map((_, c) => c).filter((c) => !taken.has(c));
      return (free.length ? free : palette.map((_, c) => c)).reduce((best, c) => (used[c] < used[best] ? c : best));
    }

    /* ---- changing it: each returns the step that was made, or null ---- */

    assign(units, k) {
      return this.put("assign", units, k);
    }

    unassign(units) {
      return this.put("unassign", units, NONE);
    }

    put(kind, units, k) {
      const moving = this.movable(units, k);
      return moving.length ? this.make({ kind, n: moving.length, area: k }, this.moved(moving, k)) : null;
    }

    newArea(units, anchor = null, told = null) {
      const moving = this.movable(units, NONE_YET);
      if (!moving.length) return null;
      const k = this.nextNumber();
      const leads = anchor === null ? this.bestAnchor(moving) : anchor;
      const changes = this.moved(moving, k);
      if (leads >= 0) changes.anchors.push([k, NONE, leads]);
      changes.created = [this.freshArea(k, moving)];
      return this.make({ kind: "new", area: k, ...told, n: moving.length }, changes);
    }

    /* Areas become one. Anchors of the others that ask for no area themselves leave. */
    merge(ks, into) {
      const joined = ks.filter((k) => k !== into && !this.lockedAreas.has(k));
      if (!joined.length || this.lockedAreas.has(into)) return null;
      const own = this.areas[into].anchor;
      const heir = own >= 0 ? own : joined.map((k) => this.areas[k].anchor).find((i) => i >= 0 && this.heldBy(i) === null) ?? NONE;
      const moving = this.movable(joined.flatMap((k) => this.members(k)), into);
      if (!moving.length) return null;
      const led = new Set(joined.map((k) => this.areas[k].anchor));
      const leaves = (i) => led.has(i) && i !== heir && this.start.target[i] !== 1;
      const changes = this.moved(moving.filter((i) => !leaves(i)), into);
      const gone = this.moved(moving.filter(leaves), NONE);
      changes.units.push(...gone.units);
      changes.anchors = unique([...changes.anchors, ...gone.anchors]);
      if (heir !== own) changes.anchors.push([into, own, heir]);
      return this.make({ kind: "merge", n: joined.length + 1, area: into }, changes);
    }

    /* An area in several pieces: each piece but the main one becomes an area. */
    split(k) {
      const all = this.members(k);
      if (this.lockedAreas.has(k)) return null;
      const found = this.pieces(all);
      const main = found.length > 1 ? this.mainPiece(found, this.areas[k].anchor) : null;
      const parts = found.filter((piece) => piece !== main).map((piece) => this.movable(piece, NONE_YET));
      const loose = main ? parts.filter((piece) => piece.length) : [];
      if (!loose.length) return null;
      const changes = { units: [], anchors: [], created: [] };
      const next = this.nextNumber();
      loose.forEach((piece, at) => {
        const number = next + at;
        const part = this.moved(piece, number);
        changes.units.push(...part.units);
        changes.anchors.push(...part.anchors);
        const leads = this.bestAnchor(piece);
        if (leads >= 0) changes.anchors.push([number, NONE, leads]);
        changes.created.push(this.freshArea(number, piece));
      });
      return this.make({ kind: "split", n: loose.length + 1, area: k }, changes);
    }

    /* The area a path cuts: the one in hand, else the one with most neighbours on both sides of what
       was drawn; null where it cuts none. */
    areaCut(path, inHand = null) {
      const { points } = this.start;
      const crossed = new Map();
      const passes = passing(path);
      for (let i = 0; i < this.n; i += 1) {
        const k = this.area[i];
        if (k < 0 || !points[i]) continue;
        for (const j of this.links[i]) {
          if (j > i && this.area[j] === k && points[j] && passes(points[i], points[j])) crossed.set(k, (crossed.get(k) || 0) + 1);
        }
      }
      const isCut = (k) => this.leaving(k, path).length > 0;
      const able = [...crossed.keys()].filter(isCut).sort((a, b) => crossed.get(b) - crossed.get(a) || a - b);
      if (inHand !== null && (able.includes(inHand) || (!able.length && isCut(inHand)))) return inHand;
      return able.length ? able[0] : null;
    }

    /* Units of an area on the side of a path that leaves: the anchor stays, else the larger side;
       units without a place stay. None where all lie on one side. */
    leaving(k, path) {
      const units = this.members(k);
      const left = sidesOf(path, units.map((i) => this.start.points[i]));
      const sides = [true, false].map((side) => units.filter((_, at) => left[at] === side));
      if (!sides.every((side) => side.length)) return [];
      return sides.find((side) => side !== this.mainPiece(sides, this.areas[k].anchor));
    }

    cut(k, units) {
      return this.lockedAreas.has(k) ? null : this.newArea(units, null, { kind: "cut", area: k });
    }

    /* The unit leads its area; a second time it leads no more. An anchor that is replaced and asks
       for no area itself leaves. */
    setAnchor(i) {
      const k = this.area[i];
      if (k < 0 || this.lockedAreas.has(k)) return null;
      const old = this.areas[k].anchor;
      if (old === i) return this.make({ kind: "no_anchor", n: 1, area: k, unit: i }, { anchors: [[k, i, NONE]] });
      const leaves = old >= 0 && this.start.target[old] !== 1 && this.heldBy(old) === null;
      const changes = { units: leaves ? [[old, k, NONE]] : [], anchors: [[k, old, i]] };
      return this.make({ kind: "anchor", n: 1, area: k, unit: i }, changes);
    }

    /* Another anchor of its area leads the unit, or nobody (NONE): no unit moves. */
    setLeader(i, leader) {
      if (this.heldBy(i) !== null || (leader !== NONE && !this.leadersFor(i).includes(leader)) || this.leaderNow(i) === leader) return null;
      return this.make({ kind: leader === NONE ? "no_leader" : "leader", n: 1, area: this.area[i], unit: i, leader }, { leaders: [[i, this.leaderOf[i], leader]] });
    }

    rename(k, name) {
      const old = this.areas[k].name;
      return name && name !== old ? this.make({ kind: "rename", n: 1, area: k }, { names: [[k, old, name]] }) : null;
    }

    lockUnits(units, on) {
      const changing = units.filter((i) => this.lockedUnits.has(i) !== on);
      return changing.length
        ? this.make({ kind: on ? "lock_units" : "unlock_units", n: changing.length }, { unitLocks: changing.map((i) => [i, !on, on]) })
        : null;
    }

    lockAreas(ks, on) {
      const changing = ks.filter((k) => this.lockedAreas.has(k) !== on);
      return changing.length
        ? this.make({ kind: on ? "lock_areas" : "unlock_areas", n: changing.length, area: changing[0] }, { areaLocks: changing.map((k) => [k, !on, on]) })
        : null;
    }

    dropLock(number) {
      return this.others.has(number)
        ? this.make({ kind: "drop_lock", n: 1 }, { others: [[number, true, false]] })
        : null;
    }

    /* Back to the plan as it was opened: an ordinary step. */
    reset() {
      const units = [];
      for (let i = 0; i < this.n; i += 1) if (this.area[i] !== this.baseArea[i]) units.push([i, this.area[i], this.baseArea[i]]);
      const base = (k) => this.baseAnchors[k] ?? NONE;
      const anchors = this.areas.flatMap((area, k) => (area.anchor !== base(k) ? [[k, area.anchor, base(k)]] : []));
      const names = this.start.areas.flatMap((area, k) => (this.areas[k].name !== area.name ? [[k, this.areas[k].name, area.name]] : []));
      const { units: locked, areas: kept, others } = this.start.locks;
      const unitLocks = toggled(this.lockedUnits, new Set(locked));
      const areaLocks = toggled(this.lockedAreas, new Set(kept));
      const other = toggled(this.others, new Set(others.map((lock) => lock.number)));
      const leaders = [];
      for (let i = 0; this.leaderOf && i < this.n; i += 1) if (this.leaderOf[i] !== this.baseLeaders[i]) leaders.push([i, this.leaderOf[i], this.baseLeaders[i]]);
      const changes = { units, anchors, names, leaders, unitLocks, areaLocks, others: other };
      return Object.values(changes).some((list) => list.length) ? this.make({ kind: "reset", n: units.length }, changes) : null;
    }

    /* What the server proposes, or what was done to another version: units by id, areas by key. */
    adopt(kind, proposal) {
      const created = [];
      const next = this.nextNumber();
      const numberOf = new Map(this.areas.slice(0, next).map((area, k) => [area.key, k]));
      for (const [key, area] of Object.entries(proposal.areas)) {
        if (numberOf.has(key)) continue;
        const k = next + created.length;
        const units = Object.entries(proposal.moves).filter(([, to]) => to === key).map(([id]) => this.position.get(id)).filter((i) => i !== undefined);
        created.push({ ...this.freshArea(k, units), name: area.name || null });
        numberOf.set(key, k);
      }
      const moving = [];
      for (const [id, key] of Object.entries(proposal.moves)) {
        const i = this.position.get(id);
        const to = key === null ? NONE : numberOf.get(key);
        if (i !== undefined && to !== undefined && this.area[i] !== to) moving.push([i, this.area[i], to]);
      }
      const anchors = [];
      const names = [];
      for (const [key, area] of Object.entries(proposal.areas)) {
        const k = numberOf.get(key);
        const now = k < next ? this.areas[k].anchor : NONE;
        const then = area.anchor_unit_id === null ? NONE : this.position.get(area.anchor_unit_id) ?? NONE;
        if (now !== then) anchors.push([k, now, then]);
        if (k < next && area.name && area.name !== this.areas[k].name) names.push([k, this.areas[k].name, area.name]);
      }
      for (const [i, from] of moving) {
        if (from >= 0 && this.areas[from].anchor === i && !anchors.some(([k]) => k === from)) anchors.push([from, i, NONE]);
      }
      const leaders = [];
      for (const [id, to] of Object.entries((this.leaderOf && proposal.leaders) || {})) {
        const [i, leader] = [this.position.get(id), to === null ? NONE : this.position.get(to)];
        if (i !== undefined && leader !== undefined && this.leaderOf[i] !== leader) leaders.push([i, this.leaderOf[i], leader]);
      }
      const changes = { units: moving, anchors, names, leaders, created };
      if (proposal.locks) {
        const units = new Set(proposal.locks.units.map((id) => this.position.get(id)).filter((i) => i !== undefined));
        const areas = new Set(proposal.locks.areas.map((key) => numberOf.get(key)).filter((k) => k !== undefined));
        changes.unitLocks = toggled(this.lockedUnits, units);
        changes.areaLocks = toggled(this.lockedAreas, areas);
      }
      const isSomething = Object.entries(changes).some(([what, list]) => what !== "created" && list.length);
      return isSomething ? this.make({ kind, n: moving.length }, changes) : null;
    }

    /* The number a new area gets: areas of steps that were taken back give way. */
    nextNumber() {
      return this.steps.slice(0, this.done).reduce((sum, step) => sum + step.created.length, this.start.areas.length);
    }

    /* Units into an area, with what it means for the anchors they leave behind. */
    moved(units, k) {
      const mine = new Set(units);
      const anchors = [];
      for (const from of new Set(units.map((i) => this.area[i]))) {
        if (from >= 0 && mine.has(this.areas[from].anchor)) anchors.push([from, this.areas[from].anchor, NONE]);
      }
      return { units: units.map((i) => [i, this.area[i], k]), anchors, created: [] };
    }

    freshArea(k, units) {
      return { key: "+" + (k - this.start.areas.length + 1), name: null, colour: this.freeColour(units) };
    }

    /* ---- steps ---- */

    make(told, changes) {
      const step = { ...told, units: [], anchors: [], names: [], leaders: [], unitLocks: [], areaLocks: [], others: [], created: [], ...changes };
      this.cutRedo();
      this.steps.push(step);
      this.done += 1;
      this.apply(step, true);
      return step;
    }

    /* Steps that were taken back are gone once something else is done, with the areas they made. */
    cutRedo() {
      const gone = this.steps.splice(this.done);
      const fewer = gone.reduce((sum, step) => sum + step.created.length, 0);
      if (fewer) this.areas.length -= fewer;
    }

    apply(step, forward) {
      const pick = ([what, from, to]) => [what, forward ? to : from];
      if (forward) {
        step.created.forEach((area) => {
          const known = this.areas.find((one) => one.key === area.key);
          if (!known) this.areas.push({ ...area, anchor: NONE, isNew: true });
        });
      }
      for (const [i, k] of step.units.map(pick)) this.area[i] = k;
      for (const [k, i] of step.anchors.map(pick)) this.areas[k].anchor = i;
      for (const [k, name] of step.names.map(pick)) this.areas[k].name = name;
      for (const [i, leader] of (step.leaders || []).map(pick)) if (this.leaderOf) this.leaderOf[i] = leader;
      for (const [i, on] of step.unitLocks.map(pick)) this.lockedUnits[on ? "add" : "delete"](i);
      for (const [k, on] of step.areaLocks.map(pick)) this.lockedAreas[on ? "add" : "delete"](k);
      for (const [n, on] of step.others.map(pick)) this.others[on ? "add" : "delete"](n);
    }

    undo() {
      if (!this.done) return null;
      this.done -= 1;
      this.apply(this.steps[this.done], false);
      return this.steps[this.done];
    }

    redo() {
      if (this.done === this.steps.length) return null;
      this.apply(this.steps[this.done], true);
      this.done += 1;
      return this.steps[this.done - 1];
    }

    /* So many steps done, by taking back or doing again. */
    goTo(count) {
      while (this.done > count) this.undo();
      while (this.done < count && this.redo());
    }

    /* Steps kept from another day, put back as they were; false when they do not fit this plan. */
    restore(steps, done) {
      for (const step of steps) {
        const fits = step.units.every(([i, from]) => i < this.n && this.area[i] === from)
          && step.anchors.every(([k]) => k < this.areas.length + step.created.length);
        if (!fits) return false;
        this.steps.push(step);
        this.done += 1;
        this.apply(step, true);
      }
      this.goTo(done);
      return true;
    }

    /* ---- what the server is told ---- */

    /* How the plan differs from the one that was opened. */
    edit() {
      const { ids, areas: before } = this.start;
      const moves = {};
      const used = new Set();
      for (let i = 0; i < this.n; i += 1) {
        if (this.area[i] >= 0) used.add(this.area[i]);
        if (this.area[i] !== this.baseArea[i]) moves[ids[i]] = this.area[i] < 0 ? null : this.areas[this.area[i]].key;
      }
      const areas = {};
      this.areas.forEach((area, k) => {
        const isKnown = k < before.length;
        const differs = isKnown && (area.anchor !== this.baseAnchors[k] || area.name !== before[k].name);
        if (!used.has(k) || (isKnown && !differs)) return;
        const renamed = isKnown ? area.name !== before[k].name : area.name;
        areas[area.key] = { anchor_unit_id: area.anchor < 0 ? null : ids[area.anchor], name: renamed ? area.name : null };
      });
      const leaders = {};
      for (let i = 0; this.leaderOf && i < this.n; i += 1) {
        const leader = this.leaderOf[i];
        const isGiven = leader !== this.baseLeaders[i] && this.area[i] >= 0 && (leader < 0 || this.area[leader] === this.area[i]);
        if (isGiven) leaders[ids[i]] = leader < 0 ? null : ids[leader];
      }
      return {
        moves, areas, ...(this.leaderOf ? { leaders } : {}),
        locks: {
          units: [...this.lockedUnits].sort(ascending).map((i) => ids[i]),
          areas: [...this.lockedAreas].sort(ascending).filter((k) => used.has(k)).map((k) => this.areas[k].key),
          others: [...this.others].sort(ascending),
        },
      };
    }

    /* Whether anything differs from the plan that was opened. */
    differs() {
      const { moves, areas, locks, leaders = {} } = this.edit();
      const same = (a, b) => a.length === b.length && a.every((value) => b.includes(value));
      const was = this.start.locks;
      return Object.keys(moves).length > 0 || Object.keys(areas).length > 0 || Object.keys(leaders).length > 0
        || !same(locks.units.map((id) => this.position.get(id)), was.units)
        || !same([...this.lockedAreas], was.areas) || !same(locks.others, was.others.map((lock) => lock.number));
    }
  }

  const NONE_YET = -2; // an area that is not there yet: nobody is in it, nothing locks it

  function unique(changes) {
    return [...new Map(changes.map((change) => [change[0], change])).values()];
  }

  function toggled(now, wanted) {
    return [
      ...[...now].filter((one) => !wanted.has(one)).map((one) => [one, true, false]),
      ...[...wanted].filter((one) => !now.has(one)).map((one) => [one, false, true]),
    ];
  }

  const parts = { EditModel };
  if (typeof module !== "undefined" && module.exports) module.exports = parts;
  else root.pianqu_edit = Object.assign(root.pianqu_edit || {}, parts);
})(typeof window === "undefined" ? globalThis : window);
