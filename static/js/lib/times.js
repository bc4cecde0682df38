import { say } from "./page.js";

/** 10:42, on the hall's own clock. */
export function clockIn(timeZone) {
  const format = new Intl.DateTimeFormat("en-GB", { timeZone, hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
  return (moment) => format.format(new Date(moment));
}

/** The server's time now, though this machine's clock may be wrong: the page was rendered at `then` (ms). */
export function serverClock(then) {
  const ahead = Number(then) - Date.now() + performance.now();
  return () => Date.now() + ahead;
}

/** The same for a screen that never sleeps: right also when this machine's clock is set while the page is open. */
export function steadyClock(then) {
  return () => Number(then) + performance.now();
}

const HOUR_MIN = 60;

/** How long something takes, in minutes, from an hour on in hours and minutes; in the page's own words. */
export function duration(seconds, { textMoment, textMinutes, textHours }) {
  const minutes = Math.round(seconds / 60);
  if (minutes < 1) return textMoment;
  if (minutes < HOUR_MIN) return say(textMinutes, { minutes });
  return say(textHours, { hours: Math.floor(minutes / HOUR_MIN), minutes: minutes % HOUR_MIN });
}

/** The range of a wait as a person says it, as the server says it too. */
export function waitRange({ known, low_s: lowS, high_s: highS }, texts) {
  if (!known) return texts.textUnknown;
  const [low, high] = [Math.floor(lowS / 60), Math.ceil(highS / 60)];
  if (high <= 1) return texts.textSoon;
  if (low === high) return say(texts.textOne, { high });
  if (low === 0) return say(texts.textUpTo, { high });
  if (low < HOUR_MIN) return say(texts.textRange, { low, high });
  return say(texts.textHours, { low: hours(low), high: hours(high) });
}

/** Whether somebody with this wait "may" not, or "would" not, be called before closing (ms); as the server says it too. */
export function passesClosing({ known, low_s: lowS, high_s: highS }, closesAt, now) {
  const leftS = (closesAt - now) / 1000;
  if (!known || !closesAt || leftS < 0 || highS < leftS) return null;
  return lowS >= leftS ? "would" : "may";
}

function hours(minutes) {
  return (minutes / HOUR_MIN).toFixed(1).replace(/\.0$/, "");
}
