/* Two maps of the same place, one over the other, with a handle between them: left of it the upper
   map shows, right of it the lower one. They move together. */
(function () {
  "use strict";
  const STEP = 5; // percent a key moves the handle
  const PATIENCE_MS = 60000;

  class Swipe {
    constructor(lower, upper, box, handle) {
      this.box = box;
      this.handle = handle;
      this.share = 50;
      upper.goTo(lower.where());
      this.stop = lower.whenMoved(() => this.sync(lower, upper));
      upper.whenMoved(() => this.sync(upper, lower)); // it goes with its box
      handle.addEventListener("pointerdown", (event) => this.drag(event));
      handle.addEventListener("keydown", (event) => this.press(event));
      this.put(this.share);
    }

    sync(from, to) {
      if (this.moving) return; // the other one follows, and would be followed in turn
      this.moving = true;
      to.goTo(from.where());
      this.moving = false;
    }

    put(share) {
      this.share = Math.min(100, Math.max(0, share));
      const cut = "inset(0 " + (100 - this.share) + "% 0 0)";
      this.box.querySelector(".compare-other").style.clipPath = cut;
      this.handle.style.left = this.share + "%";
      this.handle.setAttribute("aria-valuenow", String(Math.round(this.share)));
    }

    drag(event) {
      this.handle.setPointerCapture(event.pointerId);
      const move = (now) => {
        const { left, width } = this.box.getBoundingClientRect();
        this.put((100 * (now.clientX - left)) / width);
      };
      const end = () => {
        this.handle.removeEventListener("pointermove", move);
        this.handle.removeEventListener("pointerup", end);
      };
      this.handle.addEventListener("pointermove", move);
      this.handle.addEventListener("pointerup", end);
      event.preventDefault();
    }

    press(event) {
      const step = { ArrowLeft: -STEP, ArrowRight: STEP, Home: -100, End: 100 }[event.key];
      if (!step) return;
      this.put(this.share + step);
      event.preventDefault();
      event.stopPropagation();
    }
  }

  let running = null;
  let asked = 0;

  function viewOf(element) {
    const box = element && element.querySelector(".map-box");
    return box && ["map", "lite"].includes(box.dataset.ready) ? box.mapView : null;
  }

  function start(children) {
    if (running) running.stop();
    running = null;
    asked += 1;
    if (!children || !children.length) return window.dash_clientside.no_update;
    const mine = asked;
    const began = performance.now();
    const attempt = () => {
      const box = document.getElementById("compare-map");
      const upper = box && viewOf(box.querySelector(".compare-other"));
      const lower = viewOf(document.querySelector(".map-view:not(.compare-map *)"));
      if (mine !== asked) return;
      if (box && upper && lower) {
        running = new Swipe(lower, upper, box, box.querySelector(".swipe-handle"));
        box.dataset.swipe = "on";
      } else if (performance.now() - began < PATIENCE_MS) {
        window.setTimeout(attempt, 100);
      }
    };
    attempt();
    return window.dash_clientside.no_update;
  }

  window.dash_clientside = window.dash_clientside || {};
  window.dash_clientside.pianqu_swipe = { start };
})();
