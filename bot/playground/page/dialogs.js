// The page's dialogs: alerts, questions, and a preview of what would be shared.

import { button, el } from "./dom.js";

let count = 0;

function open(title, content, actions) {
  const id = `dialog-title-${++count}`;
  const form = el("form", { method: "dialog" },
    el("h2", { id }, title), content, el("div", { class: "actions" }, actions));
  const dialog = el("dialog", { "aria-labelledby": id }, form);
  const closed = new Promise((resolve) => {
    dialog.addEventListener("close", () => {
      resolve(dialog.returnValue);
      dialog.remove();
    });
  });
  document.body.append(dialog);
  dialog.showModal();
  return { dialog, closed };
}

const choice = (value, label, primary = false) =>
  el("button", { value, class: primary ? "primary" : null }, label);

const cancel = () => {
  // Not a submit button, so that Enter in a field does not cancel.
  return button({ onclick: (event) => event.target.closest("dialog").close("") }, "Cancel");
};

export function showAlert(title, text) {
  return open(title, [el("p", { class: "words" }, text)], [choice("ok", "OK", true)]).closed;
}

/** Ask for one value; `field` is an input, textarea or select. Resolves to null when cancelled. */
export async function ask(title, label, field, confirm) {
  const labelled = el("label", {}, el("span", {}, label), field);
  const { dialog, closed } = open(title, [labelled], [cancel(), choice("ok", confirm, true)]);
  field.focus();
  field.select?.();
  return (await closed) === "ok" ? field.value : null;
}

/** Resolve to whether the browser allowed copying; over plain http it refuses, except on localhost. */
export async function copyText(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return false;
  }
}

export function showCopy(text) {
  const field = el("textarea", { readonly: true, rows: 3 });
  field.value = text;
  return ask("Copy this", "Press Ctrl+C, or press and hold, to copy", field, "Done");
}

export function showShare({ text, link }) {
  const content = [text, link].filter(Boolean).join("\n");
  const copy = button({ class: "primary", onclick: async () => {
    if (await copyText(content)) copy.textContent = "Copied";
    else getSelection().selectAllChildren(shared);
  } }, "Copy");
  const shared = el("div", { class: "shared" },
    text ? el("p", { class: "words" }, text) : null,
    text ? "\n" : null,
    el("p", { class: "address" }, link));
  open("This would be shared", [shared], [choice("", "Close"), copy]);
}
