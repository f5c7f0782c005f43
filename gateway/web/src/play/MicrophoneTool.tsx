import { IconMicrophone, IconMicrophoneOff } from "../ui/icons";
import type { Peer } from "./peer";
import { Tool } from "./Tool";
import { useMicrophone } from "./useMicrophone";

/** Turns the microphone on and off, and says why it can't be on. */
export function MicrophoneTool({ peer }: { peer: Peer | null }) {
  const { on, problem, toggle } = useMicrophone(peer);
  return (
    <>
      <Tool label={problem || (on ? "Microphone off" : "Microphone on")} pressed={on} disabled={!peer} onClick={toggle}>
        {on ? <IconMicrophone /> : <IconMicrophoneOff />}
      </Tool>
      <span role="alert" className="visually-hidden">
        {problem}
      </span>
    </>
  );
}
