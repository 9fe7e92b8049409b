// A button that opens a menu; arrow keys, Escape and a click elsewhere work as usual.

import { button, el } from "./dom.js";

export class Popup {
  /** `entries()` is called at each opening and returns [{label, detail, disabled, run}]. */
  constructor({ name, face, className, entries }) {
    this.entries = entries;
    this.button = button({
      class: `round ${className}-button`, "aria-label": name, title: name,
      "aria-haspopup": "menu", "aria-expanded": "false",
      onclick: () => this.toggle(),
    }, face);
    this.menu = el("div", { class: `menu ${className}`, role: "menu", "aria-label": name, hidden: true });
    // Safari does not focus a pressed button, so the menu would lose the focus and close.
    this.menu.addEventListener("pointerdown", (event) => event.preventDefault());
    this.element = el("div", { class: "popup", lang: "en" }, this.button, this.menu);
    this.element.addEventListener("keydown", (event) => this.onKeyDown(event));
    this.element.addEventListener("focusout", (event) => {
      if (!this.element.contains(event.relatedTarget)) this.close();
    });
  }

  get items() {
    return [...this.menu.querySelectorAll("[role=menuitem]")];
  }

  toggle() {
    if (!this.menu.hidden) return this.close();
    this.menu.replaceChildren(...this.entries().map((entry) => this.item(entry)));
    this.menu.hidden = false;
    this.button.setAttribute("aria-expanded", "true");
    this.items[0]?.focus();
  }

  close() {
    this.menu.hidden = true;
    this.button.setAttribute("aria-expanded", "false");
  }

  item({ label, detail, disabled, run }) {
    return button({
      role: "menuitem", tabindex: "-1", "aria-disabled": disabled ? "true" : null,
      onclick: () => {
        if (disabled) return;
        this.button.focus();
        this.close();
        run();
      },
    }, el("span", {}, label), detail ? el("small", {}, detail) : null);
  }

  onKeyDown(event) {
    if (this.menu.hidden) return;
    const items = this.items;
    const current = items.indexOf(document.activeElement);
    const steps = { ArrowDown: current + 1, ArrowUp: current - 1, Home: 0, End: items.length - 1 };
    if (event.key === "Escape") {
      this.button.focus();
      this.close();
    } else if (event.key in steps) {
      items.at(steps[event.key] % items.length)?.focus();
    } else return;
    event.preventDefault();
  }
}
