// The files that are about to be sent: they wait above the text, which becomes their caption.

import { button, el, icon } from "./dom.js";

const MOST = 10; // of an album (Bot API, sendMediaGroup)
const MOST_BYTES = 20 * 1024 * 1024;

/** What a file is sent as: the name of its field in the Bot API. */
function kindOf({ type }) {
  if (type === "image/gif") return "animation";
  if (/^image\/(jpeg|png|webp)$/.test(type)) return "photo";
  if (type === "audio/ogg") return "voice";
  return ["video", "audio"].find((kind) => type.startsWith(`${kind}/`)) ?? "document";
}

/** A file as the playground's server takes it. */
export function packed(file) {
  return new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.onload = () => resolve({
      kind: kindOf(file), name: file.name, content: reader.result.slice(reader.result.indexOf(",") + 1),
    });
    reader.onerror = () => reject(new Error(`${file.name} could not be read.`));
    reader.readAsDataURL(file);
  });
}

export class Attachments {
  /** `changed()` is told of every change; `refuse(words)` says why a file is left out. */
  constructor({ changed, refuse }) {
    Object.assign(this, { changed, refuse, files: [], addresses: [] });
    this.picker = el("input", { type: "file", multiple: true, hidden: true, onchange: () => this.picked() });
    this.button = button({
      class: "round attach", "aria-label": "Attach files", title: "Attach files",
      onclick: () => this.picker.click(),
    }, icon("clip"));
    this.element = el("ul", { class: "attached", "aria-label": "Attached files", hidden: true });
  }

  picked() {
    this.add([...this.picker.files]);
    this.picker.value = ""; // the same file may be picked again
  }

  add(files) {
    const all = [...this.files, ...files];
    const bytes = all.reduce((sum, file) => sum + file.size, 0);
    if (all.length > MOST) this.refuse(`At most ${MOST} files go at once.`);
    else if (bytes > MOST_BYTES) this.refuse("At most 20 MB go at once here.");
    else this.show(all);
  }

  /** Return the files, which then wait here no more. */
  take() {
    const files = this.files;
    this.show([]);
    return files;
  }

  show(files) {
    this.addresses.forEach((address) => URL.revokeObjectURL(address));
    this.addresses = [];
    this.files = files;
    this.element.hidden = !files.length;
    this.element.replaceChildren(...files.map((file) => this.item(file)));
    this.changed();
  }

  item(file) {
    const remove = button({
      class: "detach", "aria-label": `Remove ${file.name}`, title: "Remove",
      onclick: () => this.show(this.files.filter((other) => other !== file)),
    }, icon("close"));
    return el("li", {}, this.face(file), remove);
  }

  face(file) {
    if (!file.type.startsWith("image/")) {
      return el("span", { class: "file-face" }, icon("file"), el("span", { dir: "auto" }, file.name));
    }
    const address = URL.createObjectURL(file);
    this.addresses.push(address);
    return el("img", { src: address, alt: file.name });
  }
}
