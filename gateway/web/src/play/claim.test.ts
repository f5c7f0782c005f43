import { afterEach, expect, test, vi } from "vitest";
import { Claim } from "./claim";

const claims: Claim[] = [];
afterEach(() => {
  for (const claim of claims.splice(0)) claim.end();
});

function page(session: string): { claim: Claim; lost: ReturnType<typeof vi.fn> } {
  const lost = vi.fn();
  const claim = new Claim(session, lost);
  claims.push(claim);
  return { claim, lost };
}

test("the page that claims last keeps the session", async () => {
  const first = page("s1");
  const second = page("s1");
  const other = page("s2");
  other.claim.make();
  first.claim.make();
  second.claim.make();
  await vi.waitFor(() => expect(first.lost).toHaveBeenCalledTimes(1));
  first.claim.make(); // a reconnect is no new claim
  expect(second.lost).not.toHaveBeenCalled();
  expect(other.lost).not.toHaveBeenCalled();
});
