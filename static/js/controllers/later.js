import { Intent } from "../lib/action.js";
import { busily, refuse } from "../lib/page.js";

/** Letting people go first. The place itself changes when the live stream says so; here it is said what became of it. */
export class Later {
  #intent = new Intent();

  constructor(form) {
    this.form = form;
    this.pass = form.closest(".pass");
    this.fold = form.closest("details");
    this.buttons = form.querySelectorAll("[name=places]");
    for (const button of this.buttons) button.addEventListener("click", (event) => this.#press(event, Number(button.value)));
    this.fold.addEventListener("toggle", () => this.fold.open && form.scrollIntoView({ block: "nearest" }));
  }

  #press(event, places) {
    event.preventDefault();
    return busily(this.buttons, () => this.#postpone(places));
  }

  async #postpone(places) {
    const deeds = this.form.closest(".pass__deeds");
    const before = Number(this.pass.querySelector("[data-field=ahead]").textContent);
    refuse(deeds, "");
    try {
      const ticket = await this.#intent.send("POST", this.form.dataset.actionUrl, { places });
      this.#tell(ticket.people_ahead, before);
    } catch (error) {
      if (error.status === undefined) throw error;
      refuse(deeds, error.status === 0 ? this.form.dataset.textLost : error.message);
    }
  }

  #tell(ahead, before) {
    const news = this.pass.querySelector("[data-news]");
    news.textContent = this.form.dataset[ahead > before ? "textLater" : "textSame"];
    news.hidden = false;
    this.fold.open = false;
    this.fold.querySelector("summary").focus();
  }
}
