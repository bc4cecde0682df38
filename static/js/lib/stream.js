import { Feed } from "./feed.js";
import { RULES } from "./rules.js";

/** Hidden for longer, a page may have slept: it asks anew. */
const SLEPT_MS = 60_000;
/** The server's own table of close codes, rendered into the page: from `first_final` on, do not come back. */
const CODES = JSON.parse(document.documentElement.dataset.closeCodes || "{}");

/**
 * A live stream: snapshot, then events. It comes back by itself and says how the line is.
 * `changed(state, frame)` is called after each change, `linked({live, since, final})` when the line changes.
 */
export class Stream {
  #socket = null;
  #attempt = 0;
  #openedAt = 0;
  #timers = {};
  #heardAt = Date.now();
  #hiddenAt = 0;

  constructor(path, { reduce, changed, linked }) {
    this.url = new URL(path, location.href);
    this.url.protocol = location.protocol === "https:" ? "wss:" : "ws:";
    this.feed = new Feed(reduce);
    this.changed = changed;
    this.linked = linked;
    document.addEventListener("visibilitychange", () => this.#wake());
    window.addEventListener("online", () => this.#reopen());
    window.addEventListener("pageshow", (event) => event.persisted && this.#reopen());
    this.#open();
  }

  #open() {
    clearTimeout(this.#timers.again);
    this.url.searchParams.set("since", this.feed.since);
    const socket = new WebSocket(this.url);
    this.#openedAt = Date.now();
    this.#socket = socket;
    this.#listen();
    socket.onmessage = ({ data }) => socket === this.#socket && this.#hear(JSON.parse(data));
    socket.onclose = ({ code }) => socket === this.#socket && this.#lost(code);
  }

  #hear(frame) {
    this.#heardAt = Date.now();
    this.#listen();
    const meaning = this.feed.accept(frame);
    if (meaning === "gap") return this.#reopen();
    this.linked({ live: true });
    if (meaning === "changed") this.changed(this.feed.state, frame);
  }

  #listen() {
    clearTimeout(this.#timers.silence);
    this.#timers.silence = setTimeout(() => this.#reopen(), RULES.silence);
  }

  #lost(code = 1006) {
    clearTimeout(this.#timers.silence);
    clearTimeout(this.#timers.again);
    const final = code >= CODES.first_final || code === CODES.locked; // Locked, the page itself asks for the PIN.
    this.linked({ live: false, since: this.#heardAt, final });
    if (final) return;
    if (Date.now() - this.#openedAt > RULES.steady) this.#attempt = 0;
    const wait = Math.min(RULES.longest_wait, RULES.first_wait * 2 ** this.#attempt);
    this.#attempt += 1;
    this.#timers.again = setTimeout(() => this.#open(), wait * (0.5 + Math.random() / 2));
  }

  #reopen() {
    const dead = this.#socket;
    this.#socket = null;
    dead?.close();
    this.#lost();
  }

  #wake() {
    if (document.hidden) this.#hiddenAt = Date.now();
    else if (Date.now() - this.#hiddenAt > SLEPT_MS) this.#reopen();
  }
}
