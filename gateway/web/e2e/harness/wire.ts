import { createSocket, type Socket } from "node:dgram";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import type { Page } from "playwright-core";

/** The way from a page to the product, which can be cut: media, HTTP and WebSocket at once. */
export interface Wire {
  cut(): Promise<void>;
  /** The wire is whole again. */
  join(): Promise<void>;
  /** Forgets the way that the media goes now, as an address translation does: only a new one leads on. */
  forget(): void;
  close(): void;
}

/**
 * Puts a page's media on a wire, from its next connection on: the worker's
 * candidates become the one address of a relay between them.
 */
export async function wireOf(page: Page): Promise<Wire> {
  const relay = await openRelay();
  await page.route(/\/whep(\/|$)/, async (route) => {
    const method = route.request().method();
    if (method !== "POST" && method !== "PATCH") return route.continue();
    const response = await route.fetch().catch(() => null);
    if (!response) return route.abort();
    return route.fulfill({ response, body: relay.instead(await response.text()) });
  });
  return {
    cut: async () => {
      relay.isCut = true;
      await page.context().setOffline(true);
    },
    join: async () => {
      relay.isCut = false;
      await page.context().setOffline(false);
    },
    forget: () => relay.forget(),
    close: () => relay.close(),
  };
}

interface Relay {
  isCut: boolean;
  /** An SDP, or a fragment of one, that leads to the relay. */
  instead(sdp: string): string;
  /** Takes nothing any more from the addresses that have sent something. */
  forget(): void;
  close(): void;
}

const candidate = /^a=candidate:\S+ 1 udp \d+ (\S+) (\d+) typ host.*$/im;

async function openRelay(): Promise<Relay> {
  const outside = createSocket("udp4");
  outside.bind(0, "127.0.0.1");
  await once(outside, "listening");
  const inside = new Map<string, Socket>(); // by the page's address
  const forgotten = new Set<string>();
  let worker: { host: string; port: number } | undefined;
  const relay: Relay = {
    isCut: false,
    instead(sdp) {
      const found = candidate.exec(sdp);
      if (!found?.[1] || !found[2]) return sdp;
      worker = { host: found[1], port: Number(found[2]) };
      const { port } = outside.address() as AddressInfo;
      const own = `a=candidate:1 1 udp 2130706431 127.0.0.1 ${port} typ host`;
      let told = false;
      return sdp.replace(/^a=candidate:.*$/gim, () => {
        if (told) return "a=x-other-candidate";
        told = true;
        return own;
      });
    },
    forget() {
      for (const key of inside.keys()) forgotten.add(key);
    },
    close() {
      outside.close();
      for (const socket of inside.values()) socket.close();
    },
  };
  outside.on("message", (packet, from) => {
    if (relay.isCut || !worker) return;
    const key = `${from.address}:${from.port}`;
    if (forgotten.has(key)) return;
    let socket = inside.get(key);
    if (!socket) {
      socket = createSocket("udp4");
      socket.on("message", (answer) => relay.isCut || forgotten.has(key) || outside.send(answer, from.port, from.address));
      inside.set(key, socket);
    }
    socket.send(packet, worker.port, worker.host);
  });
  return relay;
}
