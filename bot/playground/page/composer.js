// The foot of a chat: the text field with the bot's reply keyboard, “Start” in an empty chat, or
// “Unblock” in a blocked one.

import { Attachments } from "./attachments.js";
import { button, el, growing, icon, isSendKey } from "./dom.js";
import { Popup } from "./popup.js";

const MAX_LENGTH = 4096; // of a message (Bot API, sendMessage)

/** Divide a text into messages as Telegram's apps do: at the last line, else the last word that fits. */
function messagesOf(text) {
  const messages = [];
  let rest = text.trim();
  while (rest.length > MAX_LENGTH) {
    const room = rest.slice(0, MAX_LENGTH);
    const end = [room.lastIndexOf("\n"), room.lastIndexOf(" ")].find((at) => at > MAX_LENGTH / 2) ?? MAX_LENGTH;
    messages.push(rest.slice(0, end).trimEnd());
    rest = rest.slice(end).trimStart();
  }
  return [...messages, rest];
}

export class Composer {
  /**
   * `say(text)` and `send(files, caption)` resolve to false if the server refuses. `refuse(text)` is
   * called with the reason if files are refused before. `editLast()` is called on Arrow Up in an
   * empty text field.
   */
  constructor({ say, send, refuse, start, unblock, editLast }) {
    Object.assign(this, { say, send });
    this.commands = [];
    this.text = el("textarea", {
      "aria-label": "Message", placeholder: "Message", rows: 1, autocomplete: "off",
      onkeydown: (event) => this.onKeyDown(event, editLast), onpaste: (event) => this.onPaste(event),
    });
    this.fit = growing(this.text);
    this.menu = new Popup({
      name: "Commands", face: "/", className: "commands", entries: () => this.commandEntries(),
    });
    this.attachments = new Attachments({
      refuse, changed: () => {
        this.text.placeholder = this.attachments.files.length ? "Caption" : "Message";
        this.text.focus({ preventScroll: true });
      },
    });
    this.form = el("form", { class: "composer", onsubmit: (event) => this.submit(event) },
      this.attachments.element, this.menu.element, this.attachments.button, this.attachments.picker, this.text,
      el("button", { class: "round send", "aria-label": "Send message", title: "Send message" }, icon("send")));
    this.startButton = button({ class: "wide-key", onclick: start }, "Start");
    this.blockedBar = el("div", { class: "blocked", hidden: true },
      el("span", {}, "Bot blocked"),
      button({ class: "wide-key", onclick: unblock }, "Unblock"));
    this.keys = el("div", { class: "reply-keys", role: "group", "aria-label": "Answers", hidden: true });
    this.element = el("div", { class: "foot", lang: "en" },
      this.form, this.keys, this.startButton, this.blockedBar);
  }

  commandEntries() {
    if (!this.commands.length) return [{ label: "No commands here", disabled: true }];
    return this.commands.map(({ command, description }) => {
      const name = `/${command.replace(/^\//, "")}`;
      return { label: name, detail: description, run: () => this.say(name) };
    });
  }

  /** Show the rows of a reply keyboard; a key sends its label as a message. */
  showKeyboard(rows, lang) {
    this.keys.lang = lang;
    this.keys.replaceChildren(...rows.map((row) => el("div", { class: "row" },
      row.map((label) => button({ class: "reply-key", onclick: () => this.say(label) }, label)))));
  }

  onKeyDown(event, editLast) {
    if (isSendKey(event)) this.submit(event);
    else if (event.key === "ArrowUp" && !this.text.value) {
      event.preventDefault();
      editLast();
    }
  }

  onPaste(event) {
    const files = [...event.clipboardData.files];
    if (!files.length) return;
    event.preventDefault();
    this.attachments.add(files);
  }

  async submit(event) {
    event.preventDefault();
    const text = this.text.value;
    const hasFiles = this.attachments.files.length > 0;
    if (!text.trim() && !hasFiles) return;
    this.write("");
    const files = hasFiles ? this.attachments.take() : [];
    const accepted = await (hasFiles ? this.send(files, text) : this.sayAll(messagesOf(text)));
    // A refused message returns to the text field, unless the person is writing something else.
    if (accepted || this.text.value || this.attachments.files.length) return;
    this.write(text);
    if (hasFiles) this.attachments.show(files);
  }

  /** Send messages one after the other, until the server refuses one. */
  async sayAll(messages) {
    for (const message of messages) {
      if (!await this.say(message)) return false;
    }
    return true;
  }

  write(text) {
    this.text.value = text;
    this.fit();
  }

  show({ empty, blocked }) {
    const focused = this.element.contains(document.activeElement);
    this.blockedBar.hidden = !blocked;
    this.startButton.hidden = blocked || !empty;
    this.form.hidden = blocked || empty;
    this.keys.hidden = this.form.hidden || !this.keys.children.length;
    if (focused && document.activeElement === document.body) this.focus();
  }

  focus() {
    const shown = [...this.element.children].find((part) => !part.hidden);
    const target = shown.matches("button") ? shown : shown.querySelector("textarea, .wide-key");
    target.focus({ preventScroll: true });
  }
}
