/** Each call is shown and spoken for so long before the next one. */
const CALL_MS = 4_000;
/** When calls come faster, nobody waits longer than this to be shown: those that wait are shown together. */
const BEHIND_MS = 8_000;

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
    const behind = this.#waiting.length * CALL_MS;
    const calls = this.#waiting.splice(0, behind > BEHIND_MS ? this.#waiting.length : 1);
    if (calls.length === 0) return this.show(null);
    this.#timer = setTimeout(() => this.#next(), CALL_MS);
    return this.show(calls);
  }
}
