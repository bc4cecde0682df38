/** What could not be kept: of a browser that keeps nothing, or has no room, it is known until the page goes. */
const here = new Map();

/** What was kept under the name, as text; null when nothing was. */
export function recall(name) {
  if (here.has(name)) return here.get(name);
  try {
    return localStorage.getItem(name);
  } catch (error) {
    return null;
  }
}

/** Keep something for all pages of this browser. */
export function keep(name, value) {
  try {
    localStorage.setItem(name, value);
    here.delete(name);
  } catch (error) {
    here.set(name, String(value));
  }
}
