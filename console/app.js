// Which view is shown, and what happens when somebody acts.

import { get, Refused, takeToken } from "./api.js";
import { el } from "./dom.js";
import { connection, connections } from "./connections.js";
import { deadLetters } from "./dead_letters.js";
import { cause, explained, journal, record, records, review, trail } from "./records.js";

const VIEWS = {
  connections, connection, review, cause, records, record, explained, journal, trail, "dead-letters": deadLetters,
};

const view = document.getElementById("view");
const message = document.getElementById("message");
let shown = 0;

function say(text, bad = false) {
  message.textContent = text;
  message.hidden = !text;
  message.classList.toggle("bad", bad);
}

// What a view may do to the page: say something, act and then show itself anew, ask for a reason.
const page = {
  say,
  async act(work, done) {
    try {
      const answer = await work();
      await render();
      say(typeof done === "function" ? done(answer) : done);
    } catch (error) {
      complain(error);
    }
  },
  reason(question) {
    const given = prompt(question);
    return given && given.trim() ? given.trim() : null;
  },
};

function complain(error) {
  if (!(error instanceof Refused)) console.error(error);
  say(error.message || String(error), true);
}

async function render() {
  const mine = ++shown;
  const [name, query] = location.hash.replace(/^#\//, "").split("?");
  const make = VIEWS[name] || connections;
  for (const each of document.querySelectorAll("nav a")) {
    if (each.getAttribute("href") === `#/${name}`) each.setAttribute("aria-current", "page");
    else each.removeAttribute("aria-current");
  }
  view.setAttribute("aria-busy", "true");
  try {
    const made = await make(Object.fromEntries(new URLSearchParams(query || "")), page);
    if (mine === shown) view.replaceChildren(...[made].flat());
  } catch (error) {
    if (mine !== shown) return;
    view.replaceChildren(el("p", { class: "quiet" }, "Nothing can be shown."));
    complain(error);
  } finally {
    view.removeAttribute("aria-busy");
  }
}

document.getElementById("ask").addEventListener("submit", (event) => {
  event.preventDefault();
  const asked = new FormData(event.target).get("asked").trim();
  location.hash = `#/explained?${new URLSearchParams({ asked })}`;
});

addEventListener("hashchange", () => {
  takeToken();
  say("");
  render().then(() => view.focus());
});

takeToken();
render();
get("where").then((found) => {
  document.getElementById("where").textContent = found.where;
}).catch(complain);
