/* Keys 1 to 4 switch the theme, unless the reader is typing somewhere. */
(function () {
  "use strict";
  const typing = (node) => node.isContentEditable
    || (/^(INPUT|TEXTAREA|SELECT)$/.test(node.tagName) && !/^(radio|checkbox)$/.test(node.type));

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey || typing(event.target)) return;
    const choices = document.querySelectorAll("#theme-choices input[type=radio]");
    const chosen = choices[Number(event.key) - 1];
    if (/^[1-9]$/.test(event.key) && chosen) window.dash_clientside.set_props("theme", { value: chosen.value });
  });
})();
