// Just enough of a browser to run the console's own modules: `node console_browser.mjs ADDRESS FOLDER STEPS`.
// STEPS is JSON: [{"open": "#/review"}, {"press": "Pause"}, {"answer": "a reason"}, ...]. After each the page's text is printed.

import { pathToFileURL } from "node:url";

const [address, folder, steps] = process.argv.slice(2);
const start = new URL(address);

class Text {
  constructor(text) { this.text = text; }
  get textContent() { return this.text; }
}

class Element {
  constructor(name) { this.name = name; this.children = []; this.attributes = {}; this.listeners = {}; this.hidden = false; this.classList = { toggle() {} }; }
  append(...children) { this.children.push(...children.map((each) => (each instanceof Element ? each : new Text(String(each))))); }
  replaceChildren(...children) { this.children = []; this.append(...children); }
  setAttribute(key, value) { this.attributes[key] = value; }
  getAttribute(key) { return this.attributes[key] ?? null; }
  removeAttribute(key) { delete this.attributes[key]; }
  addEventListener(key, act) { this.listeners[key] = act; }
  focus() {}
  set textContent(text) { this.children = [new Text(text)]; }
  get textContent() { return this.children.map((each) => each.textContent).join(" "); }
  set innerHTML(text) { throw new Error("the console must never read text as HTML"); }
  *all() { yield this; for (const each of this.children) if (each instanceof Element) yield* each.all(); }
}

const parts = Object.fromEntries(["view", "message", "ask", "where"].map((id) => [id, new Element(id)]));
const links = ["connections", "review", "records", "dead-letters", "journal"].map((name) => {
  const made = new Element("a");
  made.setAttribute("href", `#/${name}`);
  return made;
});
const kept = new Map();
const heard = {};
let answer = "a reason";

const place = { hash: start.hash, pathname: "/" };
Object.assign(globalThis, {
  Node: Element,
  document: { createElement: (name) => new Element(name), getElementById: (id) => parts[id], querySelectorAll: () => links },
  sessionStorage: { getItem: (key) => kept.get(key) ?? null, setItem: (key, value) => kept.set(key, value) },
  history: { replaceState: (a, b, to) => { place.hash = to.slice(to.indexOf("#")); } },
  addEventListener: (key, act) => { heard[key] = act; },
  confirm: () => true,
  prompt: () => answer,
  location: place,
});
const real = globalThis.fetch;
let running = 0;
globalThis.fetch = async (path, options) => {
  running += 1;
  try {
    const reply = await real(new URL(path, start.origin), options);
    const text = await reply.text();
    return { ok: reply.ok, status: reply.status, json: async () => JSON.parse(text) };
  } finally {
    running -= 1;
  }
};

// The page is still when no call has run for a while.
const settled = async () => {
  for (let still = 0; still < 8; still = running ? 0 : still + 1) await new Promise((done) => setTimeout(done, 10));
};

await import(pathToFileURL(`${folder}/app.js`));
await settled();
for (const step of JSON.parse(steps)) {
  if (step.answer !== undefined) answer = step.answer;
  if (step.open) { place.hash = step.open; heard.hashchange(); }
  if (step.press) {
    const found = [...parts.view.all()].find((each) => each.name === "button" && each.textContent === step.press);
    if (!found) throw new Error(`there is no button ${step.press}`);
    found.listeners.click();
  }
  await settled();
  console.log(JSON.stringify({ view: parts.view.textContent, message: parts.message.textContent, where: parts.where.textContent }));
}
