/* Parts of the page that a callback fills ([data-awaits] names its output) say that they wait, and that no answer
   came: the request of the callback is known by the ids of its outputs. */
(function () {
  "use strict";
  const FRAMES = 30; // a tab may be drawn a little later than it asks
  const plain = window.fetch;
  const newest = new Map();
  let asked = 0;

  function outputsOf(url, options) {
    if (!String(url && url.url ? url.url : url).includes("_dash-update-component")) return [];
    try {
      return [...new Set([JSON.parse(options.body).outputs].flat().map((output) => output && output.id))];
    } catch (error) {
      return [];
    }
  }

  function show(id, n, state, left) {
    if (newest.get(id) !== n) return; // asked again since
    const box = document.querySelector('[data-awaits="' + id + '"]');
    if (box && state) box.dataset.state = state;
    else if (box) delete box.dataset.state;
    else if (left > 0 && state) window.requestAnimationFrame(() => show(id, n, state, left - 1));
  }

  /* What waits elsewhere ends with a reason too, unless the page is being left. */
  let isLeaving = false;
  window.addEventListener("pagehide", () => { isLeaving = true; });
  window.addEventListener("beforeunload", () => { isLeaving = true; });
  function noAnswer() {
    const page = document.getElementById("page");
    if (!isLeaving && page) window.dash_clientside.set_props("notice", { children: page.dataset.noAnswer });
  }

  window.fetch = function (url, options) {
    const answer = plain.apply(this, arguments);
    answer.then((told) => told.status === 401 && window.location.assign("sign-in"), () => {}); // signed in for too long
    const ids = outputsOf(url, options).filter((id) => typeof id === "string");
    if (!ids.length) return answer;
    asked += 1;
    const n = asked;
    ids.forEach((id) => newest.set(id, n));
    const tell = (state) => ids.forEach((id) => show(id, n, state, FRAMES));
    const failed = () => {
      tell("failed");
      if (!ids.some((id) => document.querySelector('[data-awaits="' + id + '"]'))) noAnswer();
    };
    tell("loading");
    answer.then((told) => (told.ok ? tell(null) : failed()), failed);
    return answer;
  };
})();
