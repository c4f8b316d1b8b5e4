// Calls of the operator API through the server of `ml-connector console`, which signs them.

const KEPT = "ml-connector-token";
let token = sessionStorage.getItem(KEPT) || "";

// The address carries the token once; it is kept for this tab and taken out of the address.
export function takeToken() {
  const found = /^#token=([\w-]+)$/.exec(location.hash);
  if (!found) return;
  token = found[1];
  sessionStorage.setItem(KEPT, token);
  history.replaceState(null, "", location.pathname + "#/connections");
}

export class Refused extends Error {}

async function call(path, options) {
  let reply;
  try {
    reply = await fetch(`/api/${path}`, options);
  } catch {
    throw new Refused("The console's server does not answer. Does `ml-connector console` still run?");
  }
  const document = await reply.json().catch(() => ({ error: `the answer (${reply.status}) is not JSON` }));
  if (reply.ok) return document;
  const problems = (document.problems || []).map((line) => `\n  ${line}`).join("");
  throw new Refused((document.error || document.message || document.Message || `answered ${reply.status}`) + problems);
}

export function get(path, values = {}) {
  const given = Object.entries(values).filter(([, value]) => value !== "" && value !== undefined);
  const query = new URLSearchParams(given).toString();
  return call(query ? `${path}?${query}` : path, { headers: { "X-Console-Token": token } });
}

export function post(path, values) {
  const headers = { "X-Console-Token": token, "Content-Type": "application/json" };
  return call(path, { method: "POST", headers, body: JSON.stringify(values) });
}
