import { serverClock } from "../lib/times.js";

/** Shows a word before the shift ends, also on a page that has been open since its beginning. */
export class Shift {
  constructor(note) {
    const now = serverClock(note.dataset.now);
    if (!note.dataset.warn) return;
    setTimeout(() => (note.hidden = false), Math.max(0, Number(note.dataset.warn) - now()));
  }
}
