import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { createInterface } from "node:readline";
import { resultsDir } from "./results";

export interface Account {
  name: string;
  password: string;
}

/** A playcast that runs for the tests. */
export interface Product {
  url: string;
  accounts: Account[];
  /** Its data directory. */
  data: string;
  /** Its event store, for other processes of the platform. */
  store: string;
  /** Interrupts it as Ctrl-C does; throws if it does not end, or leaves something behind. */
  stop(): Promise<void>;
  /** Ends its process as the kernel does when memory runs out. */
  kill(): Promise<void>;
}

const startWithin = 90_000;
const stopWithin = 30_000;

/** Starts `playcast up` with a data directory and ports of its own, and more flags. */
export async function startProduct(...more: string[]): Promise<Product> {
  const binary = resolve(process.env.PLAYCAST_BIN ?? "../../bin/playcast");
  const data = mkdtempSync(join(tmpdir(), "playcast-e2e-"));
  const child = spawn(
    binary,
    [
      "up",
      ...["--data", data],
      ...["--listen", `127.0.0.1:${await freeTCP()}`],
      ...["--media-port", "0", "--store-port", "0"],
      ...["--limit-requests", "1000"], // a minute: one player does what several people would
      ...more,
    ],
    { stdio: ["ignore", "pipe", "pipe"] },
  );
  const log = keepLog(child);
  try {
    const told = await untilReady(child);
    return { ...told, data, stop: () => stop(child, data, log), kill: () => kill(child, data) };
  } catch (error) {
    child.kill("SIGKILL");
    rmSync(data, { recursive: true, force: true });
    throw new Error(`start ${binary}: ${String(error)}\n${log.join("").slice(-4_000)}`);
  }
}

/** Keeps what the product prints, in memory and at the end of its life as a test result. */
function keepLog(child: ChildProcess): string[] {
  const log: string[] = [];
  for (const pipe of [child.stdout, child.stderr]) pipe?.on("data", (part) => log.push(String(part)));
  child.once("exit", () => writeFileSync(join(resultsDir(), "playcast.log"), log.join("")));
  return log;
}

/** Waits for the line that says where it is; the accounts and the store are printed before. */
function untilReady(child: ChildProcess): Promise<Pick<Product, "url" | "accounts" | "store">> {
  const { stdout } = child;
  if (!stdout) throw new Error("it has no output");
  const accounts: Account[] = [];
  let store = "";
  return new Promise((resolve, reject) => {
    const fail = (why: Error) => {
      clearTimeout(late);
      reject(why);
    };
    const late = setTimeout(() => fail(new Error("it was not ready in time")), startWithin);
    child.once("error", fail);
    child.once("exit", (code) => fail(new Error(`it ended with ${code} before it was ready`)));
    createInterface({ input: stdout }).on("line", (line) => {
      const account = /^account (\S+) password (\S+)/.exec(line);
      if (account?.[1] && account[2]) accounts.push({ name: account[1], password: account[2] });
      store = /^store (\S+)/.exec(line)?.[1] ?? store;
      const url = /^ready (\S+)/.exec(line)?.[1];
      if (!url) return;
      clearTimeout(late);
      resolve({ url: url.replace(/\/$/, ""), accounts, store });
    });
  });
}

async function stop(child: ChildProcess, data: string, log: string[]): Promise<void> {
  if (child.exitCode !== null) throw new Error(`playcast ended before the tests did: ${child.exitCode}`);
  const gone = once(child, "exit");
  child.kill("SIGINT");
  const late = setTimeout(() => child.kill("SIGKILL"), stopWithin);
  const [code, signal] = (await gone) as [number | null, string | null];
  clearTimeout(late);
  if (code !== 0) {
    throw new Error(`playcast did not end in good order: ${code ?? signal}\n${log.join("").slice(-4_000)}`);
  }
  const left = processesOf(data);
  if (left.length > 0) throw new Error(`playcast left processes behind:\n${left.join("\n")}`);
  rmSync(data, { recursive: true, force: true });
}

async function kill(child: ChildProcess, data: string): Promise<void> {
  const gone = once(child, "exit");
  child.kill("SIGKILL");
  await gone;
  rmSync(data, { recursive: true, force: true });
}

/** The processes that name the data directory in their command line or environment. */
function processesOf(data: string): string[] {
  const found: string[] = [];
  for (const pid of readdirSync("/proc").filter((name) => /^\d+$/.test(name))) {
    try {
      const command = readFileSync(`/proc/${pid}/cmdline`, "utf8");
      const environment = readFileSync(`/proc/${pid}/environ`, "utf8");
      if (command.includes(data) || environment.includes(data)) {
        found.push(`${pid} ${command.replaceAll("\0", " ")}`);
      }
    } catch {
      // It ended while it was looked at, or belongs to somebody else.
    }
  }
  return found;
}

async function freeTCP(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  await once(server, "close");
  if (address === null || typeof address === "string") throw new Error("no TCP port is free");
  return address.port;
}
