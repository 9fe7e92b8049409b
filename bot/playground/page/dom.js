// Small helpers that create the page's elements, without parsing HTML.

const SVG = "http://www.w3.org/2000/svg";

/** Create an element. Attributes that begin with “on” are listeners; false and null ones are skipped. */
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

/** Create a button that does not submit forms. */
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
  // One Chinese character is as wide as two letters.
  if (/^\p{Script=Han}/u.test(name)) return [...words[0]][0];
  const letters = [words[0], words.length > 1 ? words.at(-1) : ""];
  return letters.map((word) => [...word][0] ?? "").join("").toUpperCase();
}

/** Return the first name, or a whole Chinese name, since it begins with the family name. */
export function shortName(name) {
  return /^\p{Script=Han}/u.test(name) ? name.replaceAll(" ", "") : name.split(" ")[0];
}

/** Return the class of one of seven avatar colours, always the same for a person. */
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

/** Let a textarea grow with its text, up to its max-height; return the function that fits it. */
export function growing(textarea) {
  const fit = () => {
    textarea.style.height = "auto";
    // While hidden, a textarea has the height 0, and would keep it.
    textarea.style.height = textarea.scrollHeight ? `${textarea.scrollHeight}px` : "";
  };
  textarea.addEventListener("input", fit);
  return fit;
}

/** Return true for the Enter that sends: without Shift, and not the Enter of an input method. */
export function isSendKey(event) {
  const composing = event.isComposing || event.keyCode === 229;
  return event.key === "Enter" && !event.shiftKey && !composing;
}
