// A local stack: everything of the product on free ports, with its own inbox and its own clock.

import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, openSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { Inbox, writeAccounts } from "./people.js";

/** How long a stack may take to be ready, in milliseconds. */
const PATIENCE = 60_000;

/** A stack, or a stage that was deployed before. `base` is its address, with a slash at the end. */
export class Stack {
  #offset = 0;

  constructor(base, inbox) {
    this.base = base.endsWith("/") ? base : `${base}/`;
    this.inbox = new Inbox(inbox);
  }

  /** The address of a page, by its path without the first slash. */
  url(path) {
    return new URL(path, this.base).href;
  }

  /** Moves the stack's clock on, by so many seconds. */
  async pass(seconds) {
    this.#offset += seconds;
    const body = JSON.stringify({ offset_seconds: this.#offset });
    const headers = { "content-type": "application/json" };
    const answer = await fetch(this.url("_local/clock"), { method: "PUT", headers, body });
    if (!answer.ok) throw new Error(`the clock can't be moved: ${answer.status}`);
  }
}

/** Starts a stack with settings of its own, gives it to `use`, and ends it. */
export async function withStack(settings, use) {
  const directory = mkdtempSync(join(tmpdir(), "regain-browser-"));
  const accounts = join(directory, "accounts.jsonl");
  const ready = join(directory, "ready.json");
  const log = join(directory, "log");
  writeAccounts(accounts);
  const loopback = "127.0.0.1:0";
  const child = spawn(
    process.env.REGAIN_BINARY,
    // It ends with this process, however that ends.
    ["--exit-with-stdin", "--instances", "1", "--accounts", accounts, "--ready-file", ready].concat([
      "--api",
      loopback,
      "--notifications",
      loopback,
      "--dynamodb",
      loopback,
    ]),
    {
      // A hash that costs what it should is tried by the hasher's own tests.
      env: { ...process.env, REGAIN_ARGON2_MEMORY_KIB: "64", ...settings },
      stdio: ["pipe", openSync(log, "w"), openSync(log, "a")],
    },
  );
  const ended = new Promise((resolve) => child.once("exit", resolve));
  try {
    const deadline = Date.now() + PATIENCE;
    while (!existsSync(ready)) {
      if (child.exitCode !== null || Date.now() > deadline) {
        throw new Error(`the stack did not start:\n${readFileSync(log, "utf8")}`);
      }
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    const { api, notifications } = JSON.parse(readFileSync(ready, "utf8"));
    await use(new Stack(api, notifications));
  } finally {
    child.stdin.end();
    await ended;
    rmSync(directory, { recursive: true });
  }
}
