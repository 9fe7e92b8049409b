// A message as Telegram shows it: a bubble with its time, and its buttons below.

import { fileUrl } from "./api.js";
import { button, clockTime, dayName, el, icon } from "./dom.js";
import { anchor } from "./links.js";
import { richText } from "./rich.js";

const MAX_PROGRESS_MS = 5000;
const CORNERS = { url: "link", copy: "copy" };

/** Show that a button press waits for its answer, until the answer or MAX_PROGRESS_MS. */
export function startProgress(key) {
  key.setAttribute("aria-busy", "true");
  setTimeout(() => endProgress(key), MAX_PROGRESS_MS);
}

export function endProgress(key) {
  key.removeAttribute("aria-busy");
}

function keyboardKey(key, press) {
  const corner = CORNERS[key.kind];
  const pressed = (event) => press(key, event.currentTarget);
  const title = key.kind === "url" ? key.url : null;
  const style = key.style ? `key ${key.style}` : "key";
  return button({ class: style, title, onclick: pressed },
    el("span", {}, key.text), corner ? icon(corner) : null);
}

function keyboard(rows, press) {
  const lines = rows.map((row) =>
    el("div", { class: "row" }, row.map((key) => keyboardKey(key, press))));
  return el("div", { class: "keyboard" }, lines);
}

function stamp(view, date) {
  const edited = view.edited ? el("span", { class: "edited" }, "edited") : null;
  return el("span", { class: "stamp", lang: "en" }, edited, edited ? " " : null, clockTime(date));
}

/** What a picture is, in words: the first line below it. */
function told(view) {
  const words = view.html ? richText(view.html).textContent : view.text;
  const line = (words ?? "").trim().split("\n")[0].slice(0, 120);
  return line ? `Picture: ${line}` : "Picture";
}

function picture(view) {
  const url = fileUrl(view.photo);
  const image = el("img", { src: url, alt: told(view), class: "picture" });
  const link = anchor(url, image);
  link.className = "picture-link";
  return link;
}

function voice() {
  // The heights of an invented waveform: the playground sends no sound.
  const wave = [5, 9, 14, 8, 17, 11, 6, 13, 18, 10, 15, 7, 12, 16, 9, 5, 11, 14, 8, 6];
  const bars = wave.map((height) => el("i", { class: `bar h${height}` }));
  return el("div", { class: "voice" }, el("span", { class: "play" }, icon("play")),
    el("span", { class: "wave", "aria-hidden": "true" }, bars),
    el("span", { class: "visually-hidden", lang: "en" }, "Voice message"));
}

function attachment({ kind, name }) {
  if (kind === "sticker") {
    return el("div", { class: "sticker" }, icon("sticker"),
      el("span", { class: "visually-hidden", lang: "en" }, "Sticker"));
  }
  if (kind === "voice") return voice();
  const face = { photo: "picture", video: "play", animation: "play" }[kind] ?? "file";
  return el("div", { class: `attachment ${kind}`, lang: "en" },
    icon(face), el("span", { dir: "auto" }, name || kind));
}

function bubble(view, date) {
  const content = view.html ? richText(view.html) : view.text;
  const text = content ? el("div", { class: "text", dir: "auto" }, content) : null;
  text?.append(stamp(view, date));
  return el("div", { class: "bubble" },
    view.photo ? picture(view) : null,
    view.kind ? attachment(view) : null,
    text ?? stamp(view, date));
}

/** Create the article of a message; `press(key, element)` is called when a button is pressed. */
export function messageArticle(view, names, press) {
  const date = new Date(view.date * 1000);
  const rows = (view.keyboard ?? []).filter((row) => row.length);
  const article = el("article", {
    class: `message ${view.mine ? "mine" : "theirs"}`,
    "data-message": view.message_id,
    "aria-label": view.mine ? names.person : names.bot,
  }, bubble(view, date), rows.length ? keyboard(rows, press) : null);
  article.classList.toggle("with-keyboard", rows.length > 0);
  article.classList.toggle("bare", view.kind === "sticker");
  article.classList.toggle("only-picture", Boolean(view.photo) && !view.text);
  article.dataset.onDay = dayName(date);
  return article;
}
