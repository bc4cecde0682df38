import { allowSound, chime } from "../lib/chime.js";
import { fill, say, showLink } from "../lib/page.js";
import { Stream } from "../lib/stream.js";
import { factsOf, isCalledAnew, isOver, newsOf, phaseOf, progressOf, reduceTicket } from "../lib/ticket.js";
import { clockIn, passesClosing, serverClock, waitRange } from "../lib/times.js";

/** Two short knocks, in ms: on, off, on. */
const KNOCK = [300, 150, 300];
const TITLES = { waiting: "titleWaiting", one: "titleWaiting", next: "titleNext", called: "titleCalled", parked: "titleParked" };
const NEWS = { goesOn: "newsGoesOn", moved: "newsMoved", bound: "newsBound", back: "newsBack", class: "newsClass", noClass: "newsNoClass" };

/** The ticket's live page: what is true now, in the title, in one sentence and in the colour of the page. */
export class Ticket {
  constructor(element) {
    this.element = element;
    this.texts = element.dataset;
    this.ticket = JSON.parse(this.texts.ticket);
    this.counters = JSON.parse(this.texts.counters);
    this.services = JSON.parse(this.texts.services);
    this.warnings = { may: this.texts.textMay, would: this.texts.textWould };
    this.clock = clockIn(this.texts.timeZone);
    this.now = serverClock(this.texts.now);
    this.news = element.querySelector("[data-news]");
    this.truths = element.querySelectorAll(".pass__truth [data-when]");
    this.sound = element.querySelector("[data-sound]");
    this.sound.hidden = false;
    this.sound.addEventListener("click", () => this.#switchSound());
    if (isOver(this.ticket)) return;
    new Stream(this.texts.stream, {
      reduce: reduceTicket,
      changed: (state) => this.#show(state),
      linked: (link) => showLink(link, this.clock),
    });
  }

  #show({ ticket, pause }) {
    const before = this.ticket;
    const phase = phaseOf(ticket);
    const words = this.#words(ticket, pause);
    this.ticket = ticket;
    fill(this.element, words);
    this.element.querySelector("[data-progress]").value = progressOf(ticket);
    this.#showFacts(ticket, words);
    this.#showPause(pause);
    this.#tell(NEWS[newsOf(before, ticket, this.texts.standard)], before, words);
    document.title = say(this.texts[TITLES[phase] || "titleOther"], words);
    document.body.dataset.phase = phase;
    for (const truth of this.truths) truth.hidden = truth.dataset.when !== phase;
    if (isCalledAnew(before, ticket)) this.#knock();
    for (const meta of document.querySelectorAll("meta[name=theme-color]")) meta.content = getComputedStyle(document.body).getPropertyValue("--page").trim();
  }

  #words(ticket, pause) {
    const [counter, bound] = [ticket.counter, ticket.for_counter].map((id) => this.counters[id] || id || "");
    return {
      number: ticket.number,
      ahead: ticket.people_ahead ?? "",
      service: this.services[ticket.service] || ticket.service,
      then: ticket.then.map((service) => this.services[service] || service).join(" → "),
      counter,
      counter_said: say(this.texts.textCounter, { counter }),
      for_counter: bound,
      bound: say(this.texts.textBound, { counter: bound }),
      wait: pause?.calling ? this.texts.textPaused : waitRange(ticket.estimate, this.texts),
      warning: this.warnings[passesClosing(ticket.estimate, Date.parse(this.texts.closesAt), this.now())] || "",
      called_at: ticket.called_at ? this.clock(ticket.called_at) : "",
    };
  }

  #showFacts(ticket, { warning }) {
    const facts = { ...factsOf(ticket, this.texts.standard), closing: warning !== "" };
    for (const fact of this.element.querySelectorAll("[data-fact]")) fact.hidden = !facts[fact.dataset.fact];
  }

  #showPause(pause) {
    const bar = document.querySelector("[data-pause]");
    bar.hidden = !pause;
    if (!pause) return;
    const said = pause.message?.[document.documentElement.lang] || bar.dataset.textPaused;
    bar.querySelector("[data-pause-said]").textContent = said;
    bar.querySelector("[data-pause-meaning]").textContent = pause.calling ? bar.dataset.textCalling : bar.dataset.textIssuing;
  }

  /** What happened to the ticket stays said until its state changes again. */
  #tell(news, before, words) {
    if (news) this.news.textContent = say(this.texts[news], { ...words, counter: words.for_counter });
    if (news || before.state !== this.ticket.state) this.news.hidden = !news;
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
