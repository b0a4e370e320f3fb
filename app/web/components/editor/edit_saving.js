/* Keeping what was edited: drafts that are offered again, versions that are saved, and what happens
   when somebody else was quicker. */
(function (root) {
  "use strict";

  const edit = root.pianqu_edit;
  const ASK_MS = 250; // how long other windows have to say that a draft is theirs
  const VERIFY_MS = 2000;
  const FILE_MS = 60_000; // how long a file may take to reach the disk
  const AGAIN = "pianqu-again"; // a draft to be put onto the page that is loaded next
  const MODE = "pianqu-mode"; // the way of working after a reload

  class Saving {
    constructor(editor) {
      this.editor = editor;
      this.owner = windowName();
      this.isKept = true;
      this.listen();
      this.leaving = (event) => {
        if (!this.isKept && editor.model && editor.isDirty()) event.preventDefault();
      };
      window.addEventListener("beforeunload", this.leaving);
    }

    stop() {
      window.removeEventListener("beforeunload", this.leaving);
      if (this.channel) this.channel.close();
    }

    /* ---- drafts ---- */

    take(start) {
      this.saved = start.saved;
      this.drafts = new edit.Drafts(window.localStorage, start.family, start.base, this.owner);
      this.savedEdit = JSON.stringify(this.editor.model.edit());
    }

    keep() {
      const { model } = this.editor;
      const was = this.isKept;
      this.isKept = this.drafts.keep(model.steps, model.done, model.edit());
      if (was && !this.isKept) this.editor.panel.ask(this.editor.text.say("told_draft_full"), [[this.way(), () => this.ask()], ["close", () => {}]]);
    }

    /* Other windows are asked which drafts they are working on; those stay theirs. */
    listen() {
      if (!window.BroadcastChannel) return;
      this.channel = new BroadcastChannel("pianqu-edit");
      this.alive = new Set();
      this.channel.onmessage = ({ data }) => {
        if (data.ask) this.channel.postMessage({ mine: this.owner });
        else this.alive.add(data.mine);
      };
    }

    async offer() {
      const { editor } = this;
      const again = takeNote();
      let found = this.drafts.found();
      if (found.some((draft) => draft.owner === this.owner)) this.becomeOther();
      if (found.length && this.channel) {
        this.channel.postMessage({ ask: true });
        await new Promise((resolve) => { window.setTimeout(resolve, ASK_MS); });
        found = found.filter((draft) => !this.alive.has(draft.owner));
      }
      const [draft] = again ? found.filter((one) => one.owner === again) : found;
      if (!draft || editor.model.done) return;
      if (again) {
        this.resume(draft);
        return;
      }
      const when = new Date(draft.at).toLocaleString(editor.props.language === "zh" ? "zh-CN" : "en-GB", { hour12: false });
      const key = draft.base === editor.base ? "draft_found" : "draft_found_older";
      editor.panel.ask(editor.text.say(key, { n: draft.done, at: when }), [
        ["resume", () => this.resume(draft)],
        ["discard", () => this.drafts.drop(draft)],
      ]);
      editor.tell(editor.text.say(key, { n: draft.done, at: when }));
    }

    /* A draft on offer is not overwritten: this window goes on under another name. */
    becomeOther() {
      this.owner = windowName(true);
      this.drafts.owner = this.owner;
    }

    resume(draft) {
      const { editor } = this;
      const { model } = editor;
      if (model.done) editor.goTo(0);
      const isSame = draft.base === editor.base && model.restore(draft.steps, draft.done);
      if (isSame) editor.changed(model.steps, editor.text.say("told_resumed", { n: draft.done }));
      else editor.finish(model.adopt("reapply", draft.edit), []);
      this.drafts.drop(draft);
    }

    /* ---- versions ---- */

    isDirty() {
      return JSON.stringify(this.editor.model.edit()) !== this.savedEdit;
    }

    /* How an edit is kept: by the server, or in a file where it may write nothing. */
    way() {
      return this.editor.props.readOnly ? "download" : "save";
    }

    async download() {
      const { editor } = this;
      const { status, told } = await editor.post("edit/document", editor.body()).catch(() => ({ status: 0, told: {} }));
      if (status !== 200) {
        this.failed(told);
        return;
      }
      const url = URL.createObjectURL(new Blob([JSON.stringify(told, null, 1) + "\n"], { type: "application/json" }));
      edit.make("a", { href: url, download: "PLAN.json" }).click();
      window.setTimeout(() => URL.revokeObjectURL(url), FILE_MS);
      editor.tell(editor.text.say("told_downloaded"));
    }

    steps() {
      const { model, text } = this.editor;
      return model.steps.slice(0, model.done).map((step) => text.step(model, step));
    }

    ask(asNew = null) {
      const { editor } = this;
      if (editor.hasDialog() || this.isSaving) return;
      if (asNew === null && !this.isDirty()) {
        editor.tell(editor.text.say("nothing_unsaved"));
        return;
      }
      if (editor.props.readOnly) {
        this.download();
        return;
      }
      const name = asNew === null && this.saved ? null : editor.text.say("copy_of", { name: this.saved ? this.saved.plan_name : "" });
      edit.askSave(editor.text, { name, sentence: asNew, steps: this.steps() }, (told) => this.save(told));
    }

    async save({ author, note, name }) {
      const { editor } = this;
      this.isSaving = true;
      editor.panel.render();
      const whole = JSON.stringify(editor.model.edit());
      const parent = this.saved ? { plan_id: this.saved.plan_id, number: this.saved.number } : null;
      const body = { ...editor.body(), author, note, name, parent, steps: this.steps() };
      const { status, told } = await editor.post("edit/save", body).catch(() => ({ status: 0, told: {} }));
      this.isSaving = false;
      if (status === 200) this.done(told, whole);
      else if (told.newer) this.conflict(told);
      else this.failed(told);
      editor.panel.render();
    }

    done(told, whole) {
      const { editor } = this;
      this.saved = told.version;
      this.savedEdit = whole;
      if (!this.isDirty()) this.drafts.drop();
      window.history.replaceState(null, "", told.version.address); // a reload opens what was saved
      window.dash_clientside.set_props(editor.props.id, { saved: told.version.id }); // the header follows
      editor.tell(editor.text.say("told_saved", { plan: told.version.plan_name, n: told.version.number }));
      this.verdict = editor.text.say("verifying");
      this.verify(told.version.id);
    }

    failed(told) {
      const { editor } = this;
      const sentence = told.sentence || editor.text.say("told_not_saved");
      editor.panel.ask(sentence, [[this.way(), () => this.ask()], ["close", () => {}]]);
      editor.tell(sentence);
    }

    /* Somebody else saved a newer version: nothing is overwritten, the planner chooses. */
    conflict({ sentence, newer }) {
      const { editor } = this;
      editor.panel.ask(sentence, [
        ["reapply", () => {
          leaveNote(this.owner);
          window.location.assign(newer.address);
        }],
        ["look_theirs", () => {
          window.open(newer.address, "_blank", "noopener");
          this.conflict({ sentence, newer });
        }],
        ["save_as", () => this.ask(sentence)],
      ]);
      editor.tell(sentence);
    }

    /* The independent check takes its time; its verdict is shown when it is there. */
    async verify(version) {
      const { editor } = this;
      const answer = await fetch("edit/verified/" + encodeURIComponent(version)).catch(() => null);
      if (this.saved.id !== version) return;
      if (!answer || answer.status === 202) {
        window.setTimeout(() => this.verify(version), VERIFY_MS);
        return;
      }
      const told = await answer.json();
      this.verdict = told.sentence;
      editor.panel.render();
      editor.tell(told.sentence);
    }
  }

  /* The name of this window: it survives a reload, and no other window has it. */
  function windowName(isNew = false) {
    const fresh = () => Math.random().toString(36).slice(2, 12);
    try {
      const name = (!isNew && window.sessionStorage.getItem("pianqu-window")) || fresh();
      window.sessionStorage.setItem("pianqu-window", name);
      return name;
    } catch (error) {
      return fresh();
    }
  }

  function leaveNote(owner) {
    try {
      window.sessionStorage.setItem(AGAIN, owner);
    } catch (error) { /* then the draft is offered instead of put back at once */ }
  }

  function takeNote() {
    try {
      const owner = window.sessionStorage.getItem(AGAIN);
      window.sessionStorage.removeItem(AGAIN);
      return owner;
    } catch (error) {
      return null;
    }
  }

  /* The page is loaded again in the way of working it was to change to. */
  function reloadIn(mode) {
    try {
      window.sessionStorage.setItem(MODE, mode);
    } catch (error) { /* then it begins as always */ }
    window.location.reload();
  }

  /* The way of working this page was loaded for; null = none. */
  function expectedMode() {
    try {
      const mode = window.sessionStorage.getItem(AGAIN) !== null ? "edit" : window.sessionStorage.getItem(MODE);
      window.sessionStorage.removeItem(MODE);
      return mode;
    } catch (error) {
      return null;
    }
  }

  Object.assign(edit, { Saving, expectedMode, reloadIn });
})(window);
