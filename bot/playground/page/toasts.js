// Short messages above a column, which disappear by themselves.

import { el } from "./dom.js";

const MIN_DURATION_MS = 4000;
const PER_CHARACTER_MS = 50;

export class Toasts {
  constructor() {
    this.element = el("div", { class: "toasts", role: "status" });
  }

  show(text, { lang = null, mistake = false } = {}) {
    const toast = el("p", { class: mistake ? "toast mistake" : "toast", lang }, text);
    this.element.append(toast);
    setTimeout(() => toast.remove(), MIN_DURATION_MS + text.length * PER_CHARACTER_MS);
  }

  /** Run `work` and show its error, if there is one. Resolve to true if there is none. */
  async attempt(work) {
    try {
      await work();
      return true;
    } catch (error) {
      this.show(error.message, { lang: "en", mistake: true });
      return false;
    }
  }
}
