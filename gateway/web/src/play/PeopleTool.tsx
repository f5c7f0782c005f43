import { useState } from "react";
import type { Session } from "../api/client";
import { IconPeople } from "../ui/icons";
import { useLatest } from "./latest";
import type { Peer } from "./peer";
import { PeoplePanel } from "./PeoplePanel";
import { Tool } from "./Tool";

/** Opens the panel of who is in the session. */
export function PeopleTool({ session, peer }: { session: Session; peer: Peer | null }) {
  const [open, setOpen] = useState(false);
  const here = useLatest(peer?.here);
  return (
    <>
      <Tool label="People" pressed={open} onClick={() => setOpen(!open)}>
        <IconPeople />
      </Tool>
      {open && <PeoplePanel session={session} here={here} close={() => setOpen(false)} />}
    </>
  );
}
