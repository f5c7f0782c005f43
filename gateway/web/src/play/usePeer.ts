import { useEffect, useState } from "react";
import { useServices } from "../services";
import { Claim } from "./claim";
import { keepLinked, type Link } from "./link";
import { connect } from "./peer";
import { endpointFor, endpointOf, type WhepConfig } from "./whep";

export interface Kept {
  link: Link;
  /** Starts anew. */
  again: () => void;
}

/** Keeps the page connected to a session's picture while `wanted`. */
export function usePeer(session: string, wanted: boolean): Kept {
  const { auth } = useServices();
  return useKept(
    () => ({ claim: session, whep: { endpoint: endpointOf(session), token: () => auth.token() } }),
    [auth, session],
    wanted,
  );
}

/** Keeps the page connected to what a code shows; any number of pages may watch. */
export function useWatching(code: string, wanted: boolean): Kept {
  return useKept(() => ({ whep: { endpoint: endpointFor(code) } }), [code], wanted);
}

interface Source {
  whep: WhepConfig;
  /** What only one page of this browser may be connected to. */
  claim?: string;
}

function useKept(source: () => Source, of: unknown[], wanted: boolean): Kept {
  const [link, setLink] = useState<Link>({ status: "off" });
  const [round, setRound] = useState(0);
  useEffect(() => {
    if (!wanted) return;
    const stop = new AbortController();
    const { whep, claim: name } = source();
    const lost = () => {
      stop.abort();
      setLink({ status: "replaced" });
    };
    const claim = name === undefined ? undefined : new Claim(name, lost);
    const link = async (signal: AbortSignal) => {
      claim?.make();
      return connect(whep, signal);
    };
    void keepLinked({ connect: link, report: setLink }, stop.signal);
    // A page that is left frees its peer at once; one that the browser brings
    // back from its cache connects again.
    const hide = () => stop.abort();
    const show = (event: PageTransitionEvent) => event.persisted && setRound((n) => n + 1);
    window.addEventListener("pagehide", hide);
    window.addEventListener("pageshow", show);
    return () => {
      stop.abort();
      claim?.end();
      window.removeEventListener("pagehide", hide);
      window.removeEventListener("pageshow", show);
      setLink({ status: "off" });
    };
  }, [...of, wanted, round]);
  return { link, again: () => setRound((n) => n + 1) };
}
