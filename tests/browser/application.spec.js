// From an application, and back to it.

import { startApplication } from "./support/application.js";
import { isTrouble } from "./support/holds.js";
import { OLD_PASSWORD } from "./support/people.js";
import { ask, button, choose, enter, isAt, reference, signIn } from "./support/steps.js";
import { expect, test } from "./support/test.js";

test("the place that an application asked for survives the whole way, and is led to", async ({
  page,
  stack,
  say,
  person,
  application,
}) => {
  const place = `${application.origin}/cart?item=1`;
  await page.goto(`recover?return_to=${encodeURIComponent(place)}`);
  await ask(page, say, "kim");
  await expect(page.getByRole("alert")).toBeVisible();
  await button(page, "Svenska").click();
  await button(page, "English").click();
  await ask(page, say, person.email);
  await page.reload();
  await enter(page, say, await stack.inbox.code(person.email, await reference(page)));
  await isAt(page, stack, "recover/password");
  await choose(page, say, "short");
  await choose(page, say);
  await isAt(page, stack, "recover/done");
  await expect(page.getByRole("link", { name: say("page-continue", { site: "localhost" }) })).toHaveAttribute(
    "href",
    place,
  );
  await page.getByRole("link", { name: say("done-sign-in"), exact: true }).click();
  await signIn(page, say, person.email, "wrong");
  await expect(page.getByRole("alert")).toBeVisible();
  await signIn(page, say, person.email);
  await expect(page).toHaveURL(place);
  expect(application.requests.filter(({ path }) => path === "/cart?item=1")).toEqual([
    { path: "/cart?item=1", referrer: undefined },
  ]);
  // It was for once.
  await page.goto("account");
  await isAt(page, stack, "account");
  await expect(page.getByRole("link", { name: /^Continue to/ })).toHaveCount(0);
});

test("an address of anybody else is dropped", async ({ page, stack, say, person, application }) => {
  const { host, port } = new URL(application.origin);
  await page.goto("sign-in");
  await signIn(page, say, person.email, OLD_PASSWORD);
  await isAt(page, stack, "account");
  const others = [
    "https://evil.example/",
    `//${host}/`,
    "/\\evil.example",
    `${application.origin}.evil.example/`,
    `${application.origin}@evil.example/`,
    `http://localhost:${Number(port) + 1}/`,
    `http://127.0.0.1:${port}/`,
    `javascript:alert(1)//${application.origin}`,
    `${application.origin}/${"a".repeat(512)}`,
  ];
  for (const place of others) {
    await page.goto(`account?return_to=${encodeURIComponent(place)}`);
    await expect(page.getByRole("heading", { level: 1 })).toHaveText(say("account-title"));
    await expect(page.getByRole("link", { name: /^Continue to/ }), place).toHaveCount(0);
  }
  await page.goto(`account?return_to=${encodeURIComponent(application.origin)}`);
  await expect(page.getByRole("link", { name: /^Continue to/ })).toHaveAttribute("href", application.origin);
});

test("an application fills in the identifier by a form, and nothing is sent", async ({
  page,
  stack,
  say,
  person,
  application,
}) => {
  const place = `${application.origin}/orders`;
  await page.goto(application.form(stack.url("recover/prefill"), { identifier: person.email, return_to: place }));
  await button(page, "Go").click();
  await isAt(page, stack, "recover");
  const field = page.getByLabel(say("field-identifier"), { exact: true });
  await expect(field).toHaveValue(person.email);
  await page.reload();
  await expect(field).toHaveValue(person.email);
  await button(page, say("recover-button")).click();
  await isAt(page, stack, "recover/code");
  await enter(page, say, await stack.inbox.code(person.email, await reference(page)));
  expect(await stack.inbox.messages(person.email)).toHaveLength(1);
  await choose(page, say);
  await isAt(page, stack, "recover/done");
  await expect(page.getByRole("link", { name: /^Continue to/ })).toHaveAttribute("href", place);
});

test.describe("from a site that isn’t listed", () => {
  // The same host as the stack's, by another port: `same-site` to browsers.
  for (const host of ["localhost", "127.0.0.1"]) {
    test(`forms of ${host} are refused, and do nothing to who is in the middle`, async ({
      browser,
      stack,
      say,
      person,
    }) => {
      const stranger = await startApplication(host);
      const context = await browser.newContext({ baseURL: stack.base });
      const page = await context.newPage();
      await ask(page, say, person.email);
      await isAt(page, stack, "recover/code");
      const shown = await reference(page);
      for (const path of [
        "recover/prefill",
        "recover",
        "recover/code",
        "recover/resend",
        "sign-in",
        "sign-out",
        "language",
      ]) {
        await page.goto(stranger.form(stack.url(path), { identifier: person.email }));
        const [answer] = await Promise.all([page.waitForResponse(stack.url(path)), button(page, "Go").click()]);
        expect(answer.status()).toBe(403);
        await expect(page.getByRole("heading", { level: 1 })).toHaveText(say("foreign-title"));
      }
      await isTrouble(page, say, "foreign");
      await page.goto("recover/code");
      expect(await reference(page)).toBe(shown);
      await context.close();
      await stranger.close();
    });
  }
});
