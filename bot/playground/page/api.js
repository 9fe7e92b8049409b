// Requests to the playground's server. Their paths start from the page's own address.

async function errorText(response) {
  const fallback = `The playground responded with status ${response.status}.`;
  try {
    return (await response.json()).error || fallback;
  } catch {
    return fallback;
  }
}

async function request(path, options) {
  let response;
  try {
    response = await fetch(path, options);
  } catch {
    throw new Error("The playground doesn’t respond. Is it still running?");
  }
  if (!response.ok) throw new Error(await errorText(response));
  return response;
}

async function post(path, body) {
  const headers = { "Content-Type": "application/json" };
  await request(path, { method: "POST", headers, body: JSON.stringify(body) });
}

export async function loadState() {
  const response = await request("api/state", { cache: "no-store" });
  return response.json();
}

export async function rawSource(mailId) {
  return (await request(`api/mail/${mailId}/raw`)).text();
}

export function fileUrl(fileId) {
  return `api/files/${encodeURIComponent(fileId)}`;
}

export const actAs = (id, action, body) => post(`api/people/${id}/${action}`, body);
export const replyToMail = (id, text) => post(`api/mail/${id}/reply`, { text });
export const showKeys = (on) => post("api/keys", { on });

/** Receive the server's events. `opened` is called after each connection, including the first. */
export function follow({ opened, happened, lost }) {
  const source = new EventSource("api/events");
  source.onopen = opened;
  source.onmessage = (message) => happened(JSON.parse(message.data));
  source.onerror = () => {
    lost();
    // Browsers reconnect by themselves, except after the server has refused.
    if (source.readyState === EventSource.CLOSED) {
      setTimeout(() => follow({ opened, happened, lost }), 2000);
    }
  };
}
