// Every language through all pages.

import { NEW_PASSWORD } from "./support/people.js";
import { isAccessible } from "./support/holds.js";
import { ask, button, choose, enter, isAt, reference, signIn } from "./support/steps.js";
import { expect, test } from "./support/test.js";
import { BRAND, LANGUAGES, words } from "./support/words.js";

for (const tag of LANGUAGES) {
  test.describe(tag, () => {
    test.use({ locale: tag });

    test("every page and the message are in the language of the browser", async ({ page, stack, say, person }) => {
      const isShown = async (title) => {
        const html = page.locator("html");
        await expect(html).toHaveAttribute("lang", tag);
        await expect(html).toHaveAttribute("dir", tag === "ar" ? "rtl" : "ltr");
        await expect(page.getByRole("heading", { level: 1 })).toHaveText(say(title));
        await expect(page).toHaveTitle(new RegExp(`${say(title)}.* – .*${BRAND}`));
        await isAccessible(page);
      };
      await page.goto("recover");
      await isShown("recover-title");
      await ask(page, say, "kim");
      await expect(page.getByRole("alert")).toContainText(say("error-identifier"));
      await isShown("recover-title");

      await ask(page, say, person.email);
      await isAt(page, stack, "recover/code");
      await isShown("code-title");
      await expect(page.locator("#code")).toHaveAttribute("dir", "ltr");
      const shown = await reference(page);
      const message = await stack.inbox.message(person.email, ({ reference }) => reference === shown);
      expect(message.html).toMatch(new RegExp(`<html[^>]* lang="?${tag}\\b`));
      await enter(page, say, message.code);
      await isAt(page, stack, "recover/password");
      await isShown("password-title");
      await page.getByLabel(say("password-label"), { exact: true }).fill("three brown");
      await expect(page.locator("#password-count")).toContainText("11 / 15");
      await choose(page, say);
      await isAt(page, stack, "recover/done");
      await isShown("done-title");

      await page.goto("sign-in");
      await isShown("sign-in-title");
      await signIn(page, say, person.email, NEW_PASSWORD);
      await isAt(page, stack, "account");
      await isShown("account-title");
      await page.goto("recover/link");
      await isShown("link-title");
      await page.goto("nothing");
      await isShown("not-found-title");
    });
  });
}

test("a language that is chosen keeps the place, and is remembered", async ({
  page,
  context,
  stack,
  say,
  person,
}) => {
  const swedish = words("sv");
  await ask(page, say, person.email);
  await isAt(page, stack, "recover/code");
  const before = await reference(page);
  await button(page, "Svenska").click();
  await isAt(page, stack, "recover/code");
  await expect(page.getByRole("heading", { level: 1 })).toHaveText(swedish("code-title"));
  expect(await reference(page)).toBe(before);
  await expect(button(page, "Svenska")).toHaveAttribute("aria-current", "true");
  const later = await context.newPage();
  await later.goto("sign-in");
  await expect(later.getByRole("heading", { level: 1 })).toHaveText(swedish("sign-in-title"));
  // After the browser was closed, too.
  const { expires } = (await context.cookies()).find(({ name }) => name.endsWith("regain-locale"));
  expect(expires).toBeGreaterThan(Date.now() / 1000 + 300 * 86_400);
});

test("a browser that wants several languages gets the first that there is", async ({ another }) => {
  for (const [wanted, tag] of [
    ["nl, fr;q=0.5, de;q=0.8", "de"],
    ["sv-FI", "sv"],
    ["nl", "en"],
    ["ar-EG,en;q=0.1", "ar"],
  ]) {
    const page = await another({ locale: undefined, extraHTTPHeaders: { "accept-language": wanted } });
    await page.goto("recover");
    await expect(page.locator("html")).toHaveAttribute("lang", tag);
  }
});
