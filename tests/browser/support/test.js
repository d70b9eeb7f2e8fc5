// What tests are made of. Each worker has a stack and an application of its own, and each test people of its own.
//
// With REGAIN_BROWSER_URL and REGAIN_BROWSER_INBOX the stack is a stage that was deployed, with the people of
// `tests/browser.sh --write-accounts`.

import { test as base, expect } from "@playwright/test";

import { startApplication } from "./application.js";
import { newPeople } from "./people.js";
import { Stack, withStack } from "./stack.js";
import { watch } from "./watch.js";
import { words } from "./words.js";

export { expect };

const { REGAIN_BROWSER_URL: URL_OF_STAGE, REGAIN_BROWSER_INBOX: INBOX_OF_STAGE } = process.env;

export const test = base.extend({
  /** Settings of the worker's stack, besides the usual ones. Other ones mean another stack. */
  settings: [{}, { option: true, scope: "worker" }],

  /** An application whose origin the stack lists. It is another site. */
  application: [
    async ({}, use) => {
      const application = await startApplication("localhost");
      await use(application);
      await application.close();
    },
    { scope: "worker" },
  ],

  /** The stack. */
  stack: [
    async ({ settings, application }, use) => {
      if (URL_OF_STAGE) return use(new Stack(URL_OF_STAGE, INBOX_OF_STAGE));
      return withStack({ REGAIN_RETURN_URLS: application.origin, ...settings }, use);
    },
    { scope: "worker", timeout: 120_000 },
  ],

  people: [async ({}, use, { workerIndex }) => use(newPeople(URL_OF_STAGE ? workerIndex : 0)), { scope: "worker" }],

  /** Somebody with an email address and a phone, whom no other test knows. */
  person: async ({ people }, use) => use(people.next().value),

  baseURL: async ({ stack }, use) => use(stack.base),

  /** Browsers of other people, and other browsers of the same person: a page by the options of a context. */
  another: async ({ browser, stack, application, contextOptions }, use) => {
    const contexts = [];
    await use(async (options = {}) => {
      const context = await browser.newContext({ baseURL: stack.base, ...contextOptions, ...options });
      contexts.push([context, await watch(context, stack.base, [application.origin])]);
      return context.newPage();
    });
    for (const [context, faults] of contexts) {
      expect(await faults(), "what no page may do").toEqual([]);
      await context.close();
    }
  },

  context: async ({ context, stack, application }, use) => {
    const faults = await watch(context, stack.base, [application.origin]);
    await use(context);
    expect(await faults(), "what no page may do").toEqual([]);
  },

  /** The words that the test's pages are in. */
  say: async ({ locale }, use) => use(words(locale.slice(0, 2))),
});
