/* The tabs over the tables: where they do not all fit, arrows at the ends tell so and scroll. By keyboard the
   arrow keys go from tab to tab, and the strip follows. */
(function () {
  "use strict";
  const SHARE = 0.7; // of what is seen, a press

  function tell(strip, list) {
    const left = list.scrollLeft > 1;
    const right = list.scrollLeft + list.clientWidth < list.scrollWidth - 1;
    // both arrows stay while anything is cut off: the strip does not change its width under a focus
    strip.dataset.more = [left && "left", right && "right"].filter(Boolean).join(" ");
  }

  function begin() {
    const strip = document.querySelector(".tab-strip:not([data-more])");
    if (!strip) return;
    const list = strip.querySelector("[role=tablist]");
    if (!list) return;
    const now = () => tell(strip, list);
    list.addEventListener("scroll", now, { passive: true });
    list.addEventListener("wheel", (event) => {
      if (!event.deltaX && list.scrollWidth > list.clientWidth) list.scrollLeft += event.deltaY;
    }, { passive: true });
    new ResizeObserver(now).observe(list);
    strip.addEventListener("click", (event) => {
      const arrow = event.target.closest("button[data-scroll]");
      if (arrow) list.scrollBy({ left: Number(arrow.dataset.scroll) * SHARE * list.clientWidth });
      const tab = event.target.closest("[role=tab]");
      if (tab) tab.scrollIntoView({ block: "nearest", inline: "nearest" });
    });
    now();
    waiting.disconnect();
  }
  const waiting = new MutationObserver(begin);
  waiting.observe(document.documentElement, { childList: true, subtree: true });
})();
