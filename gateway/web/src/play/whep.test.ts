import { expect, test } from "vitest";
import { ProblemError } from "../api/problem";
import { iceServers, leave, offer, type WhepConfig, endpointOf } from "./whep";

interface Call {
  url: string;
  init: RequestInit | undefined;
}

function configured(response: Response): { config: WhepConfig; calls: Call[] } {
  const calls: Call[] = [];
  const config: WhepConfig = {
    endpoint: endpointOf("s/1"),
    token: () => Promise.resolve("secret"),
    fetch: (url, init) => {
      calls.push({ url: String(url), init });
      return Promise.resolve(response);
    },
  };
  return { config, calls };
}

const signal = new AbortController().signal;

test("an offer is posted as SDP, and its answer comes with the place to leave by", async () => {
  const { config, calls } = configured(
    new Response("v=0 answer", { status: 201, headers: { Location: "/v1/sessions/s/whep/p1" } }),
  );
  const answer = await offer(config, "v=0 offer", signal);
  expect(answer).toEqual({ sdp: "v=0 answer", location: "/v1/sessions/s/whep/p1" });
  expect(calls[0]?.url).toBe("/v1/sessions/s%2F1/whep");
  expect(calls[0]?.init?.method).toBe("POST");
  expect(calls[0]?.init?.body).toBe("v=0 offer");
  expect(calls[0]?.init?.headers).toMatchObject({
    "Content-Type": "application/sdp",
    Authorization: "Bearer secret",
  });
});

test("a relative location counts from the endpoint", async () => {
  const { config } = configured(
    new Response("v=0", { status: 201, headers: { Location: "whep/p2" } }),
  );
  expect((await offer(config, "v=0", signal)).location).toBe("/v1/sessions/s%2F1/whep/p2");
});

test("a refusal keeps its code and its words", async () => {
  const body = JSON.stringify({ type: "", title: "Not SDP.", status: 400, code: "not-sdp" });
  const { config } = configured(new Response(body, { status: 400 }));
  const refusal = await offer(config, "?", signal).catch((error: unknown) => error);
  expect(refusal).toBeInstanceOf(ProblemError);
  expect(refusal).toMatchObject({ status: 400, code: "not-sdp", message: "Not SDP." });
});

test("an error without a problem body is a problem too", async () => {
  const { config } = configured(new Response("<h1>Bad gateway</h1>", { status: 502 }));
  await expect(offer(config, "v=0", signal)).rejects.toMatchObject({ status: 502, code: "" });
});

test("leaving deletes the peer, even from a page that closes", async () => {
  const { config, calls } = configured(new Response(null, { status: 204 }));
  await leave(config, "/v1/sessions/s/whep/p1");
  expect(calls[0]).toMatchObject({
    url: "/v1/sessions/s/whep/p1",
    init: { method: "DELETE", keepalive: true },
  });
});

test("relays come as links, each with what it wants to hear", async () => {
  const header =
    '<turn:play.example:3478?transport=udp>; rel="ice-server"; username="1:s"; credential="a\\"b,<c>"; credential-type="password", ' +
    '<https://play.example/help>; rel="help", <stun:play.example>; rel="ice-server"';
  const { config, calls } = configured(new Response(null, { status: 204, headers: { Link: header } }));
  expect(await iceServers(config, signal)).toEqual([
    { urls: "turn:play.example:3478?transport=udp", username: "1:s", credential: 'a"b,<c>' },
    { urls: "stun:play.example", username: "", credential: "" },
  ]);
  expect(calls[0]).toMatchObject({ url: "/v1/sessions/s%2F1/whep", init: { method: "OPTIONS" } });
});

test("where there are no relays none are asked", async () => {
  const { config } = configured(new Response(null, { status: 204 }));
  expect(await iceServers(config, signal)).toEqual([]);
});

test("the refusal of relays is that of the connection", async () => {
  const { config } = configured(new Response(JSON.stringify({ title: "Over.", code: "session-over" }), { status: 409 }));
  await expect(iceServers(config, signal)).rejects.toMatchObject({ status: 409, code: "session-over" });
});
