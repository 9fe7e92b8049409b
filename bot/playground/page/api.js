// All that is said to the playground's server.

async function problem(response) {
  const fallback = `The playground answered ${response.status}.`;
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
    throw new Error("The playground does not answer. Is it still running?");
  }
  if (!response.ok) throw new Error(await problem(response));
  return response;
}

async function post(path, body) {
  const headers = { "Content-Type": "application/json" };
  await request(path, { method: "POST", headers, body: JSON.stringify(body) });
}

export async function loadState() {
  const response = await request("/api/state", { cache: "no-store" });
  return response.json();
}

export async function rawSource(mailId) {
  return (await request(`/api/mail/${mailId}/raw`)).text();
}

export function fileAddress(fileId) {
  return `/api/files/${encodeURIComponent(fileId)}`;
}

export const tellPerson = (id, action, body) => post(`/api/people/${id}/${action}`, body);
export const answerMail = (id, text) => post(`/api/mail/${id}/reply`, { text });
export const showKeys = (on) => post("/api/keys", { on });

/** Follow the events; `opened` is called on every connection, the first and each later one. */
export function follow({ opened, happened, lost }) {
  const source = new EventSource("/api/events");
  source.onopen = opened;
  source.onmessage = (message) => happened(JSON.parse(message.data));
  source.onerror = () => {
    lost();
    // Browsers retry a broken connection, but give up on one that was refused.
    if (source.readyState === EventSource.CLOSED) {
      setTimeout(() => follow({ opened, happened, lost }), 2000);
    }
  };
}
