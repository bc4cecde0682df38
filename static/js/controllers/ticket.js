import { allowSound, chime } from "../lib/chime.js";
import { fill, say, showLink } from "../lib/page.js";
import { Stream } from "../lib/stream.js";
import { clockIn, passesClosing, waitRange } from "../lib/times.js";

/** Two short knocks, in ms: on, off, on. */
const KNOCK = [300, 150, 300];
/** How near the turn is, out of 50: halfway there with four ahead. The first half of the rail is waiting. */
const HALFWAY = 4;
const TURN = 50;
const PROGRESS = { called: TURN, serving: TURN, completed: 100 };
const ENDED = new Set(["completed", "no_show", "left", "reset"]);

/** The ticket's live page: what is true now, in the title, in one sentence and in the colour of the page. */
export class Ticket {
  #phase = document.body.dataset.phase;

  constructor(element) {
    this.element = element;
    this.texts = element.dataset;
    this.calls = Number(this.texts.calls);
    this.closing = element.querySelector("[data-closing]");
    this.warnings = { may: this.texts.textMay, would: this.texts.textWould };
    this.counters = JSON.parse(this.texts.counters);
    this.clock = clockIn(this.texts.timeZone);
    this.sound = element.querySelector("[data-sound]");
    this.sound.hidden = false;
    this.sound.addEventListener("click", () => this.#switchSound());
    if (ENDED.has(this.#phase) && this.#phase !== "no_show") return;
    new Stream(this.texts.stream, {
      reduce: (state, { data }) => ({ ...state, ticket: data.yours || state.ticket }),
      changed: (state) => this.#show(state.ticket),
      linked: (link) => showLink(link, this.clock),
    });
  }

  #show(ticket) {
    const counter = this.counters[ticket.counter] || ticket.counter || "";
    const values = { number: ticket.number, ahead: ticket.people_ahead, counter };
    const phase = phaseOf(ticket);
    const warning = this.warnings[passesClosing(ticket.estimate, Date.parse(this.texts.closesAt), Date.now())] || "";
    this.closing.hidden = !warning;
    fill(this.element, {
      ...values,
      warning,
      wait: waitRange(ticket.estimate, this.texts),
      called_at: ticket.called_at ? this.clock(ticket.called_at) : "",
    });
    this.element.querySelector("[data-progress]").value = PROGRESS[phase] || (TURN * HALFWAY) / (HALFWAY + (ticket.people_ahead || 0) + 1);
    document.title = say(this.texts[TITLES[phase] || "titleOther"], values);
    if (phase === "called" && (this.#phase !== "called" || ticket.calls > this.calls)) this.#knock();
    this.calls = ticket.calls;
    this.#phase = phase;
    document.body.dataset.phase = phase;
    for (const meta of document.querySelectorAll("meta[name=theme-color]")) meta.content = getComputedStyle(document.body).getPropertyValue("--page").trim();
  }

  #knock() {
    if (navigator.vibrate) navigator.vibrate(KNOCK);
    if (this.sound.getAttribute("aria-pressed") === "true") chime();
  }

  async #switchSound() {
    const on = this.sound.getAttribute("aria-pressed") !== "true" && (await allowSound());
    this.sound.setAttribute("aria-pressed", String(on));
    if (on) chime();
  }
}

const TITLES = { waiting: "titleWaiting", one: "titleWaiting", next: "titleNext", called: "titleCalled" };

/** The state, and within waiting how near it is: "next", "one" ahead, or "waiting". */
function phaseOf({ state, people_ahead: ahead }) {
  if (state !== "waiting") return state;
  return ["next", "one"][ahead] || "waiting";
}
