/* Room on the page: side panels fold, the drawer of tables is dragged or opens to half or full height. What was
   chosen is kept in this browser, and stands before the page is drawn. */
(function () {
  "use strict";
  const KEY = "pianqu-room";
  const CLOSED = 38; // px: the tabs stay
  const MAP_LEFT = 56; // px of the map that a full drawer leaves
  const STEP = 40;
  const NARROW = 960; // px: here the left panel begins folded
  const root = document.documentElement;
  const kept = read();

  function read() {
    try {
      return JSON.parse(window.localStorage.getItem(KEY)) || {};
    } catch (error) {
      return {};
    }
  }

  function keep(change) {
    Object.assign(kept, change);
    try {
      window.localStorage.setItem(KEY, JSON.stringify(kept));
    } catch (error) { /* then it holds for this page */ }
    apply();
  }

  const most = () => window.innerHeight - 52 - MAP_LEFT;
  const within = (px) => Math.round(Math.min(most(), Math.max(CLOSED, px)));
  const heights = {
    closed: () => CLOSED,
    usual: () => null, // as the style sheet says
    half: () => within(window.innerHeight / 2),
    full: () => most(),
  };
  const wanted = () => (typeof kept.tables === "number" ? within(kept.tables) : heights[kept.tables || "usual"]());
  const isFolded = (side) => kept[side] ?? (side === "left" && window.innerWidth <= NARROW);
  const now = () => {
    const tables = document.querySelector(".tables");
    return wanted() ?? (tables ? tables.offsetHeight : 0);
  };

  function apply() {
    for (const side of ["left", "right"]) root.dataset[side] = isFolded(side) ? "folded" : "open";
    root.dataset.hover = kept.hover === false ? "off" : "on";
    const px = wanted();
    if (px === null) root.style.removeProperty("--tables");
    else root.style.setProperty("--tables", px + "px");
    tell();
  }

  /* What the controls say of it, once they are there. */
  function tell() {
    document.querySelectorAll("[data-fold]").forEach((button) => {
      button.setAttribute("aria-expanded", String(!isFolded(button.dataset.fold)));
    });
    document.querySelectorAll("[data-drawer]").forEach((button) => {
      button.setAttribute("aria-pressed", String(button.dataset.drawer === (kept.tables || "usual")));
    });
    const handle = document.querySelector(".drawer-handle");
    if (handle) handle.setAttribute("aria-valuenow", String(Math.round((100 * now()) / window.innerHeight)));
    const hover = document.getElementById("hover-cards");
    if (hover) hover.setAttribute("aria-checked", String(kept.hover !== false));
  }

  function drag(event) {
    const handle = event.target.closest && event.target.closest(".drawer-handle");
    if (!handle || event.button !== 0) return;
    event.preventDefault();
    handle.focus();
    handle.setPointerCapture(event.pointerId);
    const move = ({ clientY }) => {
      kept.tables = within(window.innerHeight - clientY);
      apply();
    };
    handle.addEventListener("pointermove", move);
    handle.addEventListener("lostpointercapture", () => {
      handle.removeEventListener("pointermove", move);
      keep({});
    }, { once: true });
  }

  function press(event) {
    const to = {
      ArrowUp: () => within(now() + STEP), ArrowDown: () => within(now() - STEP), Home: () => "closed", End: () => "full",
      Enter: () => (kept.tables === "half" ? "usual" : "half"),
    }[event.key];
    if (!to) return;
    event.preventDefault();
    event.stopPropagation();
    keep({ tables: to() });
  }

  document.addEventListener("pointerdown", drag);
  document.addEventListener("click", (event) => {
    const button = event.target.closest && event.target.closest("[data-fold], [data-drawer], #hover-cards");
    if (!button) return;
    if (button.id === "hover-cards") keep({ hover: kept.hover === false });
    else if (button.dataset.fold) keep({ [button.dataset.fold]: !isFolded(button.dataset.fold) });
    else keep({ tables: button.dataset.drawer });
  });
  // a table that was asked for is seen
  document.addEventListener("pianqu-tables", () => { if (now() <= CLOSED) keep({ tables: "usual" }); });
  document.addEventListener("click", (event) => {
    if (event.target.closest && event.target.closest(".tab-strip [role=tab]")) document.dispatchEvent(new CustomEvent("pianqu-tables"));
  });
  window.addEventListener("resize", apply);
  const waiting = new MutationObserver(() => {
    const handle = document.querySelector(".drawer-handle");
    if (!handle) return;
    waiting.disconnect();
    handle.addEventListener("keydown", press);
    tell();
  });
  waiting.observe(root, { childList: true, subtree: true });
  apply();
})();
