/* Keys of themes and table rows, the menus of the header, and the functions of callbacks that need no server. */
(function () {
  "use strict";
  const WITH_THEME = { neighbours: "edges", siting: "sites" }; // the layer a theme is about
  const CHANGES = "grid-compare"; // comes with the comparison: no callback may wait for its clicks
  let addedGroup = null;
  let choices = 0;

  function switchTheme(event) {
    if (document.querySelector(".page.mode-edit")) return; // there they are the editor's
    const chosen = document.querySelectorAll("#theme-choices input[type=radio]")[(Number(event.key) + 9) % 10];
    if (!chosen) return;
    const more = chosen.closest("details");
    if (more) more.open = true;
    window.dash_clientside.set_props("theme", { value: chosen.value });
  }

  function chooseRow(event) {
    const row = event.target.closest(".ag-row");
    const table = event.target.closest("[id^=grid-]");
    if (!row || !table) return;
    choices += 1;
    const data = { table: table.id, rowId: row.getAttribute("row-id"), n: choices };
    window.dash_clientside.set_props("row-choice", { data });
    if (table.id === CHANGES) window.dash_clientside.set_props(CHANGES, { selectedRows: { ids: [data.rowId] } });
  }

  window.dash_clientside = window.dash_clientside || {};
  const skip = () => window.dash_clientside.no_update;
  window.dash_clientside.pianqu = {
    passOn: (value) => value,
    withTheme: (theme, shown, sources) => {
      const wanted = WITH_THEME[theme];
      const next = shown.filter((group) => group !== addedGroup);
      addedGroup = wanted && !next.includes(wanted) && sources[wanted] ? wanted : null;
      if (addedGroup) next.push(addedGroup);
      return next.length === shown.length && !addedGroup ? skip() : next;
    },
    selectBeside: ({ unit }) => { // areas have other numbers in another plan
      if (document.getElementById("map-compare")) window.dash_clientside.set_props("map-compare", { selected: { area: null, unit } });
    },
    dimmed: (fills, units) => ({ fills, units: units || null }),
    anyClick: (...clicks) => (clicks.flat().some(Boolean) ? true : skip()),
    aimClass: (kind) => "plan-form aim-" + kind,
    weightClass: (weight) => "plan-form weight-" + weight,
    methodClass: (method, mode, within) => {
      const isOther = within !== document.getElementById("plan-form").dataset.within;
      return "plan-form method-" + method + " planning-" + mode + (isOther ? " within-changed" : "");
    },
    curveAt: (number, figure) => [
      "proposals one-of at-" + number,
      { ...figure, data: figure.data.map((line) => ({ ...line, selectedpoints: [number] })) },
    ],
    curvePoint: (click) => (click ? click.points[0].pointNumber : skip()),
    blank: () => "",
    nameImport: (opened, name) => { // 144 random bits: nobody else can guess it
      if (!opened || name) return skip();
      const bytes = window.crypto.getRandomValues(new Uint8Array(18));
      return window.btoa(String.fromCharCode(...bytes)).replace(/\+/g, "-").replace(/\//g, "_");
    },
    go: (address) => {
      if (address) window.location.assign(address);
      return skip();
    },
    sign: (name) => {
      const value = encodeURIComponent((name || "").trim());
      document.cookie = "author=" + value + "; path=/; max-age=31536000; samesite=lax";
      return skip();
    },
    gather: (year, modes, numbers, switches, numberIds, switchIds) => ({
      year,
      modes,
      values: Object.fromEntries([
        ...numberIds.map((id, k) => [id.key, numbers[k]]),
        ...switchIds.map((id, k) => [id.key, switches[k]]),
      ]),
    }),
    clickedPlace: (click, tab) => (
      click && tab === "unplaced" ? click.lon.toFixed(6) + ", " + click.lat.toFixed(6) : skip()
    ),
    pinOf: (text, tab) => {
      const parts = String(text || "").split(/[,，;；\s]+/).filter(Boolean).map(Number);
      const sound = parts.length === 2 && Math.abs(parts[0]) <= 180 && Math.abs(parts[1]) <= 90;
      return sound && tab === "unplaced" ? parts : null;
    },
  };

  /* Each part of the page that is first drawn changes the state Dash keeps, and of each change Dash tells every part:
     a thousand parts a thousand times. They are told once of all that was changed in one go; who computes hears all. */
  function tellOnce(store) {
    const { subscribe } = store;
    store.subscribe = (listener) => {
      let isAwaited = false;
      let isGone = false;
      const leave = subscribe(() => {
        if (isAwaited) return;
        isAwaited = true;
        window.queueMicrotask(() => {
          isAwaited = false;
          if (!isGone) listener();
        });
      });
      return () => {
        isGone = true;
        leave();
      };
    };
  }
  const stores = window.dash_stores = window.dash_stores || []; // Dash adds its own before React subscribes to it
  stores.push = (store) => {
    tellOnce(store);
    return Array.prototype.push.call(stores, store);
  };

  // The page asks for its layout with its own address, which names the version of the plan.
  const plainFetch = window.fetch;
  window.fetch = (address, options) => plainFetch(
    /_dash-layout$/.test(String(address)) ? address + window.location.search : address, options,
  );

  function closeMenus(except) {
    document.querySelectorAll("details.menu[open]").forEach((menu) => {
      if (menu !== except) menu.open = false;
    });
  }
  document.addEventListener("click", (event) => { // a line outside of its table
    const line = event.target.closest && event.target.closest("[data-row]");
    if (!line) return;
    choices += 1;
    window.dash_clientside.set_props("row-choice", { data: { table: line.dataset.table, rowId: line.dataset.row, n: choices } });
  });
  document.addEventListener("click", (event) => {
    if (event.target.closest("#" + CHANGES + " .ag-row")) chooseRow(event);
  });
  document.addEventListener("click", (event) => closeMenus(event.target.closest("details.menu")));
  /* A panel of its own is open: it closes first. */
  const isCovered = () => [...document.querySelectorAll(".mantine-Drawer-content, .mantine-Modal-content")]
    .some((panel) => panel.getClientRects().length);

  /* The card of reasons goes, and with it what is selected. */
  function closeCard() {
    const card = document.getElementById("explanation");
    if (!card || !card.firstChild) return;
    choices += 1;
    window.dash_clientside.set_props("explanation", { children: [] });
    window.dash_clientside.set_props("row-choice", { data: { table: "none", rowId: null, n: choices } });
  }
  document.addEventListener("click", (event) => {
    if (!event.target.closest || !event.target.closest(".card-close")) return;
    closeCard();
    window.pianqu_keys.toMap();
  });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || !event.target.closest) return;
    const menu = event.target.closest("details.menu[open]");
    if (menu) {
      menu.open = false;
      menu.querySelector("summary").focus();
    } else if (!window.pianqu_keys.isTyping(event.target) && !document.querySelector("dialog[open], .page.mode-edit") && !isCovered()) {
      closeCard();
    }
  });

  (window.pianqu_keys = window.pianqu_keys || []).push(
    { name: "theme", keys: [..."1234567890"], act: switchTheme },
    { name: "row", keys: ["enter", " "], act: chooseRow },
  );
})();
