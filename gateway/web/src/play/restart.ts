/** What of a description names an ICE session: its credentials and its candidates. */
const ofIce = /^a=(ice-ufrag|ice-pwd|candidate|end-of-candidates)\b/;

/**
 * The fragment (RFC 8840) that tells of a description's ICE session: all of it
 * stands in the first section, since every section goes one way (BUNDLE).
 */
export function fragmentOf(sdp: string): string {
  const { first } = split(sdp);
  const kept = first.filter((line) => /^m=|^a=mid:/.test(line) || ofIce.test(line));
  return lines(kept);
}

/** A description as it is in the ICE session that a fragment tells of. */
export function restarted(sdp: string, fragment: string): string {
  const told = fragment.split(/\r?\n/).filter((line) => ofIce.test(line));
  const credentials = told.filter((line) => line.startsWith("a=ice-"));
  if (credentials.length < 2) throw new Error("The worker's answer names no ICE session.");
  const { head, first, rest } = split(sdp);
  const renew = (section: string[]) => [...section.filter((line) => !ofIce.test(line)), ...credentials];
  const others = rest.flatMap(renew);
  const candidates = told.filter((line) => !line.startsWith("a=ice-"));
  return lines([...head.filter((line) => !ofIce.test(line)), ...renew(first), ...candidates, ...others]);
}

interface Sections {
  head: string[];
  first: string[];
  rest: string[][];
}

/** The lines of a description, by section. */
function split(sdp: string): Sections {
  const sections: string[][] = [[]];
  for (const line of sdp.split(/\r?\n/).filter((each) => each !== "")) {
    if (line.startsWith("m=")) sections.push([]);
    sections.at(-1)?.push(line);
  }
  const [head = [], first = [], ...rest] = sections;
  return { head, first, rest };
}

function lines(all: string[]): string {
  return all.map((line) => `${line}\r\n`).join("");
}
