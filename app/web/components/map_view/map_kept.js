/* Where one was on the map of a plan, kept over a reload and over a link of the page: after saving, in the other
   language, back from the briefing. Whoever opens the address anew begins with the whole. */
(function () {
  "use strict";
  const KEY = "pianqu-place";
  let isLink = false;

  const shown = () => {
    const box = document.querySelector("#map .map-box");
    return box && box.mapView;
  };

  function keep() {
    const view = shown();
    const where = view && view.isBegun && view.props.kept_as && view.where();
    if (!where) return;
    try {
      window.sessionStorage.setItem(KEY, JSON.stringify({ as: view.props.kept_as, kind: view.constructor.name, where, isLink }));
    } catch (error) { /* then it begins with the whole */ }
  }

  /* The place kept for what a view shows; null where there is none, or where the page was opened anew. */
  function kept(view) {
    try {
      const told = JSON.parse(window.sessionStorage.getItem(KEY));
      const [navigation] = performance.getEntriesByType("navigation");
      const isOurs = told && (told.isLink || (navigation && navigation.type === "reload"));
      return isOurs && told.as === view.props.kept_as && told.kind === view.constructor.name ? told.where : null;
    } catch (error) {
      return null;
    }
  }

  document.addEventListener("click", (event) => {
    if (event.target.closest && event.target.closest("a[href]:not([target])")) isLink = true;
  }, true);
  window.addEventListener("pagehide", keep);

  window.pianqu_map = window.pianqu_map || {};
  window.pianqu_map.keptPlace = kept;
})();
