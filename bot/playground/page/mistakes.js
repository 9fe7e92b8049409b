// The banner that lists the mistakes in the campaign files.

import { el } from "./dom.js";

function item({ where, problem, fix }) {
  return el("li", {}, el("code", {}, where), el("span", { class: "problem" }, problem),
    fix ? el("span", { class: "fix" }, fix) : null);
}

export function showMistakes(banner, mistakes) {
  banner.hidden = mistakes.length === 0;
  const count = mistakes.length === 1 ? "1 mistake" : `${mistakes.length} mistakes`;
  const title = el("h2", {}, `${count} in the campaign files`);
  const reassurance = el("p", {}, "Supporters don’t see this: the bot still uses the last correct version. Fix the file and save it.");
  banner.replaceChildren(...(mistakes.length ? [title, el("ul", {}, mistakes.map(item)), reassurance] : []));
}
