/** Two notes, a falling major third, as stations use: E5, then C5. Frequency in Hz, start in seconds. */
const NOTES = [
  { pitch: 659.26, at: 0 },
  { pitch: 523.25, at: 0.35 },
];
const RING_S = 0.9;
const LOUDNESS = 0.35;

let context = null;

/** Whether sound may be heard now; a browser allows it only after somebody has touched the page. */
export async function allowSound() {
  context = context || new (window.AudioContext || window.webkitAudioContext)();
  // A context that may not start stays waiting without an answer, so that the answer is its state a moment later.
  await Promise.race([context.resume(), new Promise((done) => setTimeout(done, 300))]);
  return context.state === "running";
}

/** A button that lets sound be heard, for as long as the browser waits for somebody to touch the page. */
export async function offerSound(button) {
  button.hidden = await allowSound();
  button.addEventListener("click", async () => {
    button.hidden = await allowSound();
    chime();
  });
}

export function chime() {
  if (context === null || context.state !== "running") return;
  for (const { pitch, at } of NOTES) ring(pitch, context.currentTime + at);
}

function ring(pitch, at) {
  const tone = new OscillatorNode(context, { type: "sine", frequency: pitch });
  const gain = new GainNode(context, { gain: 0 });
  gain.gain.setValueAtTime(0, at);
  gain.gain.linearRampToValueAtTime(LOUDNESS, at + 0.02);
  gain.gain.exponentialRampToValueAtTime(0.001, at + RING_S);
  tone.connect(gain).connect(context.destination);
  tone.start(at);
  tone.stop(at + RING_S);
}
