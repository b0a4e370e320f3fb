/* Where the map is: the street in its middle, with the way back to the whole city; nothing while all of it is seen. */
(function () {
  "use strict";
  let outlines = null; // promise of the streets

  async function streetAt(view) {
    const source = view.map.getSource("streets");
    if (!source || !view.bounds()) return null;
    outlines = outlines || source.getData();
    const { features } = await outlines;
    const { isInside, ringsOf } = window.pianqu_map.geometry;
    const { lng, lat } = view.map.getCenter();
    const at = features.find(({ geometry }) => ringsOf(geometry).some((ring) => isInside([lng, lat], ring)));
    return at ? at.properties.name : null;
  }

  async function tell(view) {
    const street = await streetAt(view);
    const crumbs = document.getElementById("crumbs");
    if (!crumbs || view.gone) return;
    crumbs.hidden = !street;
    crumbs.querySelector(".crumb-here").textContent = street || "";
  }

  document.addEventListener("pianqu-map", ({ target }) => {
    const { mapView } = target;
    if (!mapView.map || !target.closest("#map")) return; // the simple map shows units alone
    mapView.map.on("moveend", () => tell(mapView));
    tell(mapView);
  });
  document.addEventListener("click", (event) => {
    if (!event.target.closest || !event.target.closest(".crumb-whole")) return;
    const { map, props } = document.querySelector("#map .map-box").mapView;
    map.fitBounds(props.bounds, { padding: 24, duration: 0 });
    window.pianqu_keys.toMap();
  });
})();
