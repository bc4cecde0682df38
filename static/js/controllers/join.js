import { Intent } from "../lib/action.js";
import { busily, refuse } from "../lib/page.js";

/** What the page itself says better when it is drawn anew: with when the hall opens, and other halls. */
const DRAWN_ANEW = new Set(["hall_full", "hall_closed"]);

/** Taking a number: without leaving the page until it is there, so that a lost network loses nothing. */
export class Join {
  #intent = new Intent();

  constructor(form) {
    this.form = form;
    form.addEventListener("submit", (event) => this.#submit(event));
    form.addEventListener("change", () => this.#reveal());
    this.#reveal();
    form.addEventListener("keydown", (event) => event.key === "Escape" && form.reset());
  }

  /** The sheet must not cover what was chosen. */
  #reveal() {
    const chosen = this.form.querySelector(":checked");
    if (chosen) chosen.labels[0].scrollIntoView({ block: "nearest" });
  }

  #submit(event) {
    event.preventDefault();
    return busily(this.form.querySelectorAll("[type=submit]"), () => this.#take());
  }

  async #take() {
    const { service, phone } = this.form.elements;
    const given = phone.value.trim() ? { phone: phone.value.trim() } : {};
    const wish = { service: service.value, channel: this.form.dataset.channel, ...given };
    refuse(this.form, "");
    phone.removeAttribute("aria-invalid");
    try {
      const ticket = await this.#intent.send("POST", this.form.dataset.tickets, wish);
      location.assign(`/t/${ticket.id}?k=${ticket.token}`);
    } catch (error) {
      if (error.status === undefined) throw error;
      this.#refused(error);
    }
  }

  #refused({ status, problem, message }) {
    if (DRAWN_ANEW.has(problem.code)) location.reload();
    refuse(this.form, status === 0 ? this.form.dataset.textLost : message);
    if (problem.field !== "phone") return;
    this.form.elements.phone.setAttribute("aria-invalid", "true");
    this.form.elements.phone.focus();
  }
}
