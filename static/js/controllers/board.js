import { Announcer } from "../lib/announcer.js";
import { stayAwake } from "../lib/awake.js";
import { isNews, lastCalls, nextRows, placed, reduceBoard } from "../lib/board.js";
import { chime, offerSound } from "../lib/chime.js";
import { showHalt } from "../lib/halt.js";
import { draw, fill, redraw, say, showLink } from "../lib/page.js";
import { fitted } from "../lib/room.js";
import { Voice } from "../lib/speech.js";
import { Stream } from "../lib/stream.js";
import { clockIn, steadyClock } from "../lib/times.js";

const LAST_CALLS = 5;
const NEXT_SHOWN = 2;
const SERVICES_SHOWN = 8;
const ONE_COLUMN = 4;
/** The chime rings out before the voice begins. */
const VOICE_AFTER_MS = 1_100;

/** The hall's screen: who is called and where to, large, spoken and in turn; who was, and who is next. */
export class Board {
  #state = null;
  #announced = null;

  constructor(root) {
    this.root = root;
    this.texts = root.dataset;
    this.parts = Object.fromEntries(["pairs", "calls", "next"].map((name) => [name, root.querySelector(`[data-${name}]`)]));
    this.templates = Object.fromEntries(["pair", "call", "next-row"].map((name) => [name, root.querySelector(`template[data-${name}]`)]));
    this.code = root.querySelector("[data-code-picture]");
    this.voice = new Voice();
    this.announcer = new Announcer((calls) => this.#announce(calls));
    const clock = clockIn(this.texts.timeZone);
    const now = steadyClock(this.texts.now);
    stayAwake();
    offerSound(root.querySelector("[data-start]"));
    new Stream(this.texts.stream, {
      reduce: reduceBoard,
      changed: (state, frame) => this.#show(state, isNews(frame, now()) ? frame.data : null),
      linked: (link) => showLink(link, clock),
    });
  }

  #show(state, news) {
    this.#state = state;
    if (news) this.announcer.add(news);
    const called = new Set(state.calling.map(({ id }) => id));
    this.announcer.keep(called);
    this.#draw();
  }

  /** The call whose turn it is; null when none waits, and the latest one stays. */
  #announce(calls) {
    this.#announced = calls;
    if (!calls) return this.#draw();
    chime();
    const { speech } = this.#state.hall;
    if (calls.length === 1) setTimeout(() => this.voice.say(placed(calls[0], this.#state.hall), speech), VOICE_AFTER_MS);
    return this.#draw();
  }

  /** An announced call has its time even if it was answered at once; else whoever is called, else the last one. */
  #draw() {
    const { calling, calls, hall, pause } = this.#state;
    showHalt(this.root, pause);
    this.#introduce(hall);
    const shown = this.#announced || (calling.length ? calling : calls).slice(0, 1);
    this.root.dataset.phase = this.#announced || calling.length ? "calling" : shown.length ? "past" : "quiet";
    this.parts.pairs.classList.toggle("calling__pairs--many", shown.length > 1);
    this.parts.pairs.classList.toggle("calling__pairs--crowd", shown.length > ONE_COLUMN);
    redraw(this.parts.pairs, shown, (call) => this.#call("pair", call, call.calls));
    const before = lastCalls(this.#state, shown, LAST_CALLS);
    redraw(this.parts.calls, before, (call) => this.#call("call", call));
    redraw(this.parts.next, nextRows(this.#state, SERVICES_SHOWN), (row) => this.#line(row));
  }

  /** A manager may rename the hall, or replace its code: the old one leads nowhere. */
  #introduce({ names, qr }) {
    const name = names[this.texts.language];
    fill(this.root, { hall: name });
    document.title = `${name} · o2o`;
    if (this.code.getAttribute("src") !== qr) this.code.src = qr;
  }

  #call(template, call, calls = "") {
    const counter = say(this.texts.textCounter, placed(call, this.#state.hall));
    return [`${call.id} ${calls} ${counter}`, () => fitted(draw(this.templates[template], { number: call.number, counter }), counter)];
  }

  #line({ service, names, numbers }) {
    const words = { name: names[this.texts.language], numbers: numbers.slice(0, NEXT_SHOWN).join(" ") };
    return [`${service} ${words.name} ${words.numbers}`, () => draw(this.templates["next-row"], words)];
  }
}
