/* The keyboard of the editor: one table, from which the keys work and the help is written. */
(function (root) {
  "use strict";

  const typing = (node) => node.isContentEditable || /^(TEXTAREA|SELECT)$/.test(node.tagName)
    || (node.tagName === "INPUT" && !/^(radio|checkbox|range)$/.test(node.type));
  const pressing = (node) => /^(BUTTON|A|SUMMARY|OPTION)$/.test(node.tagName);

  /* [what the help shows, its text, keys as KEY or Ctrl+KEY, action]; ⇧ is told by the action, and
     false where it leaves the key to others. */
  const KEYS = [
    ["V", "key_pick", ["v"], (editor) => editor.chooseTool("pick")],
    ["L", "key_lasso", ["l"], (editor) => editor.chooseTool("lasso")],
    ["B", "key_brush", ["b"], (editor) => editor.chooseTool("brush")],
    ["[  ]", "key_size", ["[", "]"], (editor, event) => editor.resizeBrush(event.key === "]" ? 6 : -6)],
    ["F", "key_border", ["f"], (editor) => editor.chooseTool("border")],
    ["C", "key_cut", ["c"], (editor) => editor.chooseTool("cut")],
    ["← ↑ ↓ → · [  ]", "key_line", ["arrowleft", "arrowup", "arrowdown", "arrowright"], (editor, event) => editor.cutting.move(event)],
    ["M", "key_pan", ["m"], (editor) => editor.chooseTool("pan")],
    ["Space", "key_space", [], null],
    ["Shift · Alt", "key_how", [], null],
    ["1 – 9", "key_suggestion", [..."123456789"], (editor, event) => editor.aimNumber(Number(event.key))],
    ["T", "key_target", ["t"], (editor) => editor.aimAtPointer()],
    ["Enter", "key_assign", ["enter"], (editor) => editor.enter()],
    ["Del", "key_unassign", ["delete", "backspace"], (editor) => editor.unassign()],
    ["N", "key_new", ["n"], (editor) => editor.newArea()],
    ["G", "key_merge", ["g"], (editor) => editor.merge()],
    ["X", "key_split", ["x"], (editor) => editor.split()],
    ["A", "key_anchor", ["a"], (editor) => editor.setAnchor()],
    ["K · Shift K", "key_lock", ["k"], (editor, event) => (event.shiftKey ? editor.toggleAreaLock() : editor.toggleLock())],
    ["S", "key_select_area", ["s"], (editor) => editor.selectArea()],
    ["Esc", "key_escape", ["escape"], (editor) => editor.escape()],
    ["J · Shift J", "key_jump", ["j"], (editor, event) => editor.jump(event.shiftKey ? -1 : 1)],
    ["R", "key_repair", ["r"], (editor) => editor.proposeRepair()],
    ["Ctrl Z", "key_undo", ["ctrl+z"], (editor, event) => (event.shiftKey ? editor.redo() : editor.undo())],
    ["Ctrl Y · Ctrl Shift Z", "key_redo", ["ctrl+y"], (editor) => editor.redo()],
    ["Ctrl S", "key_save", ["ctrl+s"], (editor) => editor.askSave()],
    ["Home", "key_home", ["home"], (editor) => editor.showAll()],
    ["?", "key_help", ["?", "？"], (editor) => editor.showHelp()],
  ];

  const ACTIONS = new Map(KEYS.flatMap(([, , keys, action]) => keys.map((key) => [key, action])));

  /* Act on a key press; whether it was the editor's. */
  function press(editor, event) {
    const isCtrl = event.ctrlKey || event.metaKey;
    const key = (isCtrl ? "ctrl+" : "") + event.key.toLowerCase();
    const action = ACTIONS.get(key);
    if (!action || event.altKey || editor.hasDialog()) return false;
    const inField = typing(event.target);
    if (inField && key === "escape") {
      root.pianqu_keys.toMap();
      return true;
    }
    const passes = key === "ctrl+s" || (event.target.dataset.keys || "").split(" ").includes(key);
    if (inField && !passes) return false;
    if (pressing(event.target) && (key === "enter" || key === " ")) return false;
    if (event.target.closest(".ag-root") && key === "home") return false;
    if (event.target.closest("[role=separator]") && /^(arrow|home|end|enter)/.test(key)) return false; // the drawer's own
    return action(editor, event) !== false;
  }

  function listen(editor) {
    const down = (event) => {
      if (!editor.isOn || event.isComposing) return;
      const isFree = !typing(event.target) && !pressing(event.target) && !event.target.closest(".ag-root");
      if (event.key === " " && isFree) {
        event.preventDefault();
        editor.holdSpace(true);
      } else if (press(editor, event)) {
        event.preventDefault();
        event.stopPropagation();
      }
    };
    const up = (event) => {
      if (event.key === " ") editor.holdSpace(false);
    };
    document.addEventListener("keydown", down, true);
    document.addEventListener("keyup", up, true);
    return () => {
      document.removeEventListener("keydown", down, true);
      document.removeEventListener("keyup", up, true);
    };
  }

  root.pianqu_edit = Object.assign(root.pianqu_edit || {}, { listen, KEYS });
})(window);
