// What an empty chat says: who this person is, and what to try as them.

import { el, shortName } from "./dom.js";

const BREAKABLE_SLASH = "/\u200b"; // a line of a path may end here

function supporterHint(name, { language }) {
  const isEnglish = language.startsWith("en");
  return {
    who: `${name} is a supporter who got a link to this bot.`,
    tries: [
      "Press Start and write a letter.",
      "The bot emails a code to the address you give: it arrives in the inbox.",
      isEnglish ? null : "The bot writes in the language of this person’s Telegram.",
    ],
  };
}

function campaignerHint(name, person, bot) {
  return {
    who: `${name}, a campaigner on your staff, runs the campaign.`,
    tries: [
      [command("/stats"), " shows how the campaign is doing."],
      [command("/broadcasts"), " lists the news that was sent or is scheduled."],
      [command("/broadcast"), " sends news to the subscribers."],
      ["Edit the texts in ", el("code", {}, bot.campaigns.replaceAll("/", BREAKABLE_SLASH)),
        ": the bot uses them as soon as you save."],
    ],
  };
}

function adminHint(name) {
  return {
    who: `${name}, an admin on your staff, looks after the bot.`,
    tries: [
      [command("/campaigns"), " pauses or closes a campaign and makes links to it."],
      [command("/status"), " says whether anything is wrong."],
      [command("/team"), " and ", command("/invite"), " manage who is on the staff."],
      "Under ⋮, try to confuse the bot: send a sticker, edit a message, block it.",
    ],
  };
}

function userHint(name, person, bot) {
  return {
    who: `${name} has found ${bot.name}, and has not written to it yet.`,
    tries: [
      "Press Start. A bot can’t write to anybody before that.",
      "Under ⋮ are deep links, stickers, voice messages, edits and blocking.",
    ],
  };
}

const HINTS = { user: userHint, supporter: supporterHint, campaigner: campaignerHint, admin: adminHint };

function command(name) {
  return el("code", {}, name);
}

export function hint(person, bot) {
  const { who, tries } = HINTS[person.role](shortName(person.name), person, bot);
  const isStaff = ["campaigner", "admin"].includes(person.role);
  return el("div", { class: "hint", lang: "en" },
    el("p", { class: "hint-who" }, who),
    isStaff ? el("p", {}, "Press Start, and then try:") : null,
    el("ul", {}, tries.filter(Boolean).map((text) => el("li", {}, text))),
    isStaff ? el("p", {}, "The other people behind the figures are invented.") : null);
}
