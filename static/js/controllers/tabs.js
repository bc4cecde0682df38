/** Where the strip of tabs is longer than the screen, the page's own tab is in sight. */
export class Tabs {
  constructor(strip) {
    const here = strip.querySelector("[aria-current]");
    if (here) strip.scrollLeft = here.offsetLeft - (strip.clientWidth - here.offsetWidth) / 2;
  }
}
