// What the public player's own instructions say, and nothing of playcast.
import { WebRTCPlayer } from "@eyevinn/webrtc-player";

const player = new WebRTCPlayer({ video: document.querySelector("video"), type: "whep" });
const whep = new URL(window.location.href).searchParams.get("whep");
player.load(new URL(whep)).catch((error) => {
  document.title = `failed: ${error}`;
});
