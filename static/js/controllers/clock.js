import { clockIn } from "../lib/times.js";

const TICK_MS = 1_000;

/** The time in the hall. */
export class Clock {
  constructor(element) {
    const time = clockIn(element.dataset.timeZone);
    const tick = () => {
      const now = time(Date.now());
      if (element.textContent !== now) element.textContent = now;
    };
    tick();
    setInterval(tick, TICK_MS);
  }
}
