/** Keep the screen lit while the page is seen; a browser that can't, or may not, does nothing. */
export function stayAwake() {
  if (!("wakeLock" in navigator)) return;
  const ask = () => !document.hidden && navigator.wakeLock.request("screen").catch(() => {});
  document.addEventListener("visibilitychange", ask);
  ask();
}
