// Records: what waits for a person, the list, one record with its story, the journal.

import { get, post } from "./api.js";
import { button, el, json, link, moment, state, table } from "./dom.js";

const STATUSES = ["queued", "waiting", "held", "refused", "unknown", "done", "closed"];

export async function review(values, page) {
  const found = await get("review");
  return [
    el("h1", {}, "Waiting for a person"),
    ...(found.length ? found.map((cause) => causeCard(cause, page)) : [el("p", { class: "quiet" }, "Nothing waits for a person.")]),
  ];
}

function causeCard(cause, page) {
  const examples = cause.records.slice(0, 5).map((id) => el("li", {}, link(id, "record", { id })));
  const more = cause.count > examples.length ? link(`all ${cause.count}`, "cause", { id: cause.id }) : "";
  return el("section", { class: "card" },
    el("div", {}, el("strong", {}, `${cause.connection}: ${cause.text}`)),
    el("div", { class: "quiet" }, "since ", moment(cause.oldest)),
    el("div", {}, cause.advice),
    el("ul", {}, examples), more,
    cause.kind && !cause.mappable ? el("div", {}, link(`Why is ${cause.value} not there?`, "explained", { asked: cause.value })) : "",
    ways(cause, page));
}

// The figures of a record as the API compares them: nothing is accepted that nobody has seen.
const figures = ({ id, acceptable }) => `${id}: ${Object.entries(acceptable).map(([name, value]) => `${value} at ${name}`).join(", ")}`;

// Mapping, replaying, skipping or closing all of them.
function ways(cause, page) {
  const settle = (values, said) => page.act(
    () => post("review/resolve", { id: cause.id, ...values }), (done) => `${done.records} records ${said}.`,
  );
  const map = cause.mappable ? button("Map it", () => {
    const value = page.reason(`${cause.kind} ${cause.value}: what is it on the other side? (Put it into your file as well.)`);
    if (value) settle({ way: "map", value }, "continue");
  }) : "";
  const again = cause.status === "unknown" ? "" : button(`Replay ${cause.count}`, () => {
    if (confirm(`Replay ${cause.count} records? Safe: a write that has happened is never made twice.`)) settle({ way: "replay" }, "are due again");
  });
  const end = (word, way, said, question, more = {}) => button(word, () => {
    const reason = page.reason(question);
    if (reason) settle({ way, reason, ...more }, said);
  });
  return el("div", { class: "row" }, map, again,
    end("Skip", "skip", "are skipped", `Why are these ${cause.count} left out until something new is heard? It is kept with your name.`),
    cause.acceptable && cause.members ? end("Accept all", "accept", "are accepted", `Why are the figures of these ${cause.count} left as they are? Others are held again. It is kept with your name.`, { figures: cause.members.map(figures) }) : "",
    end("Close", "close", "are closed", `Why shall nothing more happen to these ${cause.count}? It is kept with your name.`));
}

export async function cause({ id }, page) {
  const found = await get("review/cause", { id });
  const rows = found.members.map((each) => [link(each.id, "record", { id: each.id }), state(each.status), moment(each.updated_at), each.why]);
  return [el("h1", {}, found.text), el("p", {}, found.advice), ways(found, page), table(["record", "status", "changed", "why"], rows)];
}

export async function records(values) {
  const found = await get("records", { ...values, limit: 500 });
  const rows = found.records.map((each) => [
    link(each.id, "record", { id: each.id }), state(each.status), moment(each.due_at), moment(each.updated_at), each.why,
  ]);
  const more = found.found > rows.length ? `The first ${rows.length} of ${found.found}.` : `${found.found} records.`;
  return [
    el("h1", {}, "Records"), filter(values), el("p", { class: "quiet" }, more),
    table(["record", "status", "due", "changed", "why"], rows, "No record is like that."),
  ];
}

function filter(values) {
  const choices = STATUSES.map((status) => el("option", { value: status, selected: values.statuses === status }, status));
  const asked = (name, label) => el("label", {}, `${label} `, el("input", { name, value: values[name] || "" }));
  return el("form", { class: "row", onsubmit: (event) => {
    event.preventDefault();
    const given = [...new FormData(event.target)].filter(([, value]) => value);
    location.hash = `#/records?${new URLSearchParams(given)}`;
  } },
  asked("connection", "Connection"), asked("stream", "Flow"), asked("text", "Text"),
  el("label", {}, "Status ", el("select", { name: "statuses" }, el("option", { value: "" }, "not finished"), choices)),
  el("button", {}, "Show"));
}

export async function explained({ asked }, page) {
  const found = await get("explain", { asked });
  if (!found.records.length) {
    return [el("h1", {}, `No record knows ${asked}`), el("ul", {}, found.reach.map((text) => el("li", {}, text)))];
  }
  return [el("h1", {}, asked), ...found.records.map((each) => story(each, page)), ...held(found.waiting)];
}

function held(ids) {
  if (!ids.length) return [];
  const shown = ids.slice(0, 20).map((id) => el("li", {}, link(id, "record", { id })));
  return [el("h2", {}, `Held for it: ${ids.length}`), el("ul", {}, shown)];
}

