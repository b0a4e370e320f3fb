/* The path of five steps: which is open, and buttons that lead to a table or press another button. */
(function () {
  "use strict";
  const skip = () => window.dash_clientside.no_update;
  const EXPLORE = "explore";

  function markStep(open) {
    document.querySelectorAll("#steps .path-step").forEach((button) => {
      const name = JSON.parse(button.id).name;
      if (name === open) button.setAttribute("aria-current", "step");
      else button.removeAttribute("aria-current");
    });
  }

  window.dash_clientside = window.dash_clientside || {};
  window.dash_clientside.pianqu_steps = {
    /* A step leads to its page of controls; pressed once more, planning opens its form. */
    choose(_, __, step, mode, version) {
      const told = window.dash_clientside.callback_context.triggered[0];
      if (!told || !told.value) return [skip(), skip()];
      if (told.prop_id.startsWith("compare-open")) return ["plan", "compare"];
      const { name } = JSON.parse(told.prop_id.split(".")[0]);
      const isThere = step === "plan" && mode === EXPLORE;
      if (name !== "plan") window.dash_clientside.set_props("planner", { opened: false });
      if (name === "plan" && (isThere || version.endsWith(".-"))) window.dash_clientside.set_props("planner", { opened: true });
      if (name === "adjust") window.pianqu_keys.toMap(); // on the button, Enter would press it again
      return [name, name === "adjust" ? "edit" : EXPLORE];
    },
    /* The form is opened far from the button: whoever works by keyboard goes on in it. */
    toForm(opened, frames = 60) {
      document.documentElement.dataset.planner = opened ? "open" : "closed"; // the map ends where the form begins
      if (!opened) return;
      const first = [...document.querySelectorAll(".plan-panel :is(input, button)")].find((node) => node.getClientRects().length);
      if (first) first.focus();
      else if (frames > 0) window.requestAnimationFrame(() => window.dash_clientside.pianqu_steps.toForm(opened, frames - 1));
    },
    /* Adjusting is editing, whichever way one came there. */
    pageClass(mode, step) {
      const open = mode === "edit" ? "adjust" : mode === "compare" || step === "adjust" ? "plan" : step;
      markStep(open);
      return "page mode-" + mode + " step-" + open;
    },
  };

  document.addEventListener("click", (event) => {
    const button = event.target.closest && event.target.closest("[data-tab], [data-presses]");
    if (!button) return;
    if (button.dataset.tab) {
      window.dash_clientside.set_props("tabs", { value: button.dataset.tab });
      document.dispatchEvent(new CustomEvent("pianqu-tables"));
      return;
    }
    const other = document.getElementById(button.dataset.presses);
    if (!other) return;
    event.preventDefault();
    if (button.dataset.opens) window.dash_clientside.set_props(button.dataset.opens, { opened: true });
    other.click();
  });
})();
