// The files to be sent with the next message: shown above the text field, whose text is the caption.

import { button, el, icon } from "./dom.js";

const MAX_FILES = 10; // in an album (Bot API, sendMediaGroup)
const MAX_BYTES = 20 * 1024 * 1024;

/** The kind that a file is sent as: the name of its field in the Bot API's Message. */
function kindOf({ type }) {
  if (type === "image/gif") return "animation";
  if (/^image\/(jpeg|png|webp)$/.test(type)) return "photo";
  if (type === "audio/ogg") return "voice";
  return ["video", "audio"].find((kind) => type.startsWith(`${kind}/`)) ?? "document";
}

/** Resolve to a file as the playground's server expects it. */
export function encodeFile(file) {
  return new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.onload = () => resolve({
      kind: kindOf(file), name: file.name, content: reader.result.slice(reader.result.indexOf(",") + 1),
    });
    reader.onerror = () => reject(new Error(`${file.name} can’t be read.`));
    reader.readAsDataURL(file);
  });
}

export class Attachments {
  /** `changed()` is called after each change, `refuse(text)` with the reason if files are refused. */
  constructor({ changed, refuse }) {
    Object.assign(this, { changed, refuse, files: [], urls: [] });
    this.picker = el("input", { type: "file", multiple: true, hidden: true, onchange: () => this.picked() });
    this.button = button({
      class: "round attach", "aria-label": "Attach files", title: "Attach files",
      onclick: () => this.picker.click(),
    }, icon("clip"));
    this.element = el("ul", { class: "attached", "aria-label": "Attached files", hidden: true });
  }

  picked() {
    this.add([...this.picker.files]);
    this.picker.value = ""; // so that the same file can be picked again
  }

  add(files) {
    const all = [...this.files, ...files];
    const bytes = all.reduce((sum, file) => sum + file.size, 0);
    if (all.length > MAX_FILES) this.refuse(`You can send up to ${MAX_FILES} files at once.`);
    else if (bytes > MAX_BYTES) this.refuse("You can send up to 20 MB at once here.");
    else this.show(all);
  }

  /** Return the files and remove them from the list. */
  take() {
    const files = this.files;
    this.show([]);
    return files;
  }

  show(files) {
    this.urls.forEach((url) => URL.revokeObjectURL(url));
    this.urls = [];
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
    return el("li", {}, this.preview(file), remove);
  }

  preview(file) {
    if (!file.type.startsWith("image/")) {
      return el("span", { class: "file-face" }, icon("file"), el("span", { dir: "auto" }, file.name));
    }
    const url = URL.createObjectURL(file);
    this.urls.push(url);
    return el("img", { src: url, alt: file.name });
  }
}
