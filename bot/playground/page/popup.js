// A button that opens a menu: arrow keys, Escape, and a click elsewhere behave as in any menu.

import { button, el } from "./dom.js";

export class Popup {
  /** `entries()` is asked at each opening: [{label, detail, disabled, run}] */
  constructor({ name, face, className, entries }) {
    this.entries = entries;
    this.button = button({
      class: `round ${className}-button`, "aria-label": name, title: name,
      "aria-haspopup": "menu", "aria-expanded": "false",
      onclick: () => this.toggle(),
    }, face);
    this.menu = el("div", { class: `menu ${className}`, role: "menu", "aria-label": name, hidden: true });
    // Safari does not focus a pressed button: the menu would lose focus and close under the finger.
    this.menu.addEventListener("pointerdown", (event) => event.preventDefault());
    this.element = el("div", { class: "popup", lang: "en" }, this.button, this.menu);
    this.element.addEventListener("keydown", (event) => this.steer(event));
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

  steer(event) {
    if (this.menu.hidden) return;
    const items = this.items;
    const here = items.indexOf(document.activeElement);
    const steps = { ArrowDown: here + 1, ArrowUp: here - 1, Home: 0, End: items.length - 1 };
    if (event.key === "Escape") {
      this.button.focus();
      this.close();
    } else if (event.key in steps) {
      items.at(steps[event.key] % items.length)?.focus();
    } else return;
    event.preventDefault();
  }
}
