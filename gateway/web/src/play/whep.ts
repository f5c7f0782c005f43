import { problemOf } from "../api/problem";

/** What a WHEP exchange needs. */
export interface WhepConfig {
  /** The endpoint of the session. */
  endpoint: string;
  /** Who asks; without it, the endpoint itself is the secret. */
  token?: () => Promise<string>;
  fetch?: typeof fetch;
}

/** The answer to an offer, and the address to leave by. */
export interface WhepAnswer {
  sdp: string;
  location: string;
}

/** Asks for the relays that a connection may use, for networks that let it through in no other way. */
export async function iceServers(config: WhepConfig, signal: AbortSignal): Promise<RTCIceServer[]> {
  const response = await (config.fetch ?? fetch)(config.endpoint, {
    method: "OPTIONS",
    headers: await signed(config),
    signal,
  });
  if (!response.ok) throw problemOf(response.status, await response.json().catch(() => null));
  return readLinks(response.headers.get("Link") ?? "");
}

/** One link of a header (RFC 8288): the address, then parameters with quoted values. */
const link = /<([^>]*)>((?:\s*;\s*[\w-]+="(?:[^"\\]|\\.)*")*)/g;
const parameter = /([\w-]+)="((?:[^"\\]|\\.)*)"/g;

/** Reads the ICE servers of a Link header (RFC 9725, section 4.6). */
function readLinks(header: string): RTCIceServer[] {
  return [...header.matchAll(link)].flatMap(([, urls = "", rest = ""]) => {
    const named = new Map([...rest.matchAll(parameter)].map(([, name, value = ""]) => [name, value.replace(/\\(.)/g, "$1")]));
    if (named.get("rel") !== "ice-server") return [];
    return [{ urls, username: named.get("username") ?? "", credential: named.get("credential") ?? "" }];
  });
}

/** The endpoint for the player and the guests of a session. */
export function endpointOf(session: string): string {
  return `/v1/sessions/${encodeURIComponent(session)}/whep`;
}

/** The endpoint for whoever has the code of an invitation to watch. */
export function endpointFor(code: string): string {
  return `/v1/watch/${encodeURIComponent(code)}/whep`;
}

async function signed(config: WhepConfig): Promise<Record<string, string>> {
  return config.token ? { Authorization: `Bearer ${await config.token()}` } : {};
}

/** Sends an offer to the session's WHEP endpoint (WHEP, draft-ietf-wish-whep). */
export async function offer(config: WhepConfig, sdp: string, signal: AbortSignal): Promise<WhepAnswer> {
  const send = config.fetch ?? fetch;
  const url = config.endpoint;
  const response = await send(url, {
    method: "POST",
    headers: {
      "Content-Type": "application/sdp",
      ...(await signed(config)),
    },
    body: sdp,
    signal,
  });
  if (response.status !== 201) {
    throw problemOf(response.status, await response.json().catch(() => null));
  }
  // The location may be relative to the endpoint that gave it (RFC 9110, 10.2.2).
  const location = response.headers.get("Location");
  const base = new URL(url, globalThis.location?.href ?? "http://localhost/");
  return {
    sdp: await response.text(),
    location: location ? new URL(location, base).pathname : "",
  };
}

/** The media type of an SDP fragment (RFC 8840). */
const fragmentType = "application/trickle-ice-sdpfrag";

/** Begins a new ICE session at the worker with ours, and answers its side of it (RFC 9725, section 4.3.3). */
export async function restart(config: WhepConfig, location: string, fragment: string, signal: AbortSignal): Promise<string> {
  const response = await (config.fetch ?? fetch)(location, {
    method: "PATCH",
    headers: {
      "Content-Type": fragmentType,
      "If-Match": "*",
      ...(await signed(config)),
    },
    body: fragment,
    signal,
  });
  if (response.status !== 200) throw problemOf(response.status, await response.json().catch(() => null));
  return response.text();
}

/** Leaves: the worker frees the peer at once. Works while the page is being closed, too. */
export async function leave(config: WhepConfig, location: string): Promise<void> {
  if (!location) return;
  const send = config.fetch ?? fetch;
  await send(location, {
    method: "DELETE",
    headers: await signed(config),
    keepalive: true,
  });
}
