// Small helpers. Text only ever becomes a text node: data of vendors and customers is never read as HTML.

export function el(name, attributes = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (key.startsWith("on")) made.addEventListener(key.slice(2), value);
    else if (value !== false && value !== undefined && value !== null) made.setAttribute(key, value === true ? "" : value);
  }
  made.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== ""));
  return made;
}

export function table(columns, rows, empty = "Nothing.") {
  if (rows.length === 0) return el("p", { class: "quiet" }, empty);
  const kinds = columns.map((_, place) => (rows.some((cells) => typeof cells[place] === "number") ? "number" : false));
  const head = el("tr", {}, columns.map((column, place) => el("th", { scope: "col", class: kinds[place] }, column)));
  // A narrow page shows a row as a list: each cell then carries the name of its column, and an empty one is left out.
  const body = rows.map((cells) => el("tr", {}, cells.map((cell, place) => el("td", { class: kinds[place], "data-column": columns[place] }, show(cell)))));
  return el("table", {}, el("thead", {}, head), el("tbody", {}, body));
}

function show(cell) {
  return cell instanceof Node || cell === "" ? cell : String(cell ?? "");
}

export function state(word) {
  return el("span", { class: `state ${word.split(" ")[0]}` }, word);
}

export function button(text, act) {
  return el("button", { type: "button", onclick: act }, text);
}

export function link(text, view, values = {}) {
  const query = new URLSearchParams(values).toString();
  return el("a", { href: `#/${view}${query ? `?${query}` : ""}` }, text);
}

// 2026-03-02T14:05:09.250000Z in the reader's own clock, the exact instant on hover.
export function moment(text) {
  if (!text) return "";
  const at = new Date(text);
  if (Number.isNaN(at.getTime())) return text;
  return el("time", { datetime: text, title: text }, at.toLocaleString([], { dateStyle: "medium", timeStyle: "medium" }));
}

export function json(value) {
  return el("pre", {}, JSON.stringify(value, null, 2));
}
