/* Search, filter and the table of all units, on one file of the units: nothing of it asks the server.
   The file is fetched once, when it is first needed or the map has come to rest. */
(function () {
  "use strict";
  let index = null; // promise of the file
  let told = {};
  const skip = () => window.dash_clientside.no_update;
  const tell = (id, props) => window.dash_clientside.set_props(id, props);

  function load(url) {
    if (!index) {
      index = fetch(url).then((answer) => {
        if (!answer.ok) throw new Error(url + " " + answer.status);
        return answer.json();
      });
      index.catch(() => { index = null; });
    }
    return index;
  }

  /* --- search --- */
  const MOST = 12;
  const plain = (text) => text.normalize("NFKC").toLowerCase().replace(/\s+/g, "");

  /* How well a name answers: less is better, null is not at all. By characters, by pinyin from the
     beginning of any syllable, or by first letters. */
  function fit(query, name, sound) {
    const at = plain(name).indexOf(query);
    if (at >= 0) return at === 0 ? 0 : 1;
    if (!/^[a-z0-9]+$/.test(query) || !sound) return null;
    const syllables = sound.split(" ");
    const letters = syllables.map((syllable) => syllable[0]).join("");
    const first = letters.indexOf(query);
    if (first >= 0) return first === 0 ? 2 : 4;
    for (let k = 0; k < syllables.length; k += 1) {
      if (syllables.slice(k).join("").startsWith(query)) return k === 0 ? 3 : 5;
    }
    return null;
  }

  function found(data, text) {
    const query = plain(text);
    if (!query) return [];
    const hits = [];
    data.others.forEach((other) => {
      const rank = fit(query, other.name, other.sound);
      if (rank !== null) hits.push({ ...other, rank: rank - 0.5, about: told[other.kind] });
    });
    const { id, name, sound, street, single } = data.units;
    name.forEach((own, position) => {
      const rank = id[position].toLowerCase() === query ? -1 : fit(query, own, sound[position]);
      if (rank === null) return;
      const where = street[position] < 0 ? "" : " · " + data.streets[street[position]][1];
      hits.push({ kind: "unit", id: id[position], name: own, rank, about: (single[position] ? told.single : told.unit) + where });
    });
    hits.sort((a, b) => a.rank - b.rank || a.name.length - b.name.length || a.name.localeCompare(b.name, "zh"));
    return hits;
  }

  let choices = 0;
  function go(hit) {
    choices += 1;
    const rows = { unit: "grid-units", area: "grid-areas" };
    if (rows[hit.kind]) tell("row-choice", { data: { table: rows[hit.kind], rowId: hit.id, n: "s" + choices } });
    else if (hit.kind === "company") tell("filter-company", { data: { id: hit.id, name: hit.name } });
    else if (hit.bounds) tell("map", { fly: { bounds: hit.bounds, place: hit.place } });
  }

  function make(tag, attributes, text) {
    const node = document.createElement(tag);
    Object.entries(attributes).forEach(([name, value]) => node.setAttribute(name, value));
    if (text !== undefined) node.textContent = text;
    return node;
  }

  function buildSearch(box) {
    const texts = JSON.parse(box.dataset.told);
    told = texts;
    const input = make("input", {
      type: "search", id: "search-input", role: "combobox", "aria-label": texts.label, "aria-expanded": "false",
      "aria-controls": "search-list", "aria-autocomplete": "list", autocomplete: "off", spellcheck: "false",
      placeholder: texts.hint,
    });
    const list = make("ul", { id: "search-list", role: "listbox", "aria-label": texts.label });
    const count = make("div", { class: "search-count", role: "status" });
    list.hidden = true;
    let hits = [];
    let active = -1;

    const close = () => {
      list.hidden = true;
      input.setAttribute("aria-expanded", "false");
      input.removeAttribute("aria-activedescendant");
      count.textContent = "";
    };
    const mark = (at) => {
      active = at;
      [...list.children].forEach((node, k) => node.setAttribute("aria-selected", String(k === at)));
      if (at < 0) return input.removeAttribute("aria-activedescendant");
      input.setAttribute("aria-activedescendant", "search-" + at);
      return list.children[at].scrollIntoView({ block: "nearest" });
    };
    const choose = (hit) => {
      if (!hit) return;
      input.value = hit.name;
      close();
      go(hit);
      window.pianqu_keys.toMap();
    };
    const look = async () => {
      const text = input.value;
      const data = await load(texts.index);
      if (text !== input.value) return;
      hits = found(data, text);
      list.replaceChildren(...hits.slice(0, MOST).map((hit, k) => {
        const item = make("li", { role: "option", id: "search-" + k, "aria-selected": "false" });
        item.append(make("span", { class: "search-name" }, hit.name), make("span", { class: "search-about" }, hit.about));
        item.addEventListener("mousedown", (event) => { event.preventDefault(); choose(hit); });
        return item;
      }));
      const isOpen = Boolean(plain(text));
      list.hidden = !isOpen || hits.length === 0;
      input.setAttribute("aria-expanded", String(!list.hidden));
      count.textContent = isOpen ? (hits.length ? texts.count.replace("#", hits.length) : texts.none) : "";
      mark(hits.length && isOpen ? 0 : -1);
    };
    input.addEventListener("input", look);
    input.addEventListener("focus", () => load(texts.index));
    input.addEventListener("blur", close);
    input.addEventListener("keydown", (event) => {
      const last = Math.min(hits.length, MOST) - 1;
      if (event.key === "ArrowDown" || event.key === "ArrowUp") {
        event.preventDefault();
        if (list.hidden) look();
        else mark(event.key === "ArrowDown" ? (active >= last ? 0 : active + 1) : (active <= 0 ? last : active - 1));
      } else if (event.key === "Enter") {
        event.preventDefault();
        if (!list.hidden) choose(hits[active]);
      } else if (event.key === "Escape") {
        if (list.hidden) {
          input.value = "";
          window.pianqu_keys.toMap();
        }
        close();
      }
    });
    box.replaceChildren(input, list, count);
  }

  /* --- filter --- */
  const between = (value, from, to) => {
    const [low, high] = [from, to].map((text) => (text === "" || text === null || text === undefined ? null : Number(text)));
    if (low === null && high === null) return true;
    return value !== null && (low === null || value >= low) && (high === null || value <= high);
  };

  function kept(data, wanted, company) {
    const { units } = data;
    const keys = { street: data.streets, mode: data.modes, reason: data.reasons };
    const lists = Object.entries(keys).filter(([what]) => (wanted[what] || []).length)
      .map(([what, named]) => [units[what], new Set(wanted[what].map((key) => named.findIndex((entry) => entry[0] === key)))]);
    const kinds = wanted.kind || [];
    const places = wanted.area || [];
    const own = company ? data.companies.findIndex((entry) => entry[0] === company.id) : null;
    const out = [];
    for (let i = 0; i < units.id.length; i += 1) {
      const fits = lists.every(([column, set]) => set.has(column[i]))
        && (!kinds.length || kinds.includes(units.single[i] ? "single_building" : "community"))
        && (!places.length || places.includes(units.area[i] >= 0 ? "in" : "out"))
        && between(units.built_year[i], wanted.year_from, wanted.year_to)
        && between(units.households[i], wanted.households_from, wanted.households_to)
        && (own === null || units.company[i] === own);
      if (fits) out.push(i);
    }
    return out;
  }

  const isEmpty = (value) => value === null || value === undefined || value === "" || (Array.isArray(value) && !value.length);

  /* --- the table of all units --- */
  let shown = null; // what is in the table: which table it is, and the positions; null before anything is
  let rows = null;

  function rowsOf(data) {
    const { units } = data;
    const named = (list, at) => (at < 0 ? null : list[at][1]);
    return units.id.map((id, i) => ({
      id, name: units.name[i], kind: units.single[i] ? told.single : told.unit, street: named(data.streets, units.street[i]),
      mode: named(data.modes, units.mode[i]), households: units.households[i], estimated: Boolean(units.estimated[i]),
      floor_area_m2: units.floor_area_m2[i], built_year: units.built_year[i], company: named(data.companies, units.company[i]),
      area: units.area[i] < 0 ? null : data.areas[units.area[i]], reason: named(data.reasons, units.reason[i]),
    }));
  }

  async function fill(api, data, wanted) {
    rows = rows || rowsOf(data);
    const key = wanted ? wanted.join() : "all";
    if (!shown || shown.api !== api || shown.key !== key) {
      shown = { api, key };
      api.setGridOption("rowData", wanted ? wanted.map((i) => rows[i]) : rows);
    }
  }

  /* Rows stay under the head of their group, in whatever order they are sorted. */
  window.dashAgGridFunctions = window.dashAgGridFunctions || {};
  window.dashAgGridFunctions.byGroup = ({ nodes }) => {
    const heads = nodes.filter(({ data }) => data.level === 0).sort((a, b) => a.sourceRowIndex - b.sourceRowIndex);
    const sorted = heads.flatMap((head) => [head, ...nodes.filter(({ data }) => data.level !== 0 && data.group === head.data.group)]);
    nodes.splice(0, nodes.length, ...sorted);
  };

  window.dash_clientside = window.dash_clientside || {};
  window.dash_clientside.finding = {
    async filter(values, company, fields, url) {
      const wanted = Object.fromEntries(fields.map((id, k) => [id.what, values[k]]));
      if (values.every(isEmpty) && !company) return [null, ""];
      const data = await load(url);
      const units = kept(data, wanted, company);
      const text = told.kept.replace("#", units.length).replace("#", data.units.id.length);
      return [units, company ? text + " · " + company.name : text];
    },
    /* A bar of classes shows its class alone, as Shift in the legend does; a bar of a place flies there. */
    followBar(clicks) {
      const click = window.dash_clientside.callback_context.triggered.map((entry) => entry.value).find(Boolean);
      const leads = click && click.points[0].customdata;
      if (!leads) return skip();
      if (leads.bounds) return { bounds: leads.bounds };
      if (!leads.fills.length) return skip();
      const button = document.querySelector('#legend .legend-button[data-fills="' + leads.fills.join(" ") + '"]');
      if (button) button.dispatchEvent(new MouseEvent("click", { bubbles: true, shiftKey: true }));
      return skip();
    },
    hasUnit: (selected) => !selected || selected.unit === null || selected.unit === undefined,
    openFacts: (clicks) => Boolean(clicks) || skip(),
    clear: (_, values) => [values.map((value) => (Array.isArray(value) ? [] : "")), null],
    async list(tab, wanted, selected, url, className) {
      if (tab !== "units" || !window.dash_ag_grid) return skip();
      const [api, data] = await Promise.all([window.dash_ag_grid.getApiAsync("grid-units"), load(url)]);
      await fill(api, data, wanted);
      const node = selected && selected.unit !== null ? api.getRowNode(data.units.id[selected.unit]) : null;
      if (!node) api.deselectAll();
      else {
        node.setSelected(true, true);
        api.ensureNodeVisible(node);
      }
      return className;
    },
  };

  function begin() {
    const box = document.getElementById("search");
    if (!box || box.firstChild) return;
    shown = null;
    buildSearch(box);
  }
  new MutationObserver(begin).observe(document.documentElement, { childList: true, subtree: true });

  function openFacts() {
    const facts = document.getElementById("facts-open");
    if (facts && !facts.hidden) facts.click();
  }

  function search(event) {
    const input = document.getElementById("search-input");
    if (!input) return;
    event.preventDefault();
    input.focus();
    input.select();
  }

  (window.pianqu_keys = window.pianqu_keys || []).push(
    { name: "facts", keys: ["i"], act: openFacts },
    { name: "search", keys: ["/"], act: search },
  );
})();
