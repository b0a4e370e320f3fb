/* Where the map is: the street in its middle, with the way back to the whole city; nothing while all of it is seen. */
(function () {
  "use strict";
  let outlines = null; // promise of the streets

  /* The streets of a map: of the simple one they are there already. */
  async function readStreets({ map, data }) {
    const source = map && map.getSource("streets");
    return map ? source && source.getData() : data.streets;
  }

  async function streetAt(view) {
    if (!view.bounds()) return null;
    outlines = outlines || readStreets(view);
    const { features } = (await outlines) || { features: [] };
    const { isInside, ringsOf } = window.pianqu_map.geometry;
    const { center } = view.where();
    const at = features.find(({ geometry }) => ringsOf(geometry).some((ring) => isInside(center, ring)));
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
    if (!target.closest("#map")) return;
    (mapView.map || mapView.leaflet).on("moveend", () => tell(mapView));
    tell(mapView);
  });
  document.addEventListener("click", (event) => {
    if (!event.target.closest || !event.target.closest(".crumb-whole")) return;
    const { map, leaflet, props } = document.querySelector("#map .map-box").mapView;
    const [west, south, east, north] = props.bounds;
    if (map) map.fitBounds(props.bounds, { padding: 24, duration: 0 });
    else leaflet.fitBounds([[south, west], [north, east]], { animate: false });
    window.pianqu_keys.toMap();
  });
})();
