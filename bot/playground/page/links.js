// What a link does in the playground: links to Telegram stay on the page.

const ADDRESS = /https?:\/\/[^\s<>"]+/gi;
const TRAILING = /[.,;:!?'’”»)\]}。，、；：！？）」』]+$/u;

// As in Telegram, commands in a text are links. “and/or” and web addresses contain none.
const COMMAND = /(?<![\w/.:@<>-])\/([a-z][a-z0-9_]{0,31})(?![\w/-])/g;

const COMMAND_LINK = "tg://bot_command?command=";

function telegramLink(name, query, username) {
  if (name === "share" || name === "msg_url") {
    return { kind: "share", text: query.get("text") ?? "", link: query.get("url") ?? "" };
  }
  if (name.toLowerCase() !== username.toLowerCase()) return { kind: "telegram" };
  if (query.has("start")) return { kind: "start", payload: query.get("start") };
  return { kind: "chat" };
}

function appLink(address, username) {
  const [, name, query] = /^tg:\/\/([a-z_]*)\/?\??(.*)$/i.exec(address) ?? [null, "", ""];
  const parameters = new URLSearchParams(query);
  if (name === "bot_command") return { kind: "command", command: `/${parameters.get("command")}` };
  return telegramLink(name === "resolve" ? parameters.get("domain") ?? "" : name, parameters, username);
}

/** {kind: "start", payload} | {kind: "share", text, link} | {kind: "command", command}
 * | {kind: "chat" | "telegram" | "outside"} */
export function readLink(address, username) {
  if (/^tg:/i.test(address)) return appLink(address, username);
  if (!URL.canParse(address)) return { kind: "outside" };
  const url = new URL(address);
  if (!["t.me", "telegram.me"].includes(url.hostname)) return { kind: "outside" };
  const link = telegramLink(url.pathname.split("/")[1] ?? "", url.searchParams, username);
  return link.kind === "telegram" ? { kind: "outside" } : link;
}

export function isSafeAddress(address) {
  return /^(https?|tg):\/\//i.test(address);
}

export function anchor(address, ...children) {
  const link = document.createElement("a");
  link.href = address;
  link.target = "_blank";
  link.rel = "noopener noreferrer";
  link.classList.toggle("command", address.startsWith(COMMAND_LINK));
  link.append(...children);
  return link;
}

/** Split a text into nodes. `target` returns a match's address and link text, or null for no link. */
function linked(text, pattern, target) {
  const nodes = [];
  let end = 0;
  for (const found of text.matchAll(pattern)) {
    const [address, label] = target(found) ?? [];
    if (!address) continue;
    nodes.push(text.slice(end, found.index), anchor(address, label));
    end = found.index + label.length;
  }
  nodes.push(text.slice(end));
  return nodes.filter((node) => node !== "");
}

function webTarget([found]) {
  const address = found.replace(TRAILING, "");
  return URL.canParse(address) ? [address, address] : null;
}

/** Split a text into nodes, with web addresses as links. */
export function linkified(text) {
  return linked(text, ADDRESS, webTarget);
}

/** Split a text into nodes, with web addresses and the bot's commands as links. */
export function linkifiedWithCommands(text) {
  return linkified(text).flatMap((node) => typeof node === "string"
    ? linked(node, COMMAND, ([command, name]) => [`${COMMAND_LINK}${name}`, command])
    : node);
}
