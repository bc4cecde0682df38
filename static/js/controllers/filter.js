/** Show only the rows of the line that hold what is typed: a number, or a service's name. */
export class Filter {
  constructor(line) {
    this.rows = line.querySelector("[data-line]");
    this.field = line.querySelector("[data-filter]");
    this.field.addEventListener("input", () => this.#apply());
    this.#apply(); // A ticket that was looked for by its code is filled in already.
    new MutationObserver(() => this.#apply()).observe(this.rows, { childList: true });
  }

  #apply() {
    const wanted = this.field.value.trim().toLowerCase();
    for (const row of this.rows.children) row.hidden = !row.textContent.toLowerCase().includes(wanted);
  }
}
