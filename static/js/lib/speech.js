import { named } from "./page.js";

/** A sentence takes five seconds; a browser that has said nothing of its end after this long never will. */
const LONGEST_MS = 12_000;
/** So many calls may wait to be said for the first time; the voice must not fall further behind the picture. */
const MOST_BEHIND = 2;
const ZH_DIGITS = ["零", "一", "二", "三", "四", "五", "六", "七", "八", "九"];

/** A number as it is read aloud: letter and digits one by one. "A012" is "A 零 一 二" or "A 0 1 2". */
export function spell(number, language, one = "yi") {
  const signs = Array.from(String(number));
  if (!language.startsWith("zh")) return signs.join(" ");
  const digits = one === "yao" ? ZH_DIGITS.map((digit, value) => (value === 1 ? "幺" : digit)) : ZH_DIGITS;
  return signs.map((sign) => digits[sign] || sign).join(" ");
}

/** The sentence of a call: 「请 A 零 一 二 号，到 3 号柜台」, "Number A 0 1 2, counter 3". */
export function sentence(call, language, one) {
  const number = spell(call.number, language, one);
  if (language.startsWith("zh")) return named(`请 ${number} 号，到 ${call.counter} 号柜台`);
  return `Number ${number}, counter ${call.counter}`;
}

/** Says calls one after the other. A newer call takes the place of older ones' repeats, but cuts nobody off. */
export class Voice {
  #waiting = [];
  #spoken = null;
  #timer = null;

  say(call, { languages, times, rate, one }) {
    if (!("speechSynthesis" in window)) return;
    const once = languages.map((language) => ({ text: sentence(call, language, one), language, rate }));
    const rounds = Array.from({ length: times }, (_, round) => once.map((said) => ({ ...said, again: round > 0 })));
    const firsts = this.#waiting.filter(({ again }) => !again).slice(-MOST_BEHIND * languages.length);
    this.#waiting = firsts.concat(...rounds);
    if (!this.#spoken) this.#next();
  }

  #next() {
    clearTimeout(this.#timer);
    const said = this.#waiting.shift();
    this.#spoken = said ? utterance(said) : null;
    if (!said) return;
    this.#spoken.onend = this.#spoken.onerror = () => this.#next();
    this.#timer = setTimeout(() => this.#giveUp(), LONGEST_MS);
    speechSynthesis.speak(this.#spoken);
  }

  #giveUp() {
    this.#spoken.onend = this.#spoken.onerror = null;
    speechSynthesis.cancel();
    this.#next();
  }
}

function utterance({ text, language, rate }) {
  const spoken = new SpeechSynthesisUtterance(text);
  const voice = speechSynthesis.getVoices().find(({ lang }) => lang.replace("_", "-").startsWith(language.slice(0, 2)));
  if (voice) spoken.voice = voice;
  return Object.assign(spoken, { lang: language, rate });
}
