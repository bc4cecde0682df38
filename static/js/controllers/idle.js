import { keep, recall } from "../lib/memory.js";
import { fetched } from "../lib/patience.js";

/** How often a page that is used says so, at least TELLS times before it would be locked: the server is this exact. */
const TELL_MS = 60_000;
const TELLS = 4;
const LOOK_MS = 5_000;
const MINUTE_MS = 60_000;
/** All pages of this browser share one session, so whoever uses one of them uses all. */
const KEY = "o2o.used";
const SIGNS = ["pointerdown", "keydown", "wheel", "touchmove"];

/** Locks the page when nobody has used it for some minutes. The server does the same, when no page tells it otherwise. */
export class Idle {
  #told = Date.now();

  constructor(form) {
    this.form = form;
    this.limit = Number(form.dataset.minutes) * MINUTE_MS;
    this.tell = Math.min(TELL_MS, this.limit / TELLS);
    if (!this.limit) return;
    this.#used();
    for (const sign of SIGNS) window.addEventListener(sign, () => this.#used(), { passive: true });
    setInterval(() => this.#look(), LOOK_MS);
    document.addEventListener("visibilitychange", () => this.#look());
  }

  #used() {
    const now = Date.now();
    if (now - usedAt() > LOOK_MS) keep(KEY, now);
    if (now - this.#told < this.tell) return;
    this.#told = now;
    fetched("/api/v1/session", {}, (whole) => whole).catch(() => {});
  }

  #look() {
    if (Date.now() - usedAt() >= this.limit) this.#lock();
  }

  /** Without a network the page stays as it is, and is locked when there is one again. */
  async #lock() {
    const body = new URLSearchParams(new FormData(this.form));
    const answer = await fetched(this.form.action, { method: "POST", body }, (whole) => whole).catch(() => null);
    if (answer) location.assign(answer.redirected ? answer.url : location.href);
  }
}

function usedAt() {
  return Number(recall(KEY) || 0);
}
