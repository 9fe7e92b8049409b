// A chat's messages, oldest first. The log stays at the newest unless the reader has scrolled up, and
// returns there when the reader presses a button.

import { button, el, icon } from "./dom.js";
import { messageArticle } from "./message.js";

const NEAR_END_PX = 90;
const CALM = matchMedia("(prefers-reduced-motion: reduce)");

export class MessageLog {
  constructor(names, lang, press) {
    this.names = names;
    // Whoever presses a button wants to see what it does, even a little above the newest message.
    this.press = (key, element) => {
      this.atEnd = true;
      press(key, element);
    };
    this.shown = new Map();
    this.atEnd = true;
    this.element = el("div", {
      class: "log", role: "log", "aria-live": "polite", tabindex: "0",
      "aria-label": `Messages of ${names.person}`, lang,
    });
    this.down = button({
      class: "round down", "aria-label": "Scroll to newest", hidden: true, lang: "en",
      onclick: () => this.scrollToEnd(true),
    }, icon("down"));
    this.followEnd();
  }

  /** Stay at the newest message when pictures load and when the window is resized. */
  followEnd() {
    this.element.addEventListener("scroll", () => {
      const { scrollHeight, scrollTop, clientHeight } = this.element;
      // The window was resized, and the reader did not scroll: see the observer below.
      if (clientHeight !== this.height) return;
      this.atEnd = scrollHeight - scrollTop - clientHeight < NEAR_END_PX;
      this.down.hidden = this.atEnd;
    });
    this.element.addEventListener("load", () => this.settle(), true);
    new ResizeObserver(() => {
      this.height = this.element.clientHeight;
      this.settle();
    }).observe(this.element);
  }

  settle() {
    if (this.atEnd) this.scrollToEnd();
  }

  scrollToEnd(smooth = false) {
    const behavior = smooth && !CALM.matches ? "smooth" : "instant";
    this.element.scrollTo({ top: this.element.scrollHeight, behavior });
  }

  get empty() {
    return this.shown.size === 0;
  }

  get articles() {
    return [...this.element.children];
  }

  /** Show exactly these messages, and change only elements that differ. */
  sync(views) {
    const kept = new Set(views.map((view) => view.message_id));
    [...this.shown.keys()].filter((id) => !kept.has(id)).forEach((id) => this.remove(id));
    views.forEach((view) => this.put(view));
    this.settle();
  }

  /** Show a new or changed message; return true if it is new. */
  put(view) {
    const known = this.shown.get(view.message_id);
    if (known && JSON.stringify(known) === JSON.stringify(view)) return false;
    this.shown.set(view.message_id, view);
    const article = messageArticle(view, this.names, this.press);
    if (known) this.replace(this.find(view.message_id), article);
    else this.insert(article, view.message_id);
    this.markDays();
    if (view.mine && !known) this.scrollToEnd();
    this.settle();
    return !known;
  }

  find(id) {
    return this.articles.find((article) => article.dataset.message === String(id));
  }

  insert(article, id) {
    const after = this.articles.find((other) => Number(other.dataset.message) > id);
    this.element.insertBefore(article, after ?? null);
  }

  replace(old, article) {
    const focused = old.contains(document.activeElement) ? document.activeElement : null;
    old.replaceWith(article);
    if (focused) this.refocus(article, focused.textContent);
  }

  /** Keep the keyboard focus when an edit replaces the focused button. */
  refocus(article, label) {
    const keys = [...article.querySelectorAll(".key")];
    const target = keys.find((key) => key.textContent === label) ?? keys[0] ?? this.element;
    target.focus({ preventScroll: true });
  }

  remove(id) {
    this.shown.delete(id);
    const article = this.find(id);
    if (article?.contains(document.activeElement)) this.element.focus({ preventScroll: true });
    article?.remove();
    this.markDays();
  }

  clear() {
    this.shown.clear();
    this.element.replaceChildren();
    this.atEnd = true;
    this.down.hidden = true;
  }

  markDays() {
    let day = null;
    for (const article of this.articles) {
      if (article.dataset.onDay === day) delete article.dataset.newDay;
      else article.dataset.newDay = article.dataset.onDay;
      day = article.dataset.onDay;
    }
  }

  lastOfMine() {
    const mine = [...this.shown.values()].filter((view) => view.mine && view.text);
    return mine.sort((a, b) => a.message_id - b.message_id).at(-1) ?? null;
  }
}
