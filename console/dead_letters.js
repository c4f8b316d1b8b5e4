// Dead letters: how many, what they are, moving them back, deleting them.

import { get, post } from "./api.js";
import { button, el, link, moment, table } from "./dom.js";

export async function deadLetters({ pair, queue }, page) {
  const found = await get("dlq");
  const rows = found.map((row) => [
    row.pair, row.queue, row.letters, task(row.redrive),
    row.letters ? el("span", { class: "row" }, link("Show", "dead-letters", { pair: row.pair, queue: row.queue }), everything(row, page)) : "",
  ]);
  const held = found.find((row) => row.pair === pair && row.queue === queue);
  const shown = held ? await letters(held, page) : [];
  return [el("h1", {}, "Dead letters"), table(["pair", "queue", "letters", "redrive", ""], rows), ...shown];
}

function task(redrive) {
  if (!redrive) return "";
  return `${redrive.status.toLowerCase()}${redrive.moved >= 0 ? `, ${redrive.moved} moved` : ""}${redrive.why ? `: ${redrive.why}` : ""}`;
}

function everything(row, page) {
  return button("Move all back", () => {
    if (!confirm(`Move ${row.letters} letters of ${row.pair}, ${row.queue}, back to their queues?`)) return;
    page.act(() => post("dlq/redrive", { pair: row.pair, queue: row.queue }), moved);
  });
}

function moved(done) {
  if (done.native) return "SQS moves everything back; this page shows how far it is.";
  const left = done.unknown_source ? ` ${done.unknown_source} do not say where they come from: move the whole queue.` : "";
  return `${done.moved === 1 ? "1 letter is back in its queue" : `${done.moved} letters are back in their queues`}.${left}`;
}

async function letters({ pair, queue, letters: count, being_looked_at: hidden }, page) {
  const found = await get("dlq/letters", { pair, queue, limit: 200 });
  const rows = found.map((letter) => [
    moment(letter.sent_at), letter.understood ? letter.kind : `not understood ${letter.kind || ""}`, about(letter), letter.back_to || "?",
    el("span", { class: "row" },
      button("Move back", () => page.act(() => post("dlq/redrive", { pair, queue, message: letter.message }), moved)),
      button("Delete", () => {
        const reason = page.reason("Why is it deleted for good? It is kept with your name.");
        if (reason) page.act(() => post("dlq/purge", { pair, queue, message: letter.message, reason }), (done) => `${done.deleted} deleted.`);
      })),
  ]);
  const more = count + hidden - found.length;
  return [el("h2", {}, `${pair}, ${queue}`), more > 0 ? el("p", { class: "quiet" },
    `${found.length} of ${count + hidden} are shown: SQS hands out at most ten of one record at a time. The others show when these are moved back or deleted.`) : "", table(["sent", "kind", "about", "back to", ""], rows)];
}

function about(letter) {
  if (letter.record) return link(letter.record, "record", { id: letter.record });
  return [letter.connection, letter.sender, letter.topic, letter.stream].filter(Boolean).join(" ");
}