function story(each, page) {
  return el("section", { class: "card" },
    el("div", {}, link(each.title, "record", { id: each.id }), " ", state(each.status)),
    el("p", {}, el("strong", {}, each.now), " ", each.next),
    each.trail_intact ? "" : el("p", { class: "held" }, "The chain of the trail is broken: it was changed after it was written."),
    table(["when", "what"], each.story.map((line) => [moment(line.at), line.text])),
    ...[["Linked", each.linked], ["Notes", each.notes], ["Open writes", each.writes_open], ["What to do", each.commands]]
      .filter(([, lines]) => lines.length).map(([title, lines]) => el("div", {}, el("h2", {}, title), el("ul", {}, lines.map((text) => el("li", {}, text))))),
    acts(each.id, each.status, page));
}

function acts(id, status, page) {
  return el("div", { class: "row" },
    button("Replay", () => page.act(() => post("records/replay", { id }), `${id} is due again.`)),
    status === "closed" ? "" : button("Edit", () => {
      const set = page.reason("What shall count instead, for this record alone? PATH=VALUE, for example ship_to.city=Springfield");
      const reason = set && page.reason("Why? It is kept with your name.");
      if (reason) page.act(() => post("records/edit", { id, set: [set], reason }), `${id} is edited and due now.`);
    }),
    status === "closed" ? "" : button("Close", () => {
      const reason = page.reason("Why shall nothing more happen to it? It is kept with your name.");
      if (reason) page.act(() => post("records/close", { id, reason }), `${id} is closed.`);
    }));
}

export async function record({ id }, page) {
  const [told, found] = await Promise.all([get("explain", { asked: id }), get("record", { id })]);
  return [
    el("h1", {}, id),
    ...told.records.filter((each) => each.id === id).map((each) => story(each, page)),
    told.records.some((each) => each.id === id && each.status === "held") && Object.keys(found.links.acceptable || {}).length
      ? el("div", { class: "row" }, button("Accept", () => {
        const reason = page.reason("Why are its figures left as they are? Others are held again. It is kept with your name.");
        if (reason) page.act(() => post("records/accept", { id, reason }), `${id} is accepted as it is.`);
      })) : "",
    el("h2", {}, "Writes"),
    ...(found.writes.length ? found.writes.map((write) => writeCard(id, write, page)) : [el("p", { class: "quiet" }, "Nothing was written.")]),
    el("h2", {}, "Trail"),
    el("p", { class: found.chain_intact ? "quiet" : "held" }, found.chain_intact ? "The chain is intact." : `The chain is broken at line ${found.chain_broken_at}.`),
    table(["#", "when", "what"], found.trail.map((line) => [line.sequence, moment(line.at), line.text])),
    el("details", {}, el("summary", {}, "Links and body"), json({ links: found.links, body: found.body })),
  ];
}

function writeCard(id, write, page) {
  const { effect, key } = write;
  const free = button("It did not happen: send it again", () => {
    const reason = page.reason(`You have looked at the vendor and ${effect} ${key} is NOT there? Say how you know.`);
    if (reason) page.act(() => post("records/release", { id, effect, key, reason }), `${effect} ${key} may be sent again.`);
  });
  return el("section", { class: "card" },
    el("div", {}, el("strong", {}, `${effect} ${key}`), " ", state(write.stage), ` ${write.attempts} attempts `, moment(write.sent_at)),
    el("div", {}, write.why),
    el("details", {}, el("summary", {}, "What was sent and what came back"), json({ draft: write.draft, answer: write.answer, reference: write.reference })),
    write.stage === "unknown" ? free : "");
}

export async function journal({ day }) {
  const found = await get("journal", { day });
  const chosen = el("input", { type: "date", value: found.day, "aria-label": "Day (UTC)", onchange: (event) => {
    location.hash = `#/journal?day=${event.target.value}`;
  } });
  return [
    el("h1", {}, "Journal of the operators"),
    el("div", { class: "row" }, chosen, button("The records' trail of this day", () => { location.hash = `#/trail?day=${found.day}`; })),
    el("p", { class: found.chain_intact ? "quiet" : "held" }, found.chain_intact ? "The chain is intact." : `The chain is broken at line ${found.chain_broken_at}.`),
    table(["#", "when", "who and what"], found.lines.map((line) => [line.sequence, moment(line.at), line.text]).reverse()),
  ];
}

export async function trail({ day, asked }) {
  const found = await get("audit", { day, asked });
  const broken = Object.entries(found.broken).map(([record, line]) => el("p", { class: "held" }, `The chain of ${record} is broken at line ${line}.`));
  return [
    el("h1", {}, `Trail of ${day || asked}`),
    el("p", { class: "quiet" }, `${found.lines.length} lines, ${found.records} chains verified.`), ...broken,
    table(["when", "record", "what"], found.lines.slice(0, 2000).map((line) => [
      moment(line.at), line.record.startsWith("operations/") ? line.record : link(line.record, "record", { id: line.record }), line.text,
    ])),
  ];
}
