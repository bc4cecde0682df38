import { inOrder, pausedOf, phaseOf, reduceDesk, stateOf } from "../lib/desk.js";
import { Nudge } from "../lib/nudge.js";
import { draw, fill, redraw, reveal, showLink } from "../lib/page.js";
import { Words } from "../lib/rows.js";
import { Stream } from "../lib/stream.js";
import { serverClock } from "../lib/times.js";

/** Waiting times on the page grow by themselves; a minute is their unit. */
const TICK_MS = 15_000;

/** The clerk's counter, live: the present customer, the line, who is parked and who was not there. */
export class Counter {
  #state = null;
  #seen = {};

  constructor(root) {
    this.root = root;
    this.texts = root.dataset;
    this.words = new Words(this.texts, serverClock(this.texts.now), () => this.#show(this.#state));
    this.nudge = new Nudge(root);
    this.present = root.querySelector("[data-present]");
    this.ticket = root.querySelector("#deeds").elements.ticket;
    this.sheet = root.querySelector("[data-sheet]");
    setInterval(() => this.#state && this.#show(this.#state), TICK_MS);
    new Stream(this.texts.stream, {
      reduce: reduceDesk,
      changed: (state) => this.#show(state),
      linked: (link) => showLink(link, this.words.clock),
    });
  }

  #show(state) {
    this.#state = state;
    const [line, phase] = [inOrder(state), phaseOf(state, this.texts.me)];
    if (phase === "taken" && this.texts.phase !== "taken") return location.reload(); // The page itself says who has it.
    this.#standing(state, phase);
    this.#customer(state.current);
    fill(this.root, { served: state.today.served, waiting: line.length, parked: state.parked.length, absent: state.absent.length, next: line.length ? line[0].number : "" });
    this.#list("line", line);
    this.#list("parked", state.parked);
    this.#list("absent", state.absent);
    this.#compare(state);
    const paused = ["calling", "both"].includes(this.texts.paused);
    for (const button of this.root.querySelectorAll("[data-calls]")) button.disabled = paused;
    this.nudge.look(phase === "idle" && line.length > 0 && !paused);
  }

  #standing(state, phase) {
    const words = state.pause && state.pause.message ? state.pause.message[document.documentElement.lang] : "";
    Object.assign(this.texts, { phase, paused: pausedOf(state) });
    fill(this.root, { pause_words: words });
    this.root.classList.toggle("desk--nobody", !state.line.length);
  }

  #customer(current) {
    this.ticket.value = current ? current.id : "";
    for (const link of this.present.querySelectorAll("[data-href]")) link.href = link.dataset.href + this.ticket.value;
    this.present.querySelector("[data-again]").hidden = !(current && current.calls > 1);
    if (!current) return;
    const words = this.words.of(current);
    fill(this.present, words);
    reveal(this.present, words);
  }

  #list(name, tickets) {
    const template = this.root.querySelector(`template[data-${name}-row]`);
    const list = this.root.querySelector(`[data-${name}]`);
    redraw(list, tickets, (ticket) => [ticket.id, () => drawn(template, ticket)]);
    tickets.forEach((ticket, place) => this.#freshen(list.children[place], ticket));
    const aside = list.closest("[data-aside]");
    if (aside) aside.hidden = !tickets.length;
  }

  #freshen(row, ticket) {
    const words = this.words.of(ticket);
    row.dataset.service = ticket.service;
    row.classList.toggle("line__row--late", this.words.late(ticket));
    fill(row, words);
    reveal(row, words);
  }

  /** An open sheet shows its ticket as it was: when that changes, it is drawn anew. */
  #compare(state) {
    const { ticket } = this.sheet.dataset;
    const now = ticket && stateOf(state, ticket);
    if (ticket && ticket === this.#seen.ticket && now !== this.#seen.now) this.sheet.dispatchEvent(new CustomEvent("stale"));
    this.#seen = { ticket, now };
  }
}

/** A row for the ticket: its links and buttons are about it. */
function drawn(template, { id }) {
  const row = draw(template, {});
  for (const one of row.querySelectorAll("[data-of]")) {
    if (one.href) one.href += id;
    else one.value += id;
  }
  return row;
}
