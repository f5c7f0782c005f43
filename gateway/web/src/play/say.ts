/** Tells the worker something on the control channel, as soon as that is open. */
export function say(control: RTCDataChannel, message: { type: string } & Record<string, unknown>): void {
  const text = JSON.stringify(message);
  if (control.readyState === "open") control.send(text);
  else if (control.readyState === "connecting") {
    control.addEventListener("open", () => control.send(text), { once: true });
  }
}
