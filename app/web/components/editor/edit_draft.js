/* Edits that are not saved yet, kept in the browser so that a reload or a crash loses nothing. Each
   step is one entry, written before the next can be made; a draft belongs to one window. */
(function (root) {
  "use strict";

  const PREFIX = "pianqu-draft";

  class Drafts {
    /* storage: a Storage; family: what all versions of the plan share; base: the version edited;
       owner: this window. */
    constructor(storage, family, base, owner) {
      this.storage = storage;
      this.family = family;
      this.base = base;
      this.owner = owner;
      this.kept = [];
    }

    key(...parts) {
      return [PREFIX, this.family, this.base, this.owner, ...parts].join("/");
    }

    /* Keep the steps as they are now: only what changed is written. Returns whether there was room. */
    keep(steps, done, edit) {
      try {
        steps.forEach((step, n) => {
          if (this.kept[n] === step) return;
          this.storage.setItem(this.key("step", n), JSON.stringify(step));
        });
        for (let n = steps.length; n < this.kept.length; n += 1) this.storage.removeItem(this.key("step", n));
        this.kept = [...steps];
        this.storage.setItem(this.key("edit"), JSON.stringify(edit));
        this.storage.setItem(this.key("head"), JSON.stringify({ count: steps.length, done, at: Date.now() }));
        return true;
      } catch (error) {
        return false; // the browser's store is full or closed
      }
    }

    /* Drafts of this plan in this browser, the newest first: their own version's steps when they are
       of the version opened here, else only how they differ from theirs. */
    found() {
      const start = [PREFIX, this.family, ""].join("/");
      const heads = [];
      for (let at = 0; at < this.storage.length; at += 1) {
        const key = this.storage.key(at);
        if (key.startsWith(start) && key.endsWith("/head")) heads.push(key);
      }
      return heads
        .map((key) => this.read(key))
        .filter((draft) => draft !== null && draft.done > 0)
        .sort((a, b) => b.at - a.at);
    }

    read(headKey) {
      const [, , base, owner] = headKey.split("/");
      const at = (...parts) => [PREFIX, this.family, base, owner, ...parts].join("/");
      try {
        const head = JSON.parse(this.storage.getItem(headKey));
        const steps = Array.from({ length: head.count }, (_, n) => JSON.parse(this.storage.getItem(at("step", n))));
        if (steps.some((step) => step === null)) return null;
        return { base, owner, ...head, steps, edit: JSON.parse(this.storage.getItem(at("edit"))) };
      } catch (error) {
        return null;
      }
    }

    /* Forget a draft; this window's own when none is named. */
    drop(draft = this) {
      const start = [PREFIX, this.family, draft.base, draft.owner, ""].join("/");
      const keys = [];
      for (let at = 0; at < this.storage.length; at += 1) {
        const key = this.storage.key(at);
        if (key.startsWith(start)) keys.push(key);
      }
      keys.forEach((key) => this.storage.removeItem(key));
      if (draft.owner === this.owner && draft.base === this.base) this.kept = [];
    }
  }

  const parts = { Drafts };
  if (typeof module !== "undefined" && module.exports) module.exports = parts;
  else root.pianqu_edit = Object.assign(root.pianqu_edit || {}, parts);
})(typeof window === "undefined" ? globalThis : window);
