import { useEffect, useState } from "react";
import { useServices } from "../services";
import { Claim } from "./claim";
import { keepLinked, type Link } from "./link";
import { connect } from "./peer";

/** Keeps the page connected to a session's picture while `wanted`; again() starts anew. */
export function usePeer(session: string, wanted: boolean): { link: Link; again: () => void } {
  const { auth } = useServices();
  const [link, setLink] = useState<Link>({ status: "off" });
  const [round, setRound] = useState(0);
  useEffect(() => {
    if (!wanted) return;
    const stop = new AbortController();
    const whep = { session, token: () => auth.token() };
    const claim = new Claim(session, () => {
      stop.abort();
      setLink({ status: "replaced" });
    });
    const link = async (signal: AbortSignal) => {
      claim.make();
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
      claim.end();
      window.removeEventListener("pagehide", hide);
      window.removeEventListener("pageshow", show);
      setLink({ status: "off" });
    };
  }, [auth, session, wanted, round]);
  return { link, again: () => setRound((n) => n + 1) };
}
