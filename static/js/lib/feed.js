/**
 * A hall's state as this page knows it: a snapshot, and events that follow it one by one. Pure, so that it can be
 * tested with frames lost, doubled and out of order: its version never goes back within an epoch.
 */
export class Feed {
  epoch = null;
  version = -1;
  state = null;

  constructor(reduce) {
    this.reduce = reduce;
  }

  /** What a frame from the server means: "changed", "same", or "gap" when something is missing before it. */
  accept(frame) {
    if (frame.type === "snapshot") return this.#snapshot(frame);
    if (this.state === null || frame.epoch !== this.epoch) return this.#isOld(frame) ? "same" : "gap";
    if (frame.version <= this.version) return "same";
    if (frame.type === "heartbeat") return "gap";
    if (frame.version !== this.version + 1) return "gap";
    this.state = this.reduce(this.state, frame);
    this.version = frame.version;
    return "changed";
  }

  /** What it has, as the stream's address says it: "2.41", or nothing yet. */
  get since() {
    return this.state === null ? "" : `${this.epoch}.${this.version}`;
  }

  #snapshot(frame) {
    if (this.#isOld(frame)) return "same";
    if (frame.epoch === this.epoch && frame.version < this.version) return "same";
    Object.assign(this, { epoch: frame.epoch, version: frame.version, state: frame.state });
    return "changed";
  }

  /** Epochs are numbers that only rise; one that is not a number is simply another one. */
  #isOld(frame) {
    return this.epoch !== null && Number(frame.epoch) < Number(this.epoch);
  }
}
