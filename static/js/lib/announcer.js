import { RULES } from "./rules.js";

/** So many stand together at most: five lines of two fill the card. */
const TOGETHER = 10;

/** Calls wait their turn: each gets its time; too many at once are shown as a list. `show(calls)` draws one or several. */
export class Announcer {
  #waiting = [];
  #timer = null;

  constructor(show) {
    this.show = show;
  }

  add(call) {
    this.#waiting = this.#waiting.filter(({ id }) => id !== call.id).concat(call);
    if (this.#timer === null) this.#next();
  }

  /** Calls that ended before their turn came are not announced any more. */
  keep(ids) {
    this.#waiting = this.#waiting.filter(({ id }) => ids.has(id));
  }

  #next() {
    this.#timer = null;
    const behind = this.#waiting.length * RULES.call;
    const calls = this.#waiting.splice(0, behind > RULES.behind ? TOGETHER : 1);
    if (calls.length === 0) return this.show(null);
    this.#timer = setTimeout(() => this.#next(), RULES.call);
    return this.show(calls);
  }
}
