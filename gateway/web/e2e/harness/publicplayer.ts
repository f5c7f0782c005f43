import { createServer, type Server } from "node:http";
import { once } from "node:events";
import { resolve } from "node:path";
import { build } from "vite";

/** A page of another site with a WHEP player that is none of ours. */
export interface PublicPlayer {
  /** The page's address; it plays what `?whep=` names. */
  url: string;
  stop(): Promise<void>;
}

const page = `<!doctype html><title>A player</title><video id="video" autoplay playsinline muted></video><script src="/player.js"></script>`;

/** Serves the page on a port of its own, which makes it another origin. */
export async function startPublicPlayer(): Promise<PublicPlayer> {
  const script = await bundle();
  const server = createServer((request, response) => {
    const isScript = request.url?.startsWith("/player.js") ?? false;
    response.setHeader("Content-Type", isScript ? "text/javascript" : "text/html");
    response.end(isScript ? script : page);
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("the player's page has no port");
  return { url: `http://127.0.0.1:${address.port}/`, stop: () => stop(server) };
}

async function bundle(): Promise<string> {
  const result = await build({
    configFile: false,
    logLevel: "error",
    build: {
      write: false,
      lib: { entry: resolve("e2e/harness/publicplayer.entry.js"), formats: ["iife"], name: "player" },
    },
  });
  const [made] = Array.isArray(result) ? result : [result];
  if (!made || !("output" in made)) throw new Error("the player could not be bundled");
  const [chunk] = made.output;
  return chunk.code;
}

async function stop(server: Server): Promise<void> {
  server.close();
  server.closeAllConnections();
  await once(server, "close");
}
