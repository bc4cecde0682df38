import { PATIENCE_MS } from "../lib/patience.js";

/**
 * A plain form is sent once, however often its button is pressed. Coming back to the page frees it, and so does time, as
 * a browser that was told to stop says nothing of it; its key makes the repeat harmless. One that came back refused leads
 * to what is wrong with it.
 */
export class Once {
  #sent = false;
  #timer = null;

  constructor(form) {
    this.form = form;
    form.addEventListener("submit", (event) => this.#send(event));
    window.addEventListener("pageshow", () => this.#show());
  }

  #show() {
    this.#mark(false);
    this.form.querySelector("[aria-invalid=true]")?.focus();
  }

  #send(event) {
    if (this.#sent) event.preventDefault();
    else this.#mark(true);
  }

  #mark(sent) {
    this.#sent = sent;
    clearTimeout(this.#timer);
    if (sent) this.#timer = setTimeout(() => this.#mark(false), PATIENCE_MS);
    for (const button of this.form.querySelectorAll("[type=submit]")) button.setAttribute("aria-busy", String(sent));
  }
}
