import { fill } from "../lib/page.js";
import { fetched } from "../lib/patience.js";
import { clockIn, serverClock } from "../lib/times.js";

/** After the time that the page knows, the service is asked how it stands; it lasts longer while its ticket waits. */
const AFTER_MS = 1_000;
/** While nobody answers, or nothing has come of it yet. */
const AGAIN_MS = 15_000;

/** What a ticket carries: until when it is held, and when that is over. */
export class Held {
  constructor(element) {
    this.element = element;
    const { timeZone, now } = element.closest("[data-time-zone]").dataset;
    this.clock = clockIn(timeZone);
    this.now = serverClock(now);
    this.#wait();
  }

  #wait() {
    const { held, until } = this.element.dataset;
    if (held !== "active") return;
    setTimeout(() => this.#ask(), Math.max(Date.parse(until) - this.now() + AFTER_MS, AGAIN_MS));
  }

  async #ask() {
    const hold = await fetched(this.element.dataset.ticket, {}, holdOf).catch(() => null);
    if (hold) this.#show(hold);
    this.#wait();
  }

  #show({ state, expires_at: until }) {
    this.element.dataset.held = ["active", "converted"].includes(state) ? state : "gone";
    this.element.dataset.until = until;
    fill(this.element, { held_until: this.clock(until) });
  }
}

async function holdOf(answer) {
  return answer.ok ? (await answer.json()).hold : null;
}
