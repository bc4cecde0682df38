import { keep, recall } from "../lib/memory.js";

const CONTROLS = "a, button, input, select, textarea, summary";
const FIELDS = "input, select, textarea";
const LETTERS = "o2o.letter-keys";

/** A key presses what names it by `aria-keyshortcuts`, unless the key belongs to what has the focus. */
export class Shortcuts {
  constructor(root) {
    this.root = root;
    this.toggle = root.querySelector("[data-letter-keys]");
    this.toggle.hidden = false;
    this.toggle.addEventListener("click", () => this.#choose(this.root.dataset.letters === "off"));
    this.#choose(recall(LETTERS) !== "off");
    document.addEventListener("keydown", (event) => this.#key(event));
  }

  /** Whoever speaks to the machine, or leans on keys, may want no letter to do anything. */
  #choose(on) {
    this.root.dataset.letters = on ? "on" : "off";
    this.toggle.setAttribute("aria-pressed", String(on));
    keep(LETTERS, on ? "on" : "off");
  }

  #key(event) {
    const key = event.key === " " ? "Space" : event.key;
    if (event.repeat || event.ctrlKey || event.altKey || event.metaKey || belongsTo(event.target, key)) return;
    if (key.length === 1 && this.root.dataset.letters === "off") return;
    const named = this.root.querySelectorAll(`[aria-keyshortcuts="${CSS.escape(key)}" i]`);
    const shown = Array.from(named).find((one) => one.offsetParent);
    if (!shown) return;
    event.preventDefault();
    if (shown.matches(FIELDS)) shown.focus();
    else shown.click();
  }
}

/** A button that was pressed and then hidden keeps the focus for a moment, but no key belongs to it any more. */
function belongsTo(target, key) {
  const control = target.closest(key === "Space" ? CONTROLS : FIELDS);
  return control !== null && control.offsetParent !== null && key !== "Escape";
}
