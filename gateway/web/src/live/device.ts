const remembered = "playcast.device";

/** This browser's own id: made up once, and kept for as long as it keeps what pages store. */
export function device(): string {
  const kept = localStorage.getItem(remembered);
  if (kept) return kept;
  const made = Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
  localStorage.setItem(remembered, made);
  return made;
}
