/* A click on a class of the legend hides it or shows it again; with Shift only it is shown. Signs are listed
   while what they explain is drawn. */
(function () {
  "use strict";
  const buttons = () => [...document.querySelectorAll("#legend .legend-button")];
  const fills = (button) => button.dataset.fills.split(" ");

  function press(chosen, alone) {
    const all = buttons();
    const others = all.filter((button) => button !== chosen);
    const isOn = (button) => button.getAttribute("aria-pressed") === "true";
    const wasAlone = isOn(chosen) && !others.some(isOn);
    const show = (button, on) => button.setAttribute("aria-pressed", String(on));
    if (alone) all.forEach((button) => show(button, wasAlone || button === chosen));
    else if (wasAlone) all.forEach((button) => show(button, true));
    else show(chosen, !isOn(chosen));
    const data = all.filter((button) => !isOn(button)).flatMap(fills);
    window.dash_clientside.set_props("hidden-classes", { data });
  }

  function listWhatIsDrawn() {
    const box = document.querySelector(".map-panel .map-box");
    const view = box && box.mapView;
    if (!view || !view.isBegun) return;
    document.querySelectorAll("#legend li[data-draws]").forEach((row) => { row.hidden = !view.draws(row.dataset.draws); });
  }

  document.addEventListener("pianqu-map", ({ target: { mapView } }) => {
    listWhatIsDrawn();
    if (mapView.map) mapView.map.on("idle", listWhatIsDrawn);
    const legend = document.getElementById("legend");
    if (legend) new MutationObserver(listWhatIsDrawn).observe(legend, { childList: true, subtree: true });
  });

  document.addEventListener("click", (event) => {
    const button = event.target.closest && event.target.closest("#legend .legend-button");
    if (button) press(button, event.shiftKey);
  });
})();
