import { readControl, type Cursor, type Here, type Seat } from "./control";
import { InputDelay } from "./delay";
import { Latest } from "./latest";
import { mend, type Mendable } from "./mend";
import { fragmentOf, restarted } from "./restart";
import { iceServers, leave, offer, restart, type WhepConfig } from "./whep";

/** How long the offer waits for the browser's own candidates. */
const gatherFor = 300;
/** A connection that is not there by then will not come. */
const connectWithin = 15_000;

/** Why a connection came to its end. */
export type PeerEnd = "lost" | "replaced" | "removed" | "left";

/** A connection to the picture of a session. */
export interface Peer {
  readonly connection: RTCPeerConnection;
  readonly picture: MediaStream;
  /** In a stream of its own: in one with the picture it would hold that back to keep in step. */
  readonly sound: MediaStream;
  /** Sends the player's voice, while it has a track. */
  readonly voice: RTCRtpSender;
  readonly input: RTCDataChannel;
  readonly control: RTCDataChannel;
  /** How the game's pointer looks; undefined until the worker has told. */
  readonly cursor: Latest<Cursor | undefined>;
  /** What this page may do, and who is connected; undefined until the worker has told. */
  readonly seat: Latest<Seat | undefined>;
  readonly here: Latest<Here | undefined>;
  /** Whether the game gives signs of life. */
  readonly answering: Latest<boolean>;
  readonly delay: InputDelay;
  /** Whether the network has lost the way to the worker, and another is looked for. */
  readonly mending: Latest<boolean>;
  /** Settles when the connection is gone, whoever ended it. */
  readonly ended: Promise<PeerEnd>;
  /** Closes it and tells the worker. May be called twice. */
  leave(): void;
}

/**
 * Connects to a session: a receiving transceiver for the picture, H.264 first,
 * and one for the sound, both with no jitter buffer beyond what the network
 * makes necessary, and the two data channels. Candidates are not trickled: the
 * worker's are in its answer, and the browser's own are learnt from its first
 * checks (peer reflexive, RFC 8445), so the short wait only saves a round trip.
 */
export async function connect(config: WhepConfig, signal: AbortSignal): Promise<Peer> {
  const connection = new RTCPeerConnection({ iceServers: await iceServers(config, signal) });
  let location = "";
  try {
    const picture = connection.addTransceiver("video", { direction: "recvonly" });
    preferH264(picture);
    // Both ways, so that a microphone can be added without another offer.
    const sound = connection.addTransceiver("audio", { direction: "sendrecv" });
    for (const { receiver } of [picture, sound]) receiver.jitterBufferTarget = 0;
    const input = connection.createDataChannel("input", { ordered: false, maxRetransmits: 0 });
    const control = connection.createDataChannel("control");
    const told = hear(control);
    const { sdp = "" } = await connection.createOffer();
    await connection.setLocalDescription({ type: "offer", sdp: inStereo(sdp) });
    await gathered(connection, gatherFor);
    const answer = await offer(config, connection.localDescription?.sdp ?? "", signal);
    location = answer.location;
    await connection.setRemoteDescription({ type: "answer", sdp: answer.sdp });
    await connected(connection, signal);
    return makePeer(config, { connection, picture, sound, input, control, told, location });
  } catch (error) {
    connection.close();
    void leave(config, location).catch(() => undefined);
    throw error;
  }
}

interface Parts {
  connection: RTCPeerConnection;
  picture: RTCRtpTransceiver;
  sound: RTCRtpTransceiver;
  input: RTCDataChannel;
  control: RTCDataChannel;
  told: ReturnType<typeof hear>;
  location: string;
}

/**
 * Keeps the latest of what the worker tells by a control channel. It listens
 * from the start: some is told as soon as the channel is open, which the page
 * may see before it sees that it is connected.
 */
function hear(control: RTCDataChannel) {
  const cursor = new Latest<Cursor | undefined>(undefined);
  const seat = new Latest<Seat | undefined>(undefined);
  const here = new Latest<Here | undefined>(undefined);
  const answering = new Latest(true);
  control.addEventListener("message", ({ data }) => {
    const message = readControl(data);
    if (message?.type === "seat") seat.set(message.seat);
    if (message?.type === "people") here.set(message.here);
    if (message?.type === "cursor") cursor.set(message.cursor);
    if (message?.type === "game") answering.set(message.answering);
  });
  return { cursor, seat, here, answering };
}

