import { Intent } from "../lib/action.js";
import { busily, refuse } from "../lib/page.js";

/** Leaving the line. The page itself changes when the live stream says so. */
export class Cancellation {
  #intent = new Intent();

  constructor(form) {
    this.form = form;
    form.addEventListener("submit", (event) => this.#submit(event));
  }

  #submit(event) {
    event.preventDefault();
    return busily(this.form.querySelectorAll("[type=submit]"), () => this.#leave());
  }

  async #leave() {
    const place = this.form.closest(".pass__deeds");
    refuse(place, "");
    try {
      await this.#intent.send("POST", this.form.dataset.actionUrl);
      this.form.closest("details").open = false;
    } catch (error) {
      if (error.status === undefined) throw error;
      refuse(place, error.status === 0 ? this.form.dataset.textLost : error.message);
    }
  }
}
