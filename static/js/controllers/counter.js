import { Intent } from "../lib/action.js";
import { REQUESTS, phaseOf, reduceDesk } from "../lib/desk.js";
import { busily, draw, fill, redraw, refuse, showLink } from "../lib/page.js";
import { Stream } from "../lib/stream.js";
import { clockIn, duration, serverClock } from "../lib/times.js";

/** Waiting times on the page grow by themselves; a minute is their unit. */
const TICK_MS = 15_000;

/** The clerk's counter: the present customer and the line, live; every button sent once. */
export class Counter {
  #state = null;

  constructor(root) {
    this.root = root;
    this.texts = root.dataset;
    this.intent = new Intent({ csrf: this.texts.csrf });
    this.services = JSON.parse(this.texts.services);
    this.clock = clockIn(this.texts.timeZone);
    this.now = serverClock(this.texts.now);
    this.form = root.querySelector("[data-deeds]");
    this.form.addEventListener("submit", (event) => this.#act(event));
    setInterval(() => this.#state && this.#show(this.#state), TICK_MS);
    new Stream(this.texts.stream, {
      reduce: reduceDesk,
      changed: (state) => this.#show(state),
      linked: (link) => showLink(link, this.clock),
    });
  }

  #show(state) {
    this.#state = state;
    const [first] = state.line;
    this.root.dataset.phase = phaseOf(state);
    this.root.classList.toggle("desk--nobody", !first);
    this.form.elements.ticket.value = state.current ? state.current.id : "";
    fill(this.root, { served: state.today.served, waiting: state.line.length, absent: state.absent.length, next: first ? first.number : "" });
    if (state.current) fill(this.root.querySelector("[data-present]"), this.#words(state.current));
    this.root.querySelector("[data-again]").hidden = !(state.current && state.current.calls > 1);
    this.#list("line", state.line);
    this.#list("absent", state.absent);
  }

  #list(name, tickets) {
    const template = this.root.querySelector(`template[data-${name}-row]`);
    redraw(this.root.querySelector(`[data-${name}]`), tickets, (ticket) => [ticket.id, () => this.#row(template, ticket)]);
    for (const ticket of tickets) this.#freshen(this.root.querySelector(`[data-key="${ticket.id}"]`), ticket);
  }

  #row(template, ticket) {
    const row = draw(template, this.#words(ticket));
    const button = row.querySelector("button");
    button.value += ticket.id;
    return row;
  }

  #freshen(row, ticket) {
    const waits = this.now() - Date.parse(ticket.created_at);
    row.classList.toggle("line__row--late", ticket.state === "waiting" && waits > Number(this.texts.lateAfter));
    fill(row, { waited: this.#words(ticket).waited });
  }

  #words(ticket) {
    const { number, service, calls, created_at: came, called_at: called, started_at: started } = ticket;
    const waited = ((called ? Date.parse(called) : this.now()) - Date.parse(came)) / 1000;
    return {
      number,
      calls,
      service: this.services[service] || service,
      waited: duration(waited, this.texts),
      called_at: called ? this.clock(called) : "",
      started_at: started ? this.clock(started) : "",
    };
  }

  #act(event) {
    event.preventDefault();
    const [act, chosen] = event.submitter.value.split(":");
    const ticket = chosen || this.form.elements.ticket.value;
    busily([event.submitter], () => this.#send(REQUESTS[act]({ counter: this.texts.counter, ticket, chosen })));
  }

  async #send([method, url, body]) {
    refuse(this.root, "");
    try {
      const answer = await this.intent.send(method, `/api/v1${url}`, body);
      if (answer === null && method === "POST") refuse(this.root, this.texts.textNobody);
    } catch (error) {
      if (error.status === undefined) throw error;
      refuse(this.root, error.status === 0 ? this.texts.textLost : error.message);
    }
  }
}