function makePeer(config: WhepConfig, parts: Parts): Peer {
  const { connection, picture, sound, input, control, told, location } = parts;
  const delay = new InputDelay();
  const mending = new Latest(false);
  const life = new AbortController();
  let end: (why: PeerEnd) => void = () => undefined;
  const ended = new Promise<PeerEnd>((resolve) => (end = resolve));
  const close = (why: PeerEnd) => {
    if (connection.signalingState === "closed") return;
    life.abort();
    connection.close();
    end(why);
    // A worker that is still there frees the peer now rather than later; one
    // that gave the session to another page has done so.
    if (why !== "replaced" && why !== "removed") void leave(config, location).catch(() => undefined);
  };
  keepUp(mendable(config, parts), { mending, lost: () => close("lost") }, life.signal);
  control.addEventListener("message", ({ data }) => {
    const message = readControl(data);
    if (message?.type === "replaced" || message?.type === "removed") close(message.type);
    if (message?.type === "injected") delay.injected(message.seq, message.rtp);
  });
  return {
    connection,
    picture: new MediaStream([picture.receiver.track]),
    sound: new MediaStream([sound.receiver.track]),
    voice: sound.sender,
    input,
    control,
    ...told,
    delay,
    mending,
    ended,
    leave: () => close("left"),
  };
}

function preferH264(transceiver: RTCRtpTransceiver): void {
  const codecs = RTCRtpReceiver.getCapabilities("video")?.codecs ?? [];
  const isH264 = ({ mimeType }: { mimeType: string }) => mimeType.toLowerCase() === "video/h264";
  const rest = codecs.filter((codec) => !isH264(codec));
  transceiver.setCodecPreferences([...codecs.filter(isH264), ...rest]);
}

/** Asks for two channels of sound: without it Chromium mixes them into one (RFC 7587). */
export function inStereo(sdp: string): string {
  const opus = /^a=rtpmap:(\d+) opus\/48000\/2/im.exec(sdp)?.[1];
  if (!opus) return sdp;
  return sdp.replace(new RegExp(`^(a=fmtp:${opus} )`, "m"), "$1stereo=1;");
}

/** Waits for the end of gathering, but no longer than `most` milliseconds. */
function gathered(connection: RTCPeerConnection, most: number): Promise<void> {
  if (connection.iceGatheringState === "complete") return Promise.resolve();
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, most);
    connection.addEventListener("icegatheringstatechange", () => {
      if (connection.iceGatheringState !== "complete") return;
      clearTimeout(timer);
      resolve();
    });
  });
}

function connected(connection: RTCPeerConnection, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(
      () => reject(new Error("The worker can't be reached over the network.")),
      connectWithin,
    );
    const settle = () => {
      const state = connection.connectionState;
      if (state === "connecting" || state === "new") return;
      clearTimeout(timer);
      if (state === "connected") resolve();
      else reject(new Error("The connection to the picture failed."));
    };
    connection.addEventListener("connectionstatechange", settle);
    signal.addEventListener("abort", () => {
      clearTimeout(timer);
      reject(signal.reason as Error);
    });
    settle();
  });
}

interface Upkeep {
  mending: Latest<boolean>;
  lost: () => void;
}

/** Mends the connection each time that its path is in doubt, and tells when that has not helped. */
function keepUp(connection: Mendable, { mending, lost }: Upkeep, life: AbortSignal): void {
  const look = async () => {
    if (connection.isUp() || mending.read()) return;
    mending.set(true);
    const up = await mend(connection, life);
    mending.set(false);
    if (!up) lost();
  };
  connection.watch(() => void look(), life);
}

function mendable(config: WhepConfig, { connection, location }: Parts): Mendable {
  return {
    isUp: () => connection.connectionState === "connected",
    watch: (look, signal) => connection.addEventListener("connectionstatechange", look, { signal }),
    async restart(signal) {
      const before = connection.currentRemoteDescription?.sdp ?? "";
      const { sdp = "" } = await connection.createOffer({ iceRestart: true });
      await connection.setLocalDescription({ type: "offer", sdp: inStereo(sdp) });
      try {
        await gathered(connection, gatherFor);
        const told = await restart(config, location, fragmentOf(connection.localDescription?.sdp ?? ""), signal);
        await connection.setRemoteDescription({ type: "answer", sdp: restarted(before, told) });
      } catch (error) {
        // The path before may come back by itself.
        await connection.setLocalDescription({ type: "rollback" });
        throw error;
      }
    },
  };
}
