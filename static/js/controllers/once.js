/**
 * A plain form is sent once, however often its button is pressed; coming back to the page frees it. One that came back
 * refused leads to what is wrong with it.
 */
export class Once {
  #sent = false;

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
    for (const button of this.form.querySelectorAll("[type=submit]")) button.setAttribute("aria-busy", String(sent));
  }
}
