import type { Session, TokenSource } from "../api/client";
import { backoff } from "./backoff";
import { readMessage, type ClientMessage } from "./messages";

/** The part of a WebSocket that LiveSocket uses. */
export interface Wire {
  send(data: string): void;
  close(code?: number): void;
  onopen: ((event: Event) => void) | null;
  onmessage: ((event: MessageEvent) => void) | null;
  onclose: ((event: CloseEvent) => void) | null;
}

/** Where LiveSocket gets what it needs; the defaults are the browser's. */
export interface LiveConfig {
  open: () => Wire;
  tokens: TokenSource;
  /** By what the gateway knows this browser again. */
  device: string;
  random?: () => number;
}

type Listener = (state: Session) => void;

/** From this close code on, coming back is of no use. */
const firstFinalCode = 3500;

/**
 * The states of sessions as the gateway pushes them, over one WebSocket that is
 * open only while something is watched.
 *
 *	closed ──watch──▶ opening ──welcome──▶ open ──close code < 3500──▶ waiting ─▶ opening …
 *	                                         └───close code ≥ 3500──▶ refused
 *
 * After each welcome all watches are told again, and the gateway answers each
 * with the present state: nothing is lost by a reconnect. A state older than
 * the last one given is left out. Whoever watches is told whether the states
 * of a session arrive, to poll while they don't.
 */
export class LiveSocket {
  private readonly config: LiveConfig;
  private readonly watches = new Map<string, Set<Listener>>();
  private readonly positions = new Map<string, bigint>();
  private readonly feedListeners = new Set<() => void>();
  private wire: Wire | null = null;
  private welcomed = false;
  private refused = false;
  private attempt = 0;
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor(config: LiveConfig) {
    this.config = config;
  }

  /** Gives every state of a session from now on; ends by calling what it returns. */
  watch(session: string, listener: Listener): () => void {
    const listeners = this.watches.get(session) ?? new Set();
    this.watches.set(session, listeners.add(listener));
    // A later listener wants the present state too: watching again brings it.
    this.unfeed(session);
    if (this.welcomed) this.say({ type: "watch", view: "session", key: session });
    else this.open();
    return () => this.unwatch(session, listener);
  }

  /** Whether a session's states arrive; for useSyncExternalStore. */
  readonly feeds = (session: string): boolean => this.positions.has(session);
  readonly onFeed = (listener: () => void): (() => void) => {
    this.feedListeners.add(listener);
    return () => this.feedListeners.delete(listener);
  };

  /** Tells the gateway the renewed token, before it closes for the old one. */
  async renew(): Promise<void> {
    if (this.welcomed) await this.hello(this.wire);
  }

  /** Closes for good; watches stay, and open the socket again. */
  close(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    const wire = this.wire;
    this.wire = null;
    this.down();
    wire?.close(1000);
  }

  private unwatch(session: string, listener: Listener): void {
    const listeners = this.watches.get(session);
    if (!listeners?.delete(listener) || listeners.size > 0) return;
    this.watches.delete(session);
    this.positions.delete(session);
    if (this.welcomed) this.say({ type: "unwatch", view: "session", key: session });
    if (this.watches.size === 0) this.close();
  }

  private open(): void {
    if (this.wire || this.timer !== undefined || this.refused) return;
    const wire = this.config.open();
    this.wire = wire;
    wire.onopen = () => void this.hello(wire);
    wire.onmessage = (event) => this.hear(wire, event.data);
    wire.onclose = (event) => this.lost(wire, event.code);
  }

  private async hello(wire: Wire | null): Promise<void> {
    try {
      const token = await this.config.tokens.token();
      if (wire && this.wire === wire) this.say({ type: "hello", token, device: this.config.device });
    } catch {
      wire?.close(1000); // signed out: the pages show it
    }
  }

  private hear(wire: Wire, data: unknown): void {
    if (this.wire !== wire) return;
    const message = readMessage(data);
    if (message?.type === "welcome" && !this.welcomed) {
      this.attempt = 0;
      this.welcomed = true;
      for (const key of this.watches.keys()) this.say({ type: "watch", view: "session", key });
    }
    if (message?.type === "state") this.give(message.key, BigInt(message.position), message.state);
    if (message?.type === "error") this.unfeed(message.key);
  }

  private give(key: string, position: bigint, state: Session): void {
    const listeners = this.watches.get(key);
    const last = this.positions.get(key);
    if (!listeners || (last !== undefined && position < last)) return;
    this.positions.set(key, position);
    for (const listener of listeners) listener(state);
    if (last === undefined) this.tellFeeds();
  }

  private lost(wire: Wire, code: number): void {
    if (this.wire !== wire) return;
    this.wire = null;
    this.down();
    if (code >= firstFinalCode && code < 5000) {
      this.refused = true;
      return;
    }
    if (this.watches.size === 0) return;
    this.timer = setTimeout(
      () => {
        this.timer = undefined;
        if (this.watches.size > 0) this.open();
      },
      backoff(this.attempt++, this.config.random),
    );
  }

  private down(): void {
    this.welcomed = false;
    this.positions.clear();
    this.tellFeeds();
  }

  private unfeed(session: string): void {
    if (this.positions.delete(session)) this.tellFeeds();
  }

  private tellFeeds(): void {
    for (const listener of this.feedListeners) listener();
  }

  private say(message: ClientMessage): void {
    this.wire?.send(JSON.stringify(message));
  }
}
