/**
 * A page's claim to play a session. A session has one peer, so two pages that
 * both reconnect would take it from each other without an end: the page that
 * claims last keeps it, and the others are told. It reaches the pages of one
 * browser; a page elsewhere is told by the worker, on the control channel.
 */
export class Claim {
  private readonly channel: BroadcastChannel;
  private madeAt = Number.POSITIVE_INFINITY; // ms, the same clock in every page

  constructor(session: string, onLost: () => void) {
    this.channel = new BroadcastChannel(`playcast-session-${session}`);
    this.channel.onmessage = ({ data }: MessageEvent<unknown>) => {
      // A claim made before ours may arrive after it.
      if (typeof data === "number" && data >= this.madeAt) onLost();
    };
  }

  /** Takes the session over from every other page; once, not at each reconnect. */
  make(): void {
    if (Number.isFinite(this.madeAt)) return;
    this.madeAt = performance.timeOrigin + performance.now();
    this.channel.postMessage(this.madeAt);
  }

  end(): void {
    this.channel.close();
  }
}
