/** So long something that was done can be undone where it is said; the lists can undo it later too. */
const SHOWN_MS = 10_000;

/** What was just done, and the button that undoes it. A page that came with one lets it go as well. */
export class Toast {
  #timer = null;

  constructor(element) {
    this.element = element;
    this.text = element.querySelector("[data-toast-text]");
    this.undo = element.querySelector("[data-toast-undo]");
    if (!element.hidden) this.#letGo();
  }

  say({ said, undo }) {
    this.element.hidden = !said;
    this.text.textContent = said || "";
    this.undo.value = undo || "";
    this.undo.hidden = !undo;
    this.#letGo();
  }

  #letGo() {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => (this.element.hidden = true), SHOWN_MS);
  }
}
