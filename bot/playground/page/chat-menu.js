// The ⋮ menu of a chat: what a person can do in Telegram besides writing.

import { ask } from "./dialogs.js";
import { el, icon } from "./dom.js";
import { Popup } from "./popup.js";

const LANGUAGES = {
  "en": "English", "zh-hant": "繁體中文", "zh-hans": "简体中文", "pt": "Português",
  "pt-br": "Português (Brasil)", "es": "Español", "fr": "Français", "de": "Deutsch",
  "ar": "العربية", "ru": "Русский",
};

function languageField(current) {
  const known = current in LANGUAGES ? LANGUAGES : { ...LANGUAGES, [current]: current };
  const options = Object.entries(known).map(([code, name]) =>
    el("option", { value: code, selected: code === current }, `${name} (${code})`));
  return el("select", {}, options);
}

async function openDeepLink(chat) {
  const field = el("input", { type: "text", autocomplete: "off", spellcheck: "false", maxlength: 64 });
  const label = `t.me/${chat.bot.username}?start=`;
  const payload = await ask("Open a deep link", label, field, "Open");
  if (payload !== null) chat.start(payload.trim());
}

async function chooseLanguage(chat) {
  const title = "Telegram language";
  const label = `The language ${chat.name} has set in Telegram`;
  const language = await ask(title, label, languageField(chat.language), "Set");
  if (language !== null) chat.act("language", { language });
}

async function editLast(chat) {
  const last = chat.log.lastOfMine();
  if (!last) return;
  const field = el("textarea", { rows: 4 });
  field.value = last.text;
  const text = await ask("Edit message", `${chat.name}’s last message`, field, "Save");
  if (text !== null && text !== last.text) chat.act("edit", { message_id: last.message_id, text });
}

function entries(chat) {
  const disabled = chat.blocked;
  const keys = document.getElementById("show-keys");
  const send = (kind) => () => chat.act("other", { kind });
  return [
    { label: "Send a sticker", disabled, run: send("sticker") },
    { label: "Send a voice message", disabled, run: send("voice") },
    { label: "Open a deep link…", disabled, run: () => openDeepLink(chat) },
    { label: "Edit my last message…", disabled: disabled || !chat.log.lastOfMine(), run: () => editLast(chat) },
    { label: chat.blocked ? "Unblock the bot" : "Block the bot", run: () => chat.act("block", { blocked: !chat.blocked }) },
    { label: "Clear history", run: () => chat.act("clear", {}) },
    keys.hidden ? null
      : { label: keys.getAttribute("aria-pressed") === "true" ? "Hide keys" : "Show keys", run: () => keys.click() },
    { label: "Telegram language…", detail: chat.language, run: () => chooseLanguage(chat) },
  ].filter(Boolean);
}

export function chatMenu(chat) {
  const popup = new Popup({
    name: `More for ${chat.name}`, face: icon("more"), className: "more", entries: () => entries(chat),
  });
  return { popup, editLast: () => editLast(chat) };
}
