// Connections: where each stands, what it polls and when, pause and resume.

import { get, post, Refused } from "./api.js";
import { button, el, json, link, moment, state, table } from "./dom.js";

const OPEN = ["queued", "waiting", "held", "refused", "unknown"];

export async function connections(values, page) {
  const found = await get("connections");
  const rows = found.map((each) => [
    link(each.connection, "connection", { name: each.connection }),
    each.pair,
    state(each.state),
    ...OPEN.map((status) => count(each, status)),
    pausing(each.connection, each.state === "paused", page),
  ]);
  return [
    el("h1", {}, "Connections"),
    table(["connection", "pair", "state", ...OPEN, ""], rows, "Nothing is connected yet: ml-connector connections apply FILE"),
  ];
}

function count(each, status) {
  const number = each.open_records[status] || 0;
  return number ? link(String(number), "records", { connection: each.connection, statuses: status }) : "";
}

function pausing(name, paused, page, flow = "") {
  const what = flow ? `${flow} of ${name}` : name;
  const values = flow ? { name, flows: [flow] } : { name };
  if (paused) {
    return button("Resume", () => page.act(
      () => post("connection/resume", values), (done) => `${what} moves again; ${done.resumed} held records continue.`,
    ));
  }
  return button("Pause", () => {
    if (confirm(`Pause ${what}? Webhooks are still taken; what is due is held.`)) {
      page.act(() => post("connection/pause", values), `${what} is paused. Functions notice it within a minute.`);
    }
  });
}

export async function connection({ name }, page) {
  const [found, schedule, arrivals, heard] = await Promise.all([
    get("connection", { name }), get("connection/schedule", { name }), get("connection/arrivals", { name }),
    get("connection/heard", { name }),
  ]);
  const compared = await reconciled(name);
  const polls = Object.fromEntries(found.polls.map((poll) => [poll.flow, poll]));
  const flows = schedule.map((row) => [
    row.flow,
    el("span", {}, state(row.state), " ", moment(row.rests_until)),
    row.every_seconds ?? "",
    row.quiet_hours.map((hours) => `${hours.days.length === 7 ? "" : `${hours.days.join(" ")} `}${hours.begin}-${hours.end} ${hours.time_zone}`).join("; "),
    moment(polls[row.flow].position),
    moment(row.next_at),
    polls[row.flow].why,
    row.state === "off" || found.state === "paused" ? "" : pausing(name, row.state === "paused", page, row.flow),
  ]);
  const senders = arrivals.map((row) => [
    row.sender, `${row.events}${row.cut ? "+" : ""}`, moment(row.last), row.quarantined,
    row.quarantined ? button("Judge the quarantine again", () => page.act(
      () => post("connection/reverify", { name, sender: row.sender }),
      (done) => `${done.enqueued} proven and enqueued; ${done.unproven} still unproven.`,
    )) : "",
  ]);
  return [
    el("h1", {}, name),
    el("p", {}, `${found.pair}, revision ${found.revision}, applied by ${found.applied_by} `, moment(found.applied_at), " ",
      state(found.state), " ", pausing(name, found.state === "paused", page)),
    ...Object.entries(found.reconnect_needed).map(([system, why]) => el("p", { class: "held" },
      `${system} must be connected again since ${why}. Run: ml-connector connections authorize ${name} --system ${system}`)),
    el("h2", {}, "Flows"),
    table(["flow", "state", "every (s)", "quiet hours", "read up to", "next", "trouble", ""], flows),
    el("h2", {}, "Webhooks of the last two weeks"),
    table(["sender", "arrived", "last", "in quarantine", ""], senders),
    el("h2", {}, "Who told, today and yesterday"),
    table(["stream", "topic", "by webhook", "by poll alone", "too young", "missed"], heard.map((row) => [
      row.stream, row.topic || "(none)", row.by_webhook, row.by_poll, row.waiting,
      row.missed_percent === null ? "" : `${row.missed_percent} %`,
    ])),
    el("h2", {}, "Last reconciliation"),
    ...compared,
    el("h2", {}, "Mapping tables"),
    table(["table", "entries"], Object.entries(found.tables).map(([key, rows]) => [key, Object.keys(rows).length])),
    el("details", {}, el("summary", {}, "Document"), json(found.document)),
  ];
}

// What both sides held in the last night; before the first one there is nothing to show, and that is said.
async function reconciled(name) {
  let found;
  try {
    found = await get("connection/reconciled", { name });
  } catch (error) {
    if (error instanceof Refused) return [el("p", { class: "quiet" }, error.message)];
    throw error;
  }
  const kinds = found.kinds.map((kind) => [kind.kind, kind.systems.join(" - "), kind.left, kind.right, kind.agreed, kind.unexplained]);
  const open = found.kinds.flatMap((kind) => kind.differences.filter((each) => !each.explained).slice(0, 100));
  return [
    el("p", {}, moment(found.since), " to ", moment(found.until), `: ${found.unexplained} differences that nothing explains.`),
    table(["what", "sides", "left", "right", "agree", "not explained"], kinds),
    ...(open.length ? [table(["key", "difference", "what to do"], open.map((each) => [each.name || each.key, each.what, each.command]))] : []),
  ];
}
