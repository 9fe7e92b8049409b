// One person's phone: their chat with the bot.

import { tellPerson } from "./api.js";
import { packed } from "./attachments.js";
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
  /** `openLink(address, chat)` follows a link; `changed(chat)` is told of a new message of the bot. */
  constructor(person, bot, { openLink, changed }) {
    Object.assign(this, { id: person.id, name: person.name, bot, openLink, changed });
    this.toasts = new Toasts();
    this.log = new MessageLog({ bot: bot.name, person: person.name }, person.language,
      (key, element) => this.press(key, element));
    this.composer = new Composer({
      say: (text) => this.tell("say", { text }),
      send: (files, caption) => this.send(files, caption),
      refuse: (words) => this.toasts.show(words, { lang: "en", mistake: true }),
      start: () => this.start(""),
      unblock: () => this.tell("block", { blocked: false }),
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

  /** Take over what the server knows of this person. */
  load(person) {
    this.setLanguage(person.language);
    this.blocked = person.blocked;
    this.composer.commands = person.commands;
    this.composer.offer(person.keyboard, person.language);
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

  tell(action, body) {
    return this.toasts.attempt(() => tellPerson(this.id, action, body));
  }

  send(files, caption) {
    return this.toasts.attempt(async () =>
      tellPerson(this.id, "files", { caption, files: await Promise.all(files.map(packed)) }));
  }

  start(payload) {
    return this.tell("start", { payload });
  }

  async press(key, element) {
    if (key.kind === "url") return this.openLink(key.url, this);
    if (key.kind === "copy") return this.copy(key.copy);
    // As in Telegram, a key that is under way cannot be pressed again.
    if (element.getAttribute("aria-busy")) return;
    startProgress(element);
    const message_id = Number(element.closest("article").dataset.message);
    const taken = await this.tell("press", { message_id, data: key.data });
    if (!taken) endProgress(element);
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
    else if (kind === "toast") this.answered(rest);
    else if (kind === "typing") this.type();
    else if (kind === "blocked") this.blocked = rest.blocked;
    else if (kind === "keyboard") this.composer.offer(rest.rows, this.language);
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

  answered({ text, alert }) {
    this.log.element.querySelectorAll("[aria-busy]").forEach(endProgress);
    if (!text) return;
    if (alert) showAlert(`${this.bot.name}, to ${this.name}`, text);
    else this.toasts.show(text);
  }

  type() {
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
