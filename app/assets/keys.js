/* The keys of the page: whoever knows what a key does adds it to one table, by the name under which the
   list of keys (`?`, `app/web/layout/shell/keys.py`) tells of it. The editor has a table of its own. */
(function () {
  "use strict";
  const keys = window.pianqu_keys = window.pianqu_keys || [];
  const typing = (node) => node.isContentEditable
    || (/^(INPUT|TEXTAREA|SELECT)$/.test(node.tagName) && !/^(radio|checkbox)$/.test(node.type));

  keys.isTyping = typing;
  /* Whoever was in a field and is done with it goes on with the map's keys. */
  keys.toMap = () => {
    const map = document.querySelector("#map :is(canvas, .map-box)[tabindex]");
    if (map) map.focus({ preventScroll: true });
  };

  function showList() {
    const list = document.getElementById("page-keys");
    if (list && !document.querySelector("dialog[open]")) list.showModal();
  }

  keys.push({ name: "help", keys: ["?", "？"], act: showList });

  document.addEventListener("keydown", (event) => {
    const key = (event.ctrlKey || event.metaKey ? "ctrl+" : "") + event.key.toLowerCase();
    if (event.altKey || event.isComposing) return;
    for (const one of keys) {
      if (one.keys.includes(key) && (one.whileTyping || !typing(event.target))) one.act(event);
    }
  });

  document.addEventListener("click", (event) => {
    if (!event.target.closest) return;
    if (event.target.closest("#keys-open")) showList();
    const list = event.target.closest("#page-keys");
    if (list && event.target.closest("button")) list.close();
  });
})();
