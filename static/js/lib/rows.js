import { clockIn, duration } from "./times.js";
import { say } from "./page.js";

/** What the clerk's page says of a ticket, in its own words (`data-text-…`, `data-names`). */
export class Words {
  /** `learnt` is called when the name of something that a ticket carries has become known. */
  constructor(texts, now, learnt = () => {}) {
    this.texts = texts;
    this.now = now;
    this.learnt = learnt;
    this.names = JSON.parse(texts.names);
    this.clock = clockIn(texts.timeZone);
  }

  of(ticket) {
    const { number, calls, service, then, goods, for_counter: bound, claimed_class: claimed, called_at: called, started_at: started } = ticket;
    const { services, counters, classes } = this.names;
    return {
      number,
      calls,
      service: services[service] || service,
      waited: duration(this.waited(ticket) / 1000, this.texts),
      called_at: called ? this.clock(called) : "",
      started_at: started ? this.clock(started) : "",
      class_name: classes[ticket.class] || "",
      claimed_name: claimed ? classes[claimed] || claimed : "",
      bound: bound ? say(this.texts.textBound, { counter: counters[bound] || bound }) : "",
      then: then.length ? say(this.texts.textThen, { services: then.map((one) => services[one] || one).join(this.texts.textComma) }) : "",
      goods: goods ? this.#goods(goods) : "",
      can_return: this.now() - Date.parse(ticket.ended_at || 0) <= Number(this.texts.putBackFor),
    };
  }

  #goods({ sku, quantity }) {
    if (!(sku in this.names.goods)) this.#ask(sku);
    const name = this.names.goods[sku];
    return quantity === 1 ? name : say(this.texts.textGoods, { count: quantity, name });
  }

  async #ask(sku) {
    this.names.goods[sku] = sku;
    const answer = await fetch(`/api/v1/products/${sku}`).catch(() => null);
    if (!answer || !answer.ok) return;
    this.names.goods[sku] = (await answer.json()).name;
    this.learnt();
  }

  /** Until the call, or until now, as long as it waits, waits again or is parked; in ms. */
  waited({ created_at: came, called_at: called, state }) {
    return (called && !["waiting", "parked"].includes(state) ? Date.parse(called) : this.now()) - Date.parse(came);
  }

  late(ticket) {
    return ticket.state === "waiting" && this.waited(ticket) > Number(this.texts.lateAfter);
  }
}
