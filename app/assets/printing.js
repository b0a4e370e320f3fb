/* Ctrl+P and the print button open the sheet of what is on the map now. */
(function () {
  "use strict";
  const chosen = (id, otherwise) => {
    const found = document.querySelector("#" + id + " input:checked");
    return found ? found.value : otherwise;
  };

  /* Keys of the classes switched off in the legend: `band-<key>` is the class of their rows. */
  const hidden = () => [...document.querySelectorAll('#legend .legend-button[aria-pressed="false"]')]
    .map((button) => button.closest("li").className.replace("band-", ""));

  /* What the reader turned: year, modes, values; null before anything. */
  const tried = () => window.dash_component_api.getLayout("choice").props.data;

  function address() {
    const box = document.querySelector(".map-box");
    const view = box && box.mapView;
    const wish = new URLSearchParams({ theme: chosen("theme-choices", "areas"), classes: chosen("classes", "policy"), level: view && view.level ? view.level() : "unit" });
    const bounds = view && view.bounds && view.bounds();
    if (hidden().length) wish.set("hidden", hidden().join(","));
    if (tried()) wish.set("tried", JSON.stringify(tried()));
    if (bounds) wish.set("bounds", bounds.map((degree) => degree.toFixed(6)).join(","));
    if (document.querySelector(".edit-state.dirty")) wish.set("unsaved", "1");
    const link = document.getElementById("print-open").getAttribute("href"); // names plan and version
    return link + (link.includes("?") ? "&" : "?") + wish;
  }

  function open(event) {
    event.preventDefault();
    window.open(address(), "_blank", "noopener");
  }

  (window.pianqu_keys = window.pianqu_keys || []).push({
    name: "print", keys: ["ctrl+p"], whileTyping: true,
    act: (event) => { if (!event.shiftKey && document.getElementById("print-open")) open(event); },
  });
  document.addEventListener("click", (event) => {
    if (event.target.closest && event.target.closest("#print-open")) open(event);
  });
})();
