/** Slow enough for a loud hall. */
const VOLUME = 1;
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
  if (language.startsWith("zh")) return `请 ${number} 号，到 ${call.counter} 号柜台`;
  return `Number ${number}, counter ${call.counter}`;
}

/** Speaks each sentence; a browser without voices stays silent. */
export function speak(call, { languages, times, rate, one }) {
  if (!("speechSynthesis" in window)) return;
  speechSynthesis.cancel();
  for (let time = 0; time < times; time += 1) {
    for (const language of languages) speechSynthesis.speak(utterance(sentence(call, language, one), language, rate));
  }
}

function utterance(text, language, rate) {
  const said = new SpeechSynthesisUtterance(text);
  const voice = speechSynthesis.getVoices().find(({ lang }) => lang.replace("_", "-").startsWith(language.slice(0, 2)));
  if (voice) said.voice = voice;
  return Object.assign(said, { lang: language, rate, volume: VOLUME });
}
