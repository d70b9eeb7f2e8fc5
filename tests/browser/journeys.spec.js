// From "forgotten your password?" to signed in. These run against deployed stages too.

import { devices } from "@playwright/test";

import { NEW_PASSWORD, OLD_PASSWORD } from "./support/people.js";
import {
  ask,
  askForCode,
  askTooOften,
  button,
  enter,
  finish,
  isAt,
  reachPassword,
  reference,
  signIn,
} from "./support/steps.js";
import { expect, test } from "./support/test.js";

const PHONE = { viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true };
const BROWSERS = {
  "at a desk": {},
  "at a desk, without JavaScript": { javaScriptEnabled: false },
  "on a phone": { ...PHONE, userAgent: devices["iPhone 15"].userAgent },
  "on a small phone, without JavaScript": {
    ...PHONE,
    viewport: { width: 320, height: 568 },
    javaScriptEnabled: false,
  },
};

for (const [where, options] of Object.entries(BROWSERS)) {
  test.describe(where, () => {
    test.use(options);

    test("a person gets back in by email, and is signed out everywhere else", async ({
      page,
      another,
      stack,
      say,
      person,
    }) => {
      const other = await another();
      await other.goto("sign-in");
      await signIn(other, say, person.email, OLD_PASSWORD);
      await isAt(other, stack, "account");

      await reachPassword(page, say, stack, person);
      await finish(page, say, stack, person.email);

      await other.reload();
      await isAt(other, stack, "sign-in");
      await signIn(other, say, person.email, OLD_PASSWORD);
      await expect(other.getByRole("alert")).toContainText(say("error-sign-in-credentials"));
    });

    test("a person gets back in by text message", async ({ page, stack, say, person }) => {
      await enter(page, say, await askForCode(page, say, stack, person.phone));
      await isAt(page, stack, "recover/password");
      await finish(page, say, stack, person.phone);
      await button(page, say("account-sign-out")).click();
      await isAt(page, stack, "sign-in");
      await expect(page.getByRole("status")).toHaveText(say("sign-in-signed-out"));
      await page.goto("account");
      await isAt(page, stack, "sign-in");
    });
  });
}

test("who types an email address can have the code as a text message", async ({ page, stack, say, person }) => {
  const code = await askForCode(page, say, stack, person.email, { by: "sms", to: person.phone });
  await enter(page, say, code);
  await isAt(page, stack, "recover/password");
});

test("a link gets a person back in, and its code is in no address", async ({ page, stack, say, person }) => {
  await askTooOften(page, say, person.email);
  const link = await stack.inbox.link(person.email);
  // A deployed stage may name another site than the one that the emulator has.
  await page.goto(`recover/link${new URL(link.url).hash}`);
  await isAt(page, stack, "recover/link");
  await expect(page.getByText(say("link-ready"))).toBeVisible();
  await button(page, say("link-button")).click();
  await isAt(page, stack, "recover/password");
  await finish(page, say, stack, person.email);
});

test.describe("without JavaScript", () => {
  test.use({ javaScriptEnabled: false });

  test("the code of a link is typed in its groups", async ({ page, stack, say, person }) => {
    await askTooOften(page, say, person.email);
    const { text } = await stack.inbox.link(person.email);
    const [groups] = text.match(/\b\w{5}(-\w{5,6}){4}\b/);
    await page.goto("recover/link");
    await page.getByLabel(say("link-label"), { exact: true }).fill(groups.toLowerCase().replaceAll("-", " "));
    await button(page, say("link-button")).click();
    await isAt(page, stack, "recover/password");
    await finish(page, say, stack, person.email);
  });
});

test("nobody can tell from the pages whether there is an account", async ({ page, another, stack, say, person }) => {
  const stranger = await another();
  const shown = async (visitor, identifier) => {
    await ask(visitor, say, identifier);
    await isAt(visitor, stack, "recover/code");
    await enter(visitor, say, "000000");
    await expect(visitor.getByRole("alert")).toBeVisible();
    const text = await visitor.getByRole("main").innerText();
    return text
      .replaceAll(await reference(visitor), "…")
      .replaceAll(identifier, "…")
      .replace(/\d+ (seconds|minutes)|\d:\d\d/g, "…");
  };
  expect(await shown(stranger, "nobody-at-all@example.com")).toBe(await shown(page, person.email));
});

test("only the keyboard is needed", async ({ page, stack, say, person }) => {
  const tabTo = async (target) => {
    for (let tabs = 0; tabs < 12; tabs += 1) {
      if (await target.evaluate((element) => element === document.activeElement)) return;
      await page.keyboard.press("Tab");
    }
    throw new Error("the keyboard doesn't lead there");
  };
  const write = async (label, text) => {
    const field = page.getByLabel(label, { exact: true });
    await tabTo(field);
    expect(await field.evaluate((element) => getComputedStyle(element).outlineStyle)).toBe("solid");
    await page.keyboard.type(text);
  };
  await page.goto("recover");
  await write(say("field-identifier"), person.email);
  await page.keyboard.press("Tab");
  await page.keyboard.press("ArrowDown");
  await expect(page.getByLabel(say("recover-channel-email"), { exact: true })).toBeChecked();
  await tabTo(button(page, say("recover-button")));
  await page.keyboard.press("Enter");
  await isAt(page, stack, "recover/code");
  await write(say("code-label"), await stack.inbox.code(person.email, await reference(page)));
  await page.keyboard.press("Enter");
  await isAt(page, stack, "recover/password");
  await write(say("password-label"), NEW_PASSWORD);
  await write(say("password-again"), NEW_PASSWORD);
  await page.keyboard.press("Enter");
  await isAt(page, stack, "recover/done");
});
