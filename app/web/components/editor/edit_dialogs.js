/* The dialogs of the editor: its keys, and what is asked before a version is saved. */
(function (root) {
  "use strict";

  const { make, KEYS } = root.pianqu_edit;

  function open(title, ...content) {
    const box = make("dialog", { class: "edit-dialog", "aria-label": title }, make("h2", {}, title), ...content);
    box.addEventListener("close", () => box.remove());
    document.body.append(box);
    box.showModal();
    return box;
  }

  function rows(text, keys) {
    return keys.map(([shown, key]) => make("tr", {}, make("th", { scope: "row" }, make("kbd", {}, shown)), make("td", {}, text.say(key))));
  }

  function showHelp(text) {
    const table = (keys) => make("table", { class: "edit-keys" }, make("tbody", {}, rows(text, keys)));
    const half = Math.ceil(KEYS.length / 2);
    const box = open(text.say("help_title"),
      make("div", { class: "edit-columns" }, table(KEYS.slice(0, half)), table(KEYS.slice(half))),
      make("h3", {}, text.say("help_elsewhere")), document.querySelector("#page-keys table").cloneNode(true),
      make("form", { method: "dialog" }, make("button", { class: "edit-button primary" }, text.say("do_close"))));
    return box;
  }

  /* Ask who saves and what they say of it; `name` is asked where it becomes a plan of its own. */
  function askSave(text, { name, sentence, steps }, save) {
    const field = (key, attributes, kind = "input") => {
      const input = make(kind, { ...attributes, "aria-label": text.say(key) });
      return [make("label", {}, make("span", {}, text.say(key)), input), input];
    };
    const [authorRow, author] = field("author", { type: "text", maxlength: 60, value: remembered(), required: true });
    const [noteRow, note] = field("note", { rows: 3, maxlength: 2000 }, "textarea");
    const [nameRow, plan] = field("plan_name", { type: "text", maxlength: 80, value: name || "", required: true });
    const form = make("form", { method: "dialog", class: "edit-form" },
      sentence ? make("p", {}, sentence) : null, name === null ? null : nameRow, authorRow, noteRow,
      make("details", {}, make("summary", {}, text.say("steps_kept", { n: steps.length })), make("ol", { class: "small" }, steps.map((step) => make("li", {}, step)))),
      make("div", { class: "edit-row" },
        make("button", { class: "edit-button primary", value: "save" }, text.say("do_save")),
        make("button", { class: "edit-button", value: "", formnovalidate: true }, text.say("do_cancel"))));
    const box = open(text.say(name === null ? "save_title" : "save_as_title"), form);
    box.addEventListener("close", () => {
      if (box.returnValue !== "save") return;
      document.cookie = "author=" + encodeURIComponent(author.value.trim()) + "; path=/; max-age=31536000; samesite=lax"; // as page.js signs
      save({ author: author.value, note: note.value, name: name === null ? null : plan.value });
    });
    note.addEventListener("keydown", (event) => {
      if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) form.requestSubmit(form.querySelector("[value=save]"));
    });
    (author.value ? note : author).focus();
    return box;
  }

  /* Who signs: what the menu of plans asks as well. */
  function remembered() {
    const kept = document.cookie.split("; ").find((part) => part.startsWith("author="));
    return kept ? decodeURIComponent(kept.slice("author=".length)) : "";
  }

  Object.assign(root.pianqu_edit, { showHelp, askSave });
})(window);
