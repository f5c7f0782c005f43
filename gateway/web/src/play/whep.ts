import { problemOf } from "../api/problem";

/** What a WHEP exchange needs. */
export interface WhepConfig {
  session: string;
  token: () => Promise<string>;
  fetch?: typeof fetch;
}

/** The answer to an offer, and the address to leave by. */
export interface WhepAnswer {
  sdp: string;
  location: string;
}

/** Sends an offer to the session's WHEP endpoint (draft-ietf-wish-whep). */
export async function offer(config: WhepConfig, sdp: string, signal: AbortSignal): Promise<WhepAnswer> {
  const send = config.fetch ?? fetch;
  const url = `/v1/sessions/${encodeURIComponent(config.session)}/whep`;
  const response = await send(url, {
    method: "POST",
    headers: {
      "Content-Type": "application/sdp",
      Authorization: `Bearer ${await config.token()}`,
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

/** Leaves: the worker frees the peer at once. Works while the page is being closed, too. */
export async function leave(config: WhepConfig, location: string): Promise<void> {
  if (!location) return;
  const send = config.fetch ?? fetch;
  await send(location, {
    method: "DELETE",
    headers: { Authorization: `Bearer ${await config.token()}` },
    keepalive: true,
  });
}
