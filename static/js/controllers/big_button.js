const CONTROLS = "a, button, input, select, textarea, summary";

/** Space presses the big button that is shown, unless the key belongs to what has the focus. */
export class BigButton {
  constructor(form) {
    this.form = form;
    document.addEventListener("keydown", (event) => this.#key(event));
  }

  #key(event) {
    if (event.key !== " " || event.repeat || belongsTo(event.target)) return;
    event.preventDefault();
    const shown = Array.from(this.form.querySelectorAll(".button--big")).find((button) => button.offsetParent);
    if (shown) shown.click();
  }
}

/** A button that was pressed and then hidden keeps the focus for a moment, but no key belongs to it any more. */
function belongsTo(target) {
  const control = target.closest(CONTROLS);
  return control !== null && control.offsetParent !== null;
}
