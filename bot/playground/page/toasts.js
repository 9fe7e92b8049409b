// Short notes over a column.

import { el } from "./dom.js";

const SHORTEST_MS = 4000;
const PER_LETTER_MS = 50;

export class Toasts {
  constructor() {
    this.element = el("div", { class: "toasts", role: "status" });
  }

  show(text, { lang = null, mistake = false } = {}) {
    const toast = el("p", { class: mistake ? "toast mistake" : "toast", lang }, text);
    this.element.append(toast);
    setTimeout(() => toast.remove(), SHORTEST_MS + text.length * PER_LETTER_MS);
  }

  /** Do something, and say here what went wrong. True when it went well. */
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
