// The playground: all chats and the inbox, in sync with the server.

import { follow, loadState, showKeys } from "./api.js";
import { Chat } from "./chat.js";
import { showShare } from "./dialogs.js";
import { avatar, el, icon, shortName } from "./dom.js";
import { Inbox } from "./inbox.js";
import { readLink } from "./links.js";
import { showMistakes } from "./mistakes.js";
import { Tabs } from "./tabs.js";
import { Toasts } from "./toasts.js";

const byId = (id) => document.getElementById(id);
const columns = byId("columns");
const keysToggle = byId("show-keys");
const toasts = new Toasts();
const tabs = new Tabs(byId("tabs"), noteUse);
const inbox = new Inbox(() => tabs.notify(inbox.element));
const chats = new Map();

let bot = { username: "", name: "" };
let lastUsed = null;
// Events that arrive while the state is loading; null otherwise.
let waiting = null;

function openLink(address, chat) {
  const link = readLink(address, bot.username);
  if (link.kind === "outside") window.open(address, "_blank", "noopener");
  else if (link.kind === "share") showShare(link);
  else if (link.kind === "telegram") chat.toasts.show("Only Telegram can open this link.", { lang: "en" });
  else {
    tabs.reveal(chat.element);
    if (link.kind === "start") chat.start(link.payload);
    if (link.kind === "command") chat.act("say", { text: link.command });
  }
}

function chatOf(element) {
  const section = element.closest("[data-person]");
  return section ? chats.get(Number(section.dataset.person)) : null;
}

function followLink(event) {
  const anchor = event.target.closest?.("a[href]");
  if (!anchor || readLink(anchor.href, bot.username).kind === "outside") return;
  event.preventDefault();
  openLink(anchor.href, chatOf(anchor) ?? lastUsed ?? [...chats.values()][0]);
}

/** Remember the chat that was used last: links in emails open there. */
function noteUse(element) {
  lastUsed = chatOf(element) ?? lastUsed;
}

function setKeys(on) {
  keysToggle.setAttribute("aria-pressed", String(on));
}

async function toggleKeys() {
  const on = keysToggle.getAttribute("aria-pressed") !== "true";
  if (await toasts.attempt(() => showKeys(on))) setKeys(on);
}

function buildColumns(people, hasInbox) {
  chats.clear();
  tabs.clear();
  lastUsed = null;
  for (const person of people) {
    const chat = new Chat(person, bot, { openLink, changed: () => tabs.notify(chat.element) });
    chats.set(person.id, chat);
    tabs.add(chat.element, avatar(person.name, person.id), shortName(person.name), person.role);
  }
  const shown = [...chats.values()].map((chat) => chat.element);
  if (hasInbox) {
    tabs.add(inbox.element, el("span", { class: "avatar of-mail", "aria-hidden": "true" }, icon("mail")), "Inbox", "email");
    shown.push(inbox.element);
  }
  columns.replaceChildren(...shown);
  tabs.arrange();
  chats.forEach((chat) => chat.log.scrollToEnd());
}

/** Show the server's state. Columns of the same people stay, with unsent text and the focus. */
function apply(state) {
  bot = state.bot;
  // Only the demo has an inbox and texts with keys; other bots have neither.
  const isDemo = state.mail !== null;
  keysToggle.hidden = byId("about-email").hidden = !isDemo;
  const same = state.people.length === chats.size && state.people.every(({ id }) => chats.has(id));
  if (same) state.people.forEach((person) => chats.get(person.id).load(person));
  else buildColumns(state.people, isDemo);
  if (isDemo) inbox.load(state.mail);
  setKeys(state.show_keys);
  showMistakes(byId("mistakes"), state.mistakes);
}

function happened(event) {
  if (waiting) waiting.push(event);
  else if (event.event === "mail") inbox.receive(event);
  else if (event.event === "mistakes") showMistakes(byId("mistakes"), event.mistakes);
  else if (event.event === "keys") setKeys(event.show_keys);
  else chats.get(event.person)?.happened(event);
}

async function opened() {
  waiting = [];
  const loaded = await toasts.attempt(async () => apply(await loadState()));
  byId("connection").textContent = loaded ? "" : "Could not load";
  const missed = waiting;
  waiting = null;
  missed.forEach(happened);
}

function lost() {
  byId("connection").textContent = "Connecting…";
}

columns.after(toasts.element);
toasts.element.classList.add("of-page");
document.addEventListener("click", followLink);
for (const name of ["focusin", "pointerdown"]) {
  columns.addEventListener(name, (event) => noteUse(event.target));
}
keysToggle.addEventListener("click", toggleKeys);
follow({ opened, happened, lost });
