import { RULES } from "./rules.js";

/** Put values into the places of an element that are named by `data-field`. */
export function fill(element, values) {
  for (const [name, value] of Object.entries(values)) {
    for (const place of element.querySelectorAll(`[data-field="${name}"]`)) {
      if (place.textContent !== String(value)) place.textContent = value;
    }
  }
}

/** Show the parts of an element that depend on a value (`data-if`) while there is one. */
export function reveal(element, values) {
  for (const part of element.querySelectorAll("[data-if]")) part.hidden = !values[part.dataset.if];
}

/** A copy of what a <template> draws, filled. */
export function draw(template, values) {
  const element = template.content.firstElementChild.cloneNode(true);
  fill(element, values);
  return element;
}

/**
 * Draw a list so that what stays keeps its element (and its focus), what is new is drawn, and what is gone goes.
 * `entry(item)` gives its key and how to draw it.
 */
export function redraw(list, items, entry) {
  const old = new Map(Array.from(list.children, (element) => [element.dataset.key || element.dataset.ticket, element]));
  const wanted = items.map((item) => {
    const [key, make] = entry(item);
    const element = old.get(key) || make();
    element.dataset.key = key;
    return element;
  });
  for (const element of Array.from(list.children)) if (!wanted.includes(element)) element.remove();
  wanted.forEach((element, place) => {
    if (list.children[place] !== element) list.insertBefore(element, list.children[place] || null);
  });
}

/** A text of the page (`data-text-…`) with its {places} filled. */
export function say(text, values) {
  return named(text.replace(/\{(\w+)\}/g, (place, name) => (name in values ? values[name] : place)));
}

/** A text as Chinese says a counter's name, as the server does: 「3 号柜台」, but 「VIP 柜台」 and 「企业客户柜台」. */
export function named(text) {
  return text.replace(/([^\d\s}>]) 号(?=柜台)/g, (_, last) => (last > "~" ? last : `${last} `));
}

/** Show what went wrong, in the page's own place for it, or take it away. */
export function refuse(root, text) {
  const note = root.querySelector("[data-refusal]");
  note.querySelector("[data-refusal-text]").textContent = text || "";
  note.hidden = !text;
}

/** While it runs, the buttons are busy; whoever presses again changes nothing. */
export async function busily(buttons, work) {
  const mine = Array.from(buttons);
  if (mine.some((button) => button.getAttribute("aria-busy") === "true")) return;
  for (const button of mine) button.setAttribute("aria-busy", "true");
  try {
    await work();
  } finally {
    for (const button of mine) button.removeAttribute("aria-busy");
  }
}

/** The server does not want this page back as it is: asking for it anew shows why, a little later. */
const ANEW_MS = 5_000;

let telling = null;

/** The bar that says since when the page is no longer fresh. */
export function showLink({ live, since, final }, clock) {
  const bar = document.querySelector("[data-stale]");
  if (final) setTimeout(() => location.reload(), ANEW_MS);
  if (live) {
    clearTimeout(telling);
    telling = null;
    bar.hidden = true;
    return;
  }
  bar.querySelector("[data-stale-since]").textContent = clock(since);
  telling = telling || setTimeout(() => (bar.hidden = false), RULES.grace);
}
