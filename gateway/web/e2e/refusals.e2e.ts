import type { Browser } from "playwright-core";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { ask, endAll, sessionsOf, stateOf, type Answer } from "./harness/gateway";
import { signIn, startBrowser, type Player } from "./harness/player";

let browser: Browser;
let one: Player;
let two: Player;
let session: string;

beforeAll(async () => {
  browser = await startBrowser();
  one = await signIn(browser, "player1");
  two = await signIn(browser, "player2");
  const answer = await ask(one.token, "POST", "/v1/sessions", JSON.stringify({ game: "latency-lab" }));
  expect(answer.status).toBe(201);
  session = String(answer.body.session);
  await vi.waitFor(async () => expect(await stateOf(one.token, session)).toBe("ready"), {
    timeout: 60_000,
    interval: 100,
  });
});

afterAll(async () => {
  await endAll(one.token);
  await browser.close();
});

async function listed(token: string): Promise<string[]> {
  return (await sessionsOf(token)).map(({ id }) => id);
}

function expectProblem(answer: Answer, status: number, code: string): void {
  expect({ status: answer.status, code: answer.body.code }).toEqual({ status, code });
  expect(answer.type).toContain("application/problem+json");
  expect(answer.body.status).toBe(status);
  expect(String(answer.body.title).length).toBeGreaterThan(8);
}

const sdp = "application/sdp";

test("each wrong request has its own answer, and changes nothing", async () => {
  const before = await listed(one.token);
  const game = (name: string) => JSON.stringify({ game: name });

  expectProblem(await ask(one.token, "POST", "/v1/sessions", game("no-such-game")), 404, "unknown-game");
  expectProblem(await ask(one.token, "POST", `/v1/sessions/${session}/whep`, "not sdp", sdp), 400, "not-sdp");
  const large = await ask(one.token, "POST", `/v1/sessions/${session}/whep`, "x".repeat(2 << 20), sdp);
  expect(large.status).toBe(413);
  expect(large.type).toContain("application/problem+json");
  const malformed = await ask(one.token, "POST", "/v1/sessions", "{");
  expect(malformed.status).toBe(400);
  expect(malformed.type).toContain("application/problem+json");

  expectProblem(await ask("", "GET", "/v1/sessions"), 401, "sign-in-required");
  expectProblem(await ask("garbage", "GET", "/v1/sessions"), 401, "token-invalid");
  const tampered = one.token.slice(0, -6) + (one.token.endsWith("AAAAAA") ? "BBBBBB" : "AAAAAA");
  expectProblem(await ask(tampered, "GET", "/v1/sessions"), 401, "token-invalid");

  expect(await listed(one.token)).toEqual(before);
});

test("nobody reads or orders about somebody else's session", async () => {
  const before = await ask(one.token, "GET", `/v1/sessions/${session}`);
  expect(before.status).toBe(200);
  for (const [method, path] of [
    ["GET", ""],
    ["POST", "/pause"],
    ["POST", "/resume"],
    ["POST", "/end"],
  ] as const) {
    const answer = await ask(two.token, method, `/v1/sessions/${session}${path}`);
    expect([403, 404], `${method} ${path}`).toContain(answer.status);
    expect(answer.type).toContain("application/problem+json");
    expect(answer.body.code).toBeTypeOf("string");
  }
  const offer = await ask(two.token, "POST", `/v1/sessions/${session}/whep`, "v=0\r\n", sdp);
  expect([403, 404]).toContain(offer.status);
  expect(await stateOf(one.token, session)).toBe("ready");
  expect(await listed(two.token)).not.toContain(session);
});

test("a session that does not exist is not found", async () => {
  const missing = "01890a5d-ac96-774b-bcce-b302099a8057";
  const answer = await ask(one.token, "GET", `/v1/sessions/${missing}`);
  expect(answer.status).toBe(404);
  expect(answer.type).toContain("application/problem+json");
});

test("a session ends once", async () => {
  const answer = await ask(one.token, "POST", "/v1/sessions", JSON.stringify({ game: "latency-lab" }));
  const id = String(answer.body.session);
  expect((await ask(one.token, "POST", `/v1/sessions/${id}/end`)).status).toBe(200);
  await expect.poll(() => stateOf(one.token, id), { timeout: 30_000, interval: 300 }).toBe("ended");
  expectProblem(await ask(one.token, "POST", `/v1/sessions/${id}/end`), 409, "session-over");
});
