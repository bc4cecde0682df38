import { allowSound, chime } from "./chime.js";
import { keep, recall } from "./memory.js";

/** So long may somebody wait while this counter stands free, before it is said. */
const PATIENCE_MS = 10_000;
const SOUND = "o2o.nudge-sound";

/** Tells a clerk whose counter stands free that somebody waits: quietly in the picture, and by a sound if they like. */
export class Nudge {
  #timer = null;

  constructor(root) {
    this.root = root;
    this.button = root.querySelector("[data-nudge-sound]");
    this.button.hidden = false;
    this.button.addEventListener("click", () => this.#choose(this.button.getAttribute("aria-pressed") !== "true"));
    if (recall(SOUND) === "on") this.#choose(true);
  }

  /** `due`: somebody waits, and could be called here. */
  look(due) {
    if (due && this.#timer === null) this.#timer = setTimeout(() => this.#tell(), PATIENCE_MS);
    if (due) return;
    clearTimeout(this.#timer);
    this.#timer = null;
    this.root.classList.remove("desk--nudge");
  }

  #tell() {
    this.root.classList.add("desk--nudge");
    if (this.button.getAttribute("aria-pressed") === "true") chime();
  }

  async #choose(on) {
    this.button.setAttribute("aria-pressed", String(on));
    keep(SOUND, on ? "on" : "off");
    if (on && !(await allowSound())) document.addEventListener("pointerdown", allowSound, { once: true });
  }
}
