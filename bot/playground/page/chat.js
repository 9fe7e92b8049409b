// One person's phone: their chat with the bot.

import { actAs } from "./api.js";
import { encodeFile } from "./attachments.js";
import { chatMenu } from "./chat-menu.js";
import { Composer } from "./composer.js";
import { avatar, el, icon } from "./dom.js";
import { copyText, showAlert, showCopy } from "./dialogs.js";
import { hint } from "./hints.js";
import { MessageLog } from "./log.js";
import { endProgress, startProgress } from "./message.js";
import { Toasts } from "./toasts.js";

const TYPING_MS = 5000;

export class Chat {
  /** `openLink(url, chat)` opens a link; `changed(chat)` is called after each new message of the bot. */
  constructor(person, bot, { openLink, changed }) {
    Object.assign(this, { id: person.id, name: person.name, bot, openLink, changed });
    this.toasts = new Toasts();
    this.log = new MessageLog({ bot: bot.name, person: person.name }, person.language,
      (key, element) => this.press(key, element));
    this.composer = new Composer({
      say: (text) => this.act("say", { text }),
      send: (files, caption) => this.send(files, caption),
      refuse: (text) => this.toasts.show(text, { lang: "en", mistake: true }),
      start: () => this.start(""),
      unblock: () => this.act("block", { blocked: false }),
      editLast: () => this.menu.editLast(),
    });
    this.menu = chatMenu(this);
    this.element = this.build(person);
    this.load(person);
  }

  build(person) {
    this.status = el("span", { class: "status" }, "bot");
    this.hint = hint(person, this.bot);
    const head = el("div", { class: "phone-head", lang: "en" },
      el("span", { class: "avatar of-bot", "aria-hidden": "true" }, icon("send")),
      el("div", { class: "who" }, el("span", { class: "bot-name" }, this.bot.name), this.status),
      this.menu.popup.element);
    const stage = el("div", { class: "stage" },
      this.log.element, this.hint, this.log.down, this.toasts.element);
    return el("section", {
      class: "column chat", id: `chat-${person.id}`, "data-person": person.id,
      "aria-label": person.name, lang: person.language,
    },
    el("div", { class: "caption", lang: "en" }, avatar(person.name, person.id),
      el("h2", { dir: "auto" }, person.name), el("span", { class: "role" }, person.role)),
    el("div", { class: "phone" }, head, stage, this.composer.element));
  }

  /** Show the server's state of this person. */
  load(person) {
    this.setLanguage(person.language);
    this.blocked = person.blocked;
    this.composer.commands = person.commands;
    this.composer.showKeyboard(person.keyboard, person.language);
    this.log.sync(person.chat);
    this.refresh();
  }

  refresh() {
    this.composer.show({ empty: this.log.empty, blocked: this.blocked });
    this.hint.hidden = !this.log.empty || this.blocked;
  }

  setLanguage(language) {
    this.language = language;
    this.element.lang = language;
    this.log.element.lang = language;
  }

  act(action, body) {
    return this.toasts.attempt(() => actAs(this.id, action, body));
  }

  send(files, caption) {
    return this.toasts.attempt(async () =>
      actAs(this.id, "files", { caption, files: await Promise.all(files.map(encodeFile)) }));
  }

  start(payload) {
    return this.act("start", { payload });
  }

  async press(key, element) {
    if (key.kind === "url") return this.openLink(key.url, this);
    if (key.kind === "copy") return this.copy(key.copy);
    // As in Telegram, a button cannot be pressed again while it waits for its answer.
    if (element.getAttribute("aria-busy")) return;
    startProgress(element);
    const message_id = Number(element.closest("article").dataset.message);
    const accepted = await this.act("press", { message_id, data: key.data });
    if (!accepted) endProgress(element);
  }

  async copy(text) {
    if (await copyText(text)) this.toasts.show("Copied to clipboard", { lang: "en" });
    else showCopy(text);
  }

  happened(event) {
    const { event: kind, person, ...rest } = event;
    if (kind === "message" || kind === "edited") this.receive(rest);
    else if (kind === "deleted") this.log.remove(rest.message_id);
    else if (kind === "cleared") this.log.clear();
    else if (kind === "toast") this.showAnswer(rest);
    else if (kind === "typing") this.showTyping();
    else if (kind === "blocked") this.blocked = rest.blocked;
    else if (kind === "keyboard") this.composer.showKeyboard(rest.rows, this.language);
    else if (kind === "commands") {
      this.composer.commands = rest.commands;
      if (rest.language) this.setLanguage(rest.language);
    }
    this.refresh();
  }

  receive(view) {
    const isNew = this.log.put(view);
    if (view.mine) return;
    this.stopTyping();
    if (isNew) this.changed(this);
  }

  showAnswer({ text, alert }) {
    this.log.element.querySelectorAll("[aria-busy]").forEach(endProgress);
    if (!text) return;
    if (alert) showAlert(`${this.bot.name} to ${this.name}`, text);
    else this.toasts.show(text);
  }

  showTyping() {
    clearTimeout(this.typingTimer);
    this.typingTimer = setTimeout(() => this.stopTyping(), TYPING_MS);
    const dots = [1, 2, 3].map(() => el("i"));
    this.status.className = "status typing";
    this.status.replaceChildren("typing", el("span", { class: "dots", "aria-hidden": "true" }, dots));
  }

  stopTyping() {
    clearTimeout(this.typingTimer);
    this.status.className = "status";
    this.status.replaceChildren("bot");
  }
}
