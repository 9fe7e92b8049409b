// A message's HTML, copied tag by tag: only what Telegram itself can show comes through.

import { anchor, isSafeAddress, linkifiedWithCommands } from "./links.js";

const PLAIN = new Set(["b", "i", "u", "s", "code", "pre", "blockquote"]);
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

/** The element a tag becomes, or null: then only its content is kept. */
function counterpart(node) {
  const name = node.localName;
  if (PLAIN.has(name)) return document.createElement(name);
  if (name === "tg-spoiler") return spoiler();
  const address = node.getAttribute("href") ?? "";
  if (name === "a" && isSafeAddress(address)) return anchor(address);
  return null;
}

function isBlock(node) {
  return node?.localName === "blockquote" || node?.localName === "pre";
}

/** The text with each of a translator's keys, ⟦like.this⟧, set apart from what is said. */
function withKeys(text) {
  return text.split(KEY).map((part) => KEY.test(part) ? keyName(part) : part);
}

function keyName(words) {
  const name = document.createElement("span");
  name.className = "key-name";
  name.append(words);
  return name;
}

function copyText(node, into) {
  // A block already ends its line: the newline after it would show as an empty one.
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
  if (element) into.append(element);
}

export function richText(html) {
  // Without an explicit body the parser would swallow leading line breaks.
  const parsed = new DOMParser().parseFromString(`<body>${html}`, "text/html");
  const fragment = document.createDocumentFragment();
  parsed.body.childNodes.forEach((node) => copyNode(node, fragment));
  return fragment;
}
