// Narrow screens show one column at a time, selected by tabs; wide ones show all side by side.

import { button, el } from "./dom.js";

const NARROW = matchMedia("(max-width: 760px)");

export class Tabs {
  /** `selected(panel)` is called when a tab is selected. */
  constructor(list, selected) {
    this.list = list;
    this.selected = selected;
    this.entries = [];
    this.current = null;
    list.addEventListener("keydown", (event) => this.onKeyDown(event));
    NARROW.addEventListener("change", () => this.arrange());
  }

  /** `panel` is a column; `face` its picture, `name` its short name, `detail` the line below that. */
  add(panel, face, name, detail) {
    const badge = el("span", { class: "badge", hidden: true });
    const tab = button({
      role: "tab", id: `tab-${panel.id}`, "aria-controls": panel.id,
      onclick: () => this.select(panel),
    }, el("span", { class: "tab-face" }, face, badge), el("span", { class: "tab-name" }, name),
    el("span", { class: "tab-detail" }, detail));
    this.entries.push({ panel, tab, badge, unseen: 0 });
    this.list.append(tab);
    this.current ??= panel;
  }

  clear() {
    this.entries = [];
    this.current = null;
    this.list.replaceChildren();
  }

  select(panel) {
    this.current = panel;
    this.arrange();
    this.selected(panel);
  }

  /** Make a column visible on any screen. */
  reveal(panel) {
    this.select(panel);
    panel.scrollIntoView({ block: "nearest", inline: "nearest" });
  }

  arrange() {
    const narrow = NARROW.matches;
    this.list.hidden = !narrow;
    for (const entry of this.entries) {
      const isSelected = entry.panel === this.current;
      entry.panel.hidden = narrow && !isSelected;
      if (narrow) entry.panel.setAttribute("role", "tabpanel");
      else entry.panel.removeAttribute("role");
      entry.tab.setAttribute("aria-selected", String(isSelected));
      entry.tab.tabIndex = isSelected ? 0 : -1;
      if (isSelected || !narrow) this.mark(entry, 0);
    }
  }

  /** Count something new in a column, if the column is hidden. */
  notify(panel) {
    const entry = this.entries.find((other) => other.panel === panel);
    if (entry?.panel.hidden) this.mark(entry, entry.unseen + 1);
  }

  mark(entry, unseen) {
    entry.unseen = unseen;
    entry.badge.hidden = unseen === 0;
    entry.badge.replaceChildren(String(unseen), el("span", { class: "visually-hidden" }, " new"));
  }

  onKeyDown(event) {
    const current = this.entries.findIndex((entry) => entry.tab === document.activeElement);
    const last = this.entries.length - 1;
    const steps = { ArrowRight: current + 1, ArrowLeft: current - 1, Home: 0, End: last };
    if (current < 0 || !(event.key in steps)) return;
    event.preventDefault();
    const next = this.entries.at(steps[event.key] % this.entries.length);
    this.select(next.panel);
    next.tab.focus();
  }
}
