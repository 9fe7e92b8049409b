// Small helpers to build the page without ever parsing markup.

const SVG = "http://www.w3.org/2000/svg";

/** An element: attributes that start with "on" are listeners; false and null ones are left out. */
export function el(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (value === true) element.setAttribute(name, "");
    else if (value !== false && value != null) element.setAttribute(name, value);
  }
  element.append(...children.flat().filter((child) => child != null));
  return element;
}

/** A button that never submits by accident. */
export function button(attributes, ...children) {
  return el("button", { type: "button", ...attributes }, ...children);
}

export function icon(name) {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("class", `icon icon-${name}`);
  svg.setAttribute("aria-hidden", "true");
  const use = document.createElementNS(SVG, "use");
  use.setAttribute("href", `#icon-${name}`);
  svg.append(use);
  return svg;
}

export function initials(name) {
  const words = name.trim().split(/\s+/);
  // One Chinese character fills the circle as two letters do.
  if (/^\p{Script=Han}/u.test(name)) return [...words[0]][0];
  const letters = [words[0], words.length > 1 ? words.at(-1) : ""];
  return letters.map((word) => [...word][0] ?? "").join("").toUpperCase();
}

/** The first name; a Chinese name whole, since its first part is the family name. */
export function shortName(name) {
  return /^\p{Script=Han}/u.test(name) ? name.replaceAll(" ", "") : name.split(" ")[0];
}

/** One of seven avatar colours, steady for a person. */
export function tint(id) {
  return `tint-${Math.abs(Number(id)) % 7}`;
}

export function avatar(name, id) {
  return el("span", { class: `avatar ${tint(id)}`, "aria-hidden": "true" }, initials(name));
}

const CLOCK = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit" });
const DAY = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "long", year: "numeric" });

export function clockTime(date) {
  return el("time", { datetime: date.toISOString(), title: date.toString() }, CLOCK.format(date));
}

export function dayName(date) {
  const today = DAY.format(new Date());
  const day = DAY.format(date);
  return day === today ? "Today" : day;
}

/** A textarea as high as its words, up to the max-height the stylesheet gives it. */
export function growing(textarea) {
  const fit = () => {
    textarea.style.height = "auto";
    // A hidden textarea measures 0 and would stay flat once it is shown.
    textarea.style.height = textarea.scrollHeight ? `${textarea.scrollHeight}px` : "";
  };
  textarea.addEventListener("input", fit);
  return fit;
}

/** True for the Enter that means "send": not Shift+Enter, not the one that picks a Chinese word. */
export function isSendKey(event) {
  const composing = event.isComposing || event.keyCode === 229;
  return event.key === "Enter" && !event.shiftKey && !composing;
}
