// Copies a message's HTML tag by tag, and keeps only the tags that Telegram supports.

import { button, el, icon } from "./dom.js";
import { anchor, isSafeAddress, linkifiedWithCommands } from "./links.js";

const PLAIN = new Set(["b", "i", "u", "s", "code", "pre"]);
const DROPPED = new Set(["script", "style", "template", "iframe", "object", "title"]);
const VERBATIM = "a, code, pre";
const KEY = /(⟦[^⟧]*⟧)/;

function spoiler() {
  const cover = document.createElement("span");
  const show = () => {
    cover.className = "spoiler shown";
    ["role", "tabindex", "aria-label"].forEach((name) => cover.removeAttribute(name));
  };
  cover.className = "spoiler";
  cover.setAttribute("role", "button");
  cover.setAttribute("aria-label", "Show the hidden text");
  cover.tabIndex = 0;
  cover.addEventListener("click", show);
  cover.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" && event.key !== " ") return;
    event.preventDefault();
    show();
  });
  return cover;
}

const TIME_FORMAT = /^w?[dD]?[tT]?$/;

/** Return the options of Intl for a date-time format of the Bot API (9.5), such as “Dt”. */
function timeOptions(format) {
  const day = { month: "long", day: "numeric", year: "numeric" };
  return {
    ...(format.includes("w") && { weekday: "long" }),
    ...(format.includes("D") && day),
    ...(format.includes("d") && { ...day, month: "2-digit", day: "2-digit", year: "2-digit" }),
    ...(/t/i.test(format) && { hour: "2-digit", minute: "2-digit", hourCycle: "h23" }),
    ...(format.includes("T") && { second: "2-digit" }),
  };
}

/** Show a time in the browser's time zone; its text stays where the format is none of these. */
function localTime(node) {
  const date = new Date(Number(node.getAttribute("unix")) * 1000);
  const format = node.getAttribute("format") ?? "";
  const shown = document.createElement("time");
  shown.setAttribute("datetime", date.toISOString());
  shown.title = node.textContent;
  if (format && TIME_FORMAT.test(format)) {
    node.textContent = new Intl.DateTimeFormat(navigator.language, timeOptions(format)).format(date);
  }
  return shown;
}

/** A quote with its line where its text begins: on the right in Arabic. */
function createQuote() {
  const quote = document.createElement("blockquote");
  quote.dir = "auto";
  return quote;
}

/**
 * A quote of which three lines are seen until it is pressed, as in Telegram, in a frame with a button.
 *
 * The quote itself is no button, since it may hold links. One that gets the focus unfolds it.
 */
function foldedQuote() {
  const quote = createQuote();
  const toggle = button({ class: "unfold", "aria-label": "Whole quote", lang: "en" }, icon("down"));
  const fold = (folded) => {
    quote.classList.toggle("folded", folded);
    toggle.setAttribute("aria-expanded", String(!folded));
  };
  fold(true);
  quote.addEventListener("click", () => fold(false));
  quote.addEventListener("focusin", () => fold(false));
  toggle.addEventListener("click", () => fold(!quote.classList.contains("folded")));
  el("div", { class: "fold" }, quote, toggle);
  return quote;
}

/** Return the new element for a tag, or null to keep only its content. */
function counterpart(node) {
  const name = node.localName;
  if (name === "blockquote" && node.hasAttribute("expandable")) return foldedQuote();
  if (name === "blockquote") return createQuote();
  if (PLAIN.has(name)) return document.createElement(name);
  if (name === "tg-spoiler") return spoiler();
  if (name === "tg-time") return localTime(node);
  const address = node.getAttribute("href") ?? "";
  if (name === "a" && isSafeAddress(address)) return anchor(address);
  return null;
}

function isBlock(node) {
  return node?.localName === "blockquote" || node?.localName === "pre";
}

/** Split a text at catalogue keys, ⟦like.this⟧, which get a style of their own. */
function withKeys(text) {
  return text.split(KEY).map((part) => KEY.test(part) ? keyName(part) : part);
}

function keyName(text) {
  const name = document.createElement("span");
  name.className = "key-name";
  name.append(text);
  return name;
}

function copyText(node, into) {
  // A block ends its line, so a line break after it would show as an empty line.
  const text = isBlock(node.previousSibling) ? node.data.replace(/^\n/, "") : node.data;
  const verbatim = node.parentElement.closest(VERBATIM);
  const nodes = verbatim ? [text] : linkifiedWithCommands(text);
  into.append(...nodes.flatMap((node) => typeof node === "string" ? withKeys(node) : node));
}

function copyNode(node, into) {
  if (node.nodeType === Node.TEXT_NODE) return copyText(node, into);
  if (node.nodeType !== Node.ELEMENT_NODE || DROPPED.has(node.localName)) return;
  const element = counterpart(node);
  node.childNodes.forEach((child) => copyNode(child, element ?? into));
  if (element) into.append(element.parentElement ?? element);  // with the frame of a folded quote
}

export function richText(html) {
  // Without an explicit body, the parser would drop leading line breaks.
  const parsed = new DOMParser().parseFromString(`<body>${html}`, "text/html");
  const fragment = document.createDocumentFragment();
  parsed.body.childNodes.forEach((node) => copyNode(node, fragment));
  return fragment;
}
