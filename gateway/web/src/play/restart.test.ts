import { expect, test } from "vitest";
import { fragmentOf, restarted } from "./restart";

const answer = [
  "v=0",
  "o=- 1 1 IN IP4 0.0.0.0",
  "a=group:BUNDLE 0 1",
  "m=video 9 UDP/TLS/RTP/SAVPF 96",
  "a=setup:active",
  "a=mid:0",
  "a=ice-ufrag:old",
  "a=ice-pwd:oldoldoldoldoldoldoldold",
  "a=candidate:1 1 udp 1 10.0.0.1 1000 typ host",
  "a=end-of-candidates",
  "m=audio 9 UDP/TLS/RTP/SAVPF 111",
  "a=mid:1",
  "a=ice-ufrag:old",
  "a=ice-pwd:oldoldoldoldoldoldoldold",
  "",
].join("\r\n");

const told = [
  "m=video 9 UDP/TLS/RTP/SAVPF 96",
  "a=mid:0",
  "a=ice-ufrag:new",
  "a=ice-pwd:newnewnewnewnewnewnewnew",
  "a=candidate:2 1 udp 1 10.0.0.2 2000 typ host",
  "a=end-of-candidates",
  "",
].join("\r\n");

test("a fragment tells of the first section's way, and of nothing else", () => {
  expect(fragmentOf(answer).split("\r\n")).toEqual([
    "m=video 9 UDP/TLS/RTP/SAVPF 96",
    "a=mid:0",
    "a=ice-ufrag:old",
    "a=ice-pwd:oldoldoldoldoldoldoldold",
    "a=candidate:1 1 udp 1 10.0.0.1 1000 typ host",
    "a=end-of-candidates",
    "",
  ]);
});

test("a description that is restarted has the new way in every section, and nothing of the old", () => {
  const now = restarted(answer, told);
  expect(now).not.toContain("old");
  expect(now).not.toContain("10.0.0.1");
  expect(now.match(/a=ice-ufrag:new/g)).toHaveLength(2);
  expect(now.match(/a=candidate:2/g)).toHaveLength(1);
  expect(now.indexOf("a=candidate:2")).toBeLessThan(now.indexOf("m=audio"));
  expect(now).toContain("a=setup:active");
});

test("a fragment without credentials is no answer", () => {
  expect(() => restarted(answer, "a=candidate:2 1 udp 1 10.0.0.2 2000 typ host\r\n")).toThrow("no ICE session");
});
