// The inbox: all email from the bot, newest first, each with a field to reply.

import { rawSource, replyToMail } from "./api.js";
import { el, growing, icon, isSendKey } from "./dom.js";
import { linkified } from "./links.js";
import { Toasts } from "./toasts.js";

const WHEN = new Intl.DateTimeFormat("en-GB", {
  day: "numeric", month: "short", hour: "2-digit", minute: "2-digit",
});

/** Show a mailbox as mail programs do: the name, and the address below. */
function mailbox(text) {
  const [, name, address] = /^"?(.*?)"?\s*<([^<>]+)>$/.exec(text) ?? [null, "", text];
  return [name ? el("span", { dir: "auto" }, name) : null, el("span", { class: "address" }, address)];
}

function fingerprint({ from, to, subject, date, text }) {
  return JSON.stringify([from, to, subject, date, text]);
}

export class Inbox {
  constructor(changed) {
    this.changed = changed;
    this.known = new Map();
    this.toasts = new Toasts();
    this.list = el("div", { class: "mails", role: "log", "aria-live": "polite", "aria-label": "Emails", tabindex: "0" });
    this.hint = el("p", { class: "hint" }, "No email yet. Email from the bot arrives here.");
    this.count = el("span", { class: "role" });
    this.element = el("section", { class: "column inbox", id: "inbox", "data-inbox": true, "aria-label": "Inbox" },
      el("div", { class: "caption" }, el("span", { class: "avatar of-mail", "aria-hidden": "true" }, icon("mail")),
        el("h2", {}, "Inbox"), this.count),
      el("div", { class: "phone" },
        el("div", { class: "stage" }, this.list, this.hint, this.toasts.element)));
  }

  load(mails) {
    // A restarted playground counts from 1 again: the same id can be another email.
    const sent = new Map(mails.map((mail) => [mail.id, fingerprint(mail)]));
    if ([...this.known].some(([id, mark]) => sent.get(id) !== mark)) this.clear();
    mails.forEach((mail) => this.add(mail));
    this.refresh();
  }

  clear() {
    this.known.clear();
    this.list.replaceChildren();
  }

  receive(mail) {
    if (!this.add(mail)) return;
    this.refresh();
    this.changed();
  }

  /** Add an email on top; return false if it is shown already. */
  add(mail) {
    if (this.known.has(mail.id)) return false;
    this.known.set(mail.id, fingerprint(mail));
    this.list.prepend(this.article(mail));
    return true;
  }

  refresh() {
    const count = this.known.size;
    this.hint.hidden = count > 0;
    this.count.textContent = count === 1 ? "1 email" : `${count} emails`;
  }

  article(mail) {
    const date = new Date(mail.date);
    const when = el("time", { datetime: mail.date, title: date.toString() }, WHEN.format(date));
    const line = (name, value) => el("div", {}, el("dt", {}, name), el("dd", {}, value));
    return el("article", { class: "mail", "data-mail": mail.id },
      el("h3", {}, mail.subject || "(no subject)"),
      el("dl", {}, line("From", mailbox(mail.from)), line("To", mailbox(mail.to)), line("Date", when)),
      el("div", { class: "mail-text" }, linkified(mail.text)),
      this.source(mail),
      this.replyForm(mail));
  }

  source(mail) {
    const raw = el("pre", { tabindex: "0" });
    const details = el("details", { ontoggle: async () => {
      if (!details.open || raw.textContent) return;
      await this.toasts.attempt(async () => { raw.textContent = await rawSource(mail.id); });
    } }, el("summary", {}, "Raw source"), raw);
    return details;
  }

  replyForm(mail) {
    const text = el("textarea", {
      rows: 1, "aria-label": "Reply", placeholder: "Reply",
      onkeydown: (event) => { if (isSendKey(event)) send(event); },
    });
    const fit = growing(text);
    const send = async (event) => {
      event.preventDefault();
      if (!text.value.trim()) return;
      if (!await this.toasts.attempt(() => replyToMail(mail.id, text.value))) return;
      text.value = "";
      fit();
      this.toasts.show("Reply sent");
    };
    return el("form", { class: "composer", onsubmit: send }, text,
      el("button", { class: "round send", "aria-label": "Send reply", title: "Send reply" }, icon("send")));
  }
}
