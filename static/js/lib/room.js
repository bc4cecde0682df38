/** In bold letters, and around them an arrow and the padding; in ems. */
const LATIN = 0.6;
const AROUND = 2.15;

/** How wide a text is in ems, where a Latin sign is as wide as `latin`. */
export function room(text, latin = 0.5) {
  return Array.from(text).reduce((sum, sign) => sum + (sign > "\u2e80" ? 1 : latin), 0);
}

/** Tells the style sheet how wide an element with this text is, so that it chooses a size that fits. */
export function fitted(element, text) {
  element.style.setProperty("--wide", room(text, LATIN) + AROUND);
  return element;
}
