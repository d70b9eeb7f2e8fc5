// Who the tests are about, and what they get.

import { writeFileSync } from "node:fs";

/** People that one stack has. */
const PEOPLE = 400;
/** Those of one worker of a deployed stage, where all workers meet. */
const PEOPLE_OF_A_WORKER = 40;

/** Everybody's password at first, and the one that they choose. */
export const OLD_PASSWORD = "an old and well known secret";
export const NEW_PASSWORD = "three brown hens under a bridge";
/** Everybody's postal code. */
export const POSTAL_CODE = "114 55";

function numbered(n) {
  return { email: `browser-${n}@example.com`, phone: `+4672${String(1_000_000 + n * 10_000).slice(-7)}` };
}

/** Writes everybody as lines of an accounts file. */
export function writeAccounts(path) {
  const lines = Array.from({ length: PEOPLE }, (_, n) =>
    JSON.stringify({ ...numbered(n), password: OLD_PASSWORD, name: "Kim Berg", postal_code: POSTAL_CODE }),
  );
  writeFileSync(path, lines.join("\n") + "\n");
}

/** People whom nobody has met yet, one after the other. `worker` is the number of the worker, from 0 on. */
export function* newPeople(worker) {
  const first = worker * PEOPLE_OF_A_WORKER;
  for (let n = first; n < PEOPLE; n += 1) yield numbered(n);
  throw new Error("raise PEOPLE");
}

/** The inbox: every message that was sent. */
export class Inbox {
  constructor(url) {
    this.url = url.replace(/\/$/, "");
  }

  /** The messages to an address, newest first; waits until there is one. */
  async messages(to) {
    const url = `${this.url}/messages?${new URLSearchParams({ to, wait: "10" })}`;
    return (await (await fetch(url)).json()).messages;
  }

  /** The first message to an address that is as asked for. */
  async message(to, isWanted) {
    const deadline = Date.now() + 30_000;
    while (Date.now() < deadline) {
      const found = (await this.messages(to)).find(isWanted);
      if (found) return found;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    throw new Error(`no such message to ${to}`);
  }

  /** The code of the message with a reference. */
  async code(to, reference) {
    return (await this.message(to, (message) => message.reference === reference)).code;
  }

  /** The address of the link of an account. */
  async link(to) {
    const message = await this.message(to, ({ text }) => text.includes("#token="));
    return { url: message.text.match(/\S+#token=\S+/)[0], text: message.text };
  }
}
