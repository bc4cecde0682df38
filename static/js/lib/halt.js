import { room } from "./room.js";

/** Words of so much fit in letters of size 1, 2 and 3; a Latin letter takes half as much room as a Chinese character. */
const FITS = [45, 110, 180];

/** What a screen says of a pause in each language, and in which size; null while nothing is stopped. Pure. */
export function haltWords(pause, texts) {
  if (!pause) return null;
  const ours = pause.calling ? "calling" : "issuing";
  const zh = pause.message?.["zh-CN"] || texts["zh-CN"][ours];
  const en = pause.message?.en || texts.en[ours];
  const size = FITS.filter((most) => room(zh) + room(en) > most).length + 1;
  return { zh, en: en === zh ? "" : en, size };
}

/** Says across the screen what the hall has stopped, or nothing. */
export function showHalt(root, pause) {
  const bar = root.querySelector("[data-halt]");
  const words = haltWords(pause, JSON.parse(bar.dataset.texts));
  bar.hidden = !words;
  if (!words) return delete root.dataset.halted;
  root.dataset.halted = ["calling", "issuing"].filter((what) => pause[what]).join(" ");
  bar.dataset.size = words.size;
  for (const [lang, text] of [["zh-CN", words.zh], ["en", words.en]]) {
    const line = bar.querySelector(`[lang="${lang}"]`);
    line.hidden = !text;
    if (line.textContent !== text) line.textContent = text;
  }
  return true;
}
