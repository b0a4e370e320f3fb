/* The legend of the areas counts the plan as it is edited. The page draws the legend anew with every theme: what
   it wrote itself comes back when editing ends. */
(function (root) {
  "use strict";

  class Legend {
    constructor(editor) {
      this.editor = editor;
      this.isOn = false;
      this.written = new Map(); // text of the page by class, where ours stands instead
      this.observer = new MutationObserver(() => this.show());
    }

    turn(on) {
      if (on === this.isOn) return;
      this.isOn = on;
      if (on) {
        this.observer.observe(document.getElementById("legend"), { childList: true, subtree: true, characterData: true });
        this.show();
      } else {
        this.observer.disconnect();
        this.written.forEach((text, name) => this.write(name, text));
        this.written.clear();
      }
    }

    show() {
      if (!this.isOn) return;
      const { model, text } = this.editor;
      Object.entries(model.counts()).forEach(([name, n]) => {
        const was = this.write(name, text.say("legend_count", { n: text.number(n) }));
        if (was !== null && !this.written.has(name)) this.written.set(name, was);
      });
      this.observer.takeRecords(); // of what was written here
    }

    /* The text that stood there; null where the legend has no such class. */
    write(name, text) {
      const node = document.querySelector("#legend .band-" + name + " .legend-count");
      if (!node) return null;
      const was = node.textContent;
      if (was !== text) node.textContent = text;
      return was;
    }
  }

  Object.assign(root.pianqu_edit, { Legend });
})(window);
