/* What a plan is held to, told of any units of it: figures, pieces, broken rules. The rules are those
   of analysis/bundling/checks.py, line for line; a test drives both with the same edits. It runs in a
   browser and in node; nothing in it changes. */
(function (root) {
  "use strict";

  const NONE = -1;

  class Rules {
    /* start: what `edit/start` sends, see README.md. */
    constructor(start) {
      this.start = start;
      this.n = start.ids.length;
      this.rules = start.rules;
      this.anchorOf = new Map(start.anchors.map(([i, capacity, largest, company]) => [i, { capacity, largest, company }]));
      this.links = lists(this.n, start.links);
      this.near = lists(this.n, [...start.links, ...start.near]);
      this.walks = walkTable(this.n, start.walks);
    }

    isOutside(i) {
      return this.start.outside[i] !== null;
    }

    /* Figures of some units. Missing is counted, never taken for zero. */
    sums(members, anchor) {
      const { households, floor } = this.start;
      const total = { units: members.length, households: 0, missing: 0, floor: 0, floorMissing: 0 };
      for (const i of members) {
        if (households[i] === null) total.missing += 1;
        else total.households += households[i];
        if (floor[i] === null) total.floorMissing += 1;
        else total.floor += floor[i];
      }
      const planned = members.filter((i) => !this.isOutside(i));
      total.metres = planned.length ? this.metres(planned, this.leader(planned, anchor)) : 0;
      total.walked = planned.reduce((sum, i) => sum + (households[i] || 0), 0);
      return total;
    }

    /* The anchor as the rules see it: one that is no unit of the problem leads nobody. */
    leader(members, anchor) {
      return anchor >= 0 && !this.isOutside(anchor) && members.includes(anchor) ? anchor : NONE;
    }

    walk(a, b) {
      return this.walks.get(a, b);
    }

    metres(members, anchor) {
      const cap = Math.trunc(this.rules.walk_limit_m);
      const to = (hub) => members.reduce(
        (sum, i) => sum + (i === hub ? 0 : (this.walk(hub, i) || cap) * (this.start.households[i] || 0)), 0,
      );
      return anchor >= 0 ? to(anchor) : members.reduce((least, hub) => Math.min(least, to(hub)), Infinity);
    }

    /* What one area breaks, as checks.area_faults tells it; units the plan is not for come last. */
    faultsAmong(k, all, anchorGiven) {
      const outside = all.filter((i) => this.isOutside(i));
      const strangers = outside.map((i) => {
        const reason = this.start.outside[i];
        return fault(this.start.reasons[reason].rule, k, [i], null, null, reason);
      });
      const members = all.filter((i) => !this.isOutside(i));
      if (!members.length) return strangers;
      return [...this.plannedFaults(k, members, this.leader(members, anchorGiven)), ...strangers];
    }

    plannedFaults(k, members, anchor) {
      const { mode } = this.rules;
      if (mode === "area") return this.sharedFaults(k, members);
      if (mode === (anchor >= 0 ? "whole" : "lead")) return [fault("mode", k, members)];
      if (anchor >= 0 && !this.anchorOf.has(anchor)) return [fault("R10", k, [anchor])];
      const taken = members.filter((i) => i !== anchor);
      return [
        ...some("R01", k, taken.filter((i) => this.start.target[i] !== 1)),
        ...this.connectionFaults(k, members, anchor),
        ...(anchor >= 0 ? this.leadFaults(k, taken, anchor) : this.wholeFaults(k, taken)),
      ];
    }

    /* With leaders inside: what holds whoever leads. Who leads, and the walks that hang on it, are the server's. */
    sharedFaults(k, members) {
      return [
        ...some("R01", k, members.some((i) => this.start.target[i] === 1) ? [] : members),
        ...this.connectionFaults(k, members, NONE),
        ...this.start.sizes.flatMap(({ name, weight, lower, upper }) => {
          const total = members.reduce((sum, i) => sum + weight[i], 0);
          const most = Math.max(...members.map((i) => weight[i]));
          const bounded = upper !== null && most > upper ? total - most : total; // one unit alone may be larger
          if (total < lower) return [{ ...fault("R31", k, members, total, lower), size: name }];
          return upper !== null && bounded > upper ? [{ ...fault("R31", k, members, bounded, upper), size: name }] : [];
        }),
      ];
    }

    connectionFaults(k, members, anchor) {
      const { wall } = this.start;
      const counts = new Map();
      for (const i of members) counts.set(wall[i], (counts.get(wall[i]) || 0) + 1);
      if (counts.size > 1) {
        const most = [...counts.entries()].sort((a, b) => b[1] - a[1] || a[0] - b[0])[0][0];
        const home = anchor >= 0 ? wall[anchor] : most;
        return some("R20", k, members.filter((i) => wall[i] !== home), counts.size, 1);
      }
      const found = this.pieces(members);
      if (found.length < 2) return [];
      const main = new Set(this.mainPiece(found, anchor));
      return some("R22", k, members.filter((i) => !main.has(i)), found.length, 1);
    }

    leadFaults(k, taken, anchor) {
      const { load } = this.start;
      const { capacity, largest } = this.anchorOf.get(anchor);
      const far = taken.filter((i) => {
        const walk = this.walk(anchor, i);
        return walk === 0 || walk > this.rules.radius_m;
      });
      const walks = far.map((i) => this.walk(anchor, i));
      const beyond = walks.length && walks.every((walk) => walk > 0) ? Math.max(...walks) : null;
      const large = taken.filter((i) => load[i] > largest);
      const total = taken.reduce((sum, i) => sum + load[i], 0);
      const isTold = large.some((i) => load[i] === total && largest === capacity); // one unit, too large alone
      return [
        ...some("R26", k, far, beyond, this.rules.radius_m),
        ...some("R13", k, large, taken.reduce((most, i) => Math.max(most, load[i]), 0), largest),
        ...(total > capacity && !isTold ? [fault("R13", k, taken, total, capacity)] : []),
      ];
    }

    wholeFaults(k, taken) {
      return this.start.sizes.flatMap(({ name, weight, lower, upper }) => {
        const total = taken.reduce((sum, i) => sum + weight[i], 0);
        if (total >= lower && (upper === null || total <= upper)) return [];
        return [{ ...fault("R31", k, taken, total, total < lower ? lower : upper), size: name }];
      });
    }

    /* m² an area takes in, and the company that answers for it; −1 = none that is held to a limit. */
    takenIn(units, anchorGiven) {
      const members = units.filter((i) => !this.isOutside(i));
      const anchor = this.leader(members, anchorGiven);
      const joined = members.filter((i) => i !== anchor);
      const known = this.anchorOf.get(anchor);
      return { company: known ? known.company : NONE, load: joined.reduce((sum, i) => sum + this.start.load[i], 0), joined };
    }

    /* R15: what a company takes on in all its areas; told of each area, with the company's numbers. */
    companyFault(k, { company, joined }, taken) {
      if (company < 0 || taken[company] <= this.start.companies[company].allowance) return [];
      return some("R15", k, joined, taken[company], this.start.companies[company].allowance).map((found) => ({ ...found, company }));
    }

    /* Connected pieces over these units alone, by first unit. */
    pieces(members) {
      const left = new Set(members);
      const found = [];
      for (const first of [...members].sort(ascending)) {
        if (!left.delete(first)) continue;
        const piece = [first];
        for (let at = 0; at < piece.length; at += 1) {
          for (const j of this.links[piece[at]]) if (left.delete(j)) piece.push(j);
        }
        found.push(piece.sort(ascending));
      }
      return found;
    }

    mainPiece(found, anchor) {
      const led = found.find((piece) => piece.includes(anchor));
      if (led) return led;
      const first = this.start.sizes[0].weight;
      const weight = (piece) => piece.reduce((sum, i) => sum + first[i], 0);
      return [...found].sort((a, b) => weight(b) - weight(a) || a[0] - b[0])[0];
    }
  }

  function fault(rule, area, units, value = null, limit = null, reason = null) {
    return { rule, area, units, value, limit, reason };
  }

  function some(rule, area, units, value = null, limit = null) {
    return units.length ? [fault(rule, area, units, value, limit)] : [];
  }

  function ascending(a, b) {
    return a - b;
  }

  /* Neighbours of each unit from a flat list of pairs. */
  function lists(n, pairs) {
    const found = Array.from({ length: n }, () => []);
    for (let at = 0; at < pairs.length; at += 2) {
      found[pairs[at]].push(pairs[at + 1]);
      found[pairs[at + 1]].push(pairs[at]);
    }
    return found;
  }

  /* Walks between units, metres; 0 where it is farther than was measured. */
  function walkTable(n, { starts, units, metres }) {
    const rows = Array.from({ length: n }, () => null);
    return {
      get(a, b) {
        const row = Math.min(a, b);
        if (rows[row] === null) {
          rows[row] = new Map();
          for (let at = starts[row]; at < starts[row + 1]; at += 1) rows[row].set(units[at], metres[at]);
        }
        return rows[row].get(Math.max(a, b)) || 0;
      },
    };
  }

  const parts = { Rules, NONE, ascending };
  if (typeof module !== "undefined" && module.exports) module.exports = parts;
  else root.pianqu_edit = Object.assign(root.pianqu_edit || {}, parts);
})(typeof window === "undefined" ? globalThis : window);
