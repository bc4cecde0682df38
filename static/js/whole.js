/**
 * A page that lives asks for itself anew while its behaviour has not begun: one of its modules did not come,
 * or came of another release. It stays as it is until the service answers, for a browser's own page leads nowhere.
 */
(() => {
  const FIRST_MS = 10_000;
  const LAST_MS = 60_000;
  /** After this long without an answer the network counts as gone. */
  const PATIENCE_MS = 15_000;
  const KEY = "o2o.whole";

  const knowsModules = "noModule" in HTMLScriptElement.prototype;
  if (knowsModules) {
    const never = setTimeout(look, LAST_MS); // A page of which a part is never answered has never loaded.
    window.addEventListener("load", () => {
      clearTimeout(never);
      look();
    });
  }

  function look() {
    if (hasBegun()) kept(null);
    else later(tries());
  }

  function hasBegun() {
    return "begun" in document.documentElement.dataset;
  }

  /** Each time later than before, and never all of a country at once. */
  function later(tried) {
    setTimeout(() => anew(tried), Math.min(FIRST_MS * 2 ** tried, LAST_MS) * (0.5 + Math.random() / 2));
  }

  async function anew(tried) {
    const answered = await isAnswered();
    if (hasBegun()) return;
    if (!answered) return later(tried + 1);
    kept(tried + 1);
    location.replace(location.pathname + location.search);
  }

  function isAnswered() {
    const patience = new AbortController();
    setTimeout(() => patience.abort(), PATIENCE_MS);
    const request = { cache: "no-store", signal: patience.signal };
    return fetch(location.href, request).then(({ ok }) => ok, () => false);
  }

  function tries() {
    try {
      return Number(sessionStorage.getItem(KEY));
    } catch (error) {
      return 0;
    }
  }

  function kept(count) {
    try {
      if (count === null) sessionStorage.removeItem(KEY);
      else sessionStorage.setItem(KEY, count);
    } catch (error) {
      // A browser that keeps nothing comes back sooner.
    }
  }
})();
