// What a browser loads, keeps, and is kept from.

import { chromium } from "@playwright/test";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";

import { isAccessible, isTrouble } from "./support/holds.js";
import { ask, askForCode, button, enter, isAt, reference } from "./support/steps.js";
import { expect, test } from "./support/test.js";

/** The most that a first view may weigh, in bytes as they are sent (gzip). */
const MAX_WEIGHT = 30 * 1024;

test("a first view is light, pages are not kept, and what they load is kept for a year", async ({ page }) => {
  const responses = [];
  page.on("response", (response) => responses.push(response));
  await page.goto("recover", { waitUntil: "networkidle" });
  const icon = await page.locator("link[rel=icon]").evaluate((link) => link.href);
  const loaded = await Promise.all(
    responses.map(async (response) => [
      response.url(),
      response.headers()["cache-control"],
      gzipSync(await response.body()).length,
    ]),
  );
  if (!loaded.some(([url]) => url === icon)) {
    const response = await page.request.get(icon);
    loaded.push([icon, response.headers()["cache-control"], gzipSync(await response.body()).length]);
  }
  expect(loaded.map(([url]) => url.replace(/.*\//, "").replace(/-[0-9a-f]+/, ""))).toEqual(
    expect.arrayContaining(["recover", "style.css", "script.js", "icon.svg"]),
  );
  for (const [url, kept] of loaded) {
    expect(kept, url).toBe(url.includes("/assets/") ? "public, max-age=31536000, immutable" : "no-store");
  }
  const weight = loaded.reduce((sum, [, , bytes]) => sum + bytes, 0);
  test.info().annotations.push({ type: "first view", description: `${weight} bytes` });
  expect(weight).toBeLessThan(MAX_WEIGHT);
});

test("the page of the local stack leads to everything", async ({ page, stack }) => {
  await page.goto("");
  await isAccessible(page);
  const links = await page
    .getByRole("main")
    .getByRole("link")
    .evaluateAll((all) => all.map((link) => link.href));
  expect(links).toContain(`${stack.inbox.url}/`);
  for (const link of links) expect((await page.request.get(link)).status(), link).toBe(200);
});

test("scripts of a page see no cookie", async ({ page, context, stack, say, person }) => {
  await ask(page, say, person.email);
  await isAt(page, stack, "recover/code");
  expect(await page.evaluate(() => document.cookie)).toBe("");
  for (const cookie of await context.cookies())
    expect(cookie).toMatchObject({ httpOnly: true, sameSite: "Lax", path: "/" });
});

/** A browser with a profile of its own, with other settings. */
async function withProfile(preferences, options, stack, use) {
  const profile = mkdtempSync(join(tmpdir(), "regain-profile-"));
  mkdirSync(join(profile, "Default"));
  writeFileSync(join(profile, "Default", "Preferences"), JSON.stringify(preferences));
  const executablePath = process.env.REGAIN_CHROMIUM;
  const context = await chromium.launchPersistentContext(profile, {
    executablePath,
    baseURL: stack.base,
    locale: "en-GB",
    ...options,
  });
  try {
    await use(await context.newPage(), context);
  } finally {
    await context.close();
    rmSync(profile, { recursive: true, force: true, maxRetries: 5 });
  }
}

test("a browser that keeps no cookies is told so", async ({ stack, say, person }) => {
  const blocked = { profile: { default_content_setting_values: { cookies: 2 } } };
  await withProfile(blocked, {}, stack, async (page, context) => {
    await ask(page, say, person.email);
    await isTrouble(page, say, "cookie");
    expect(await context.cookies()).toEqual([]);
  });
});

test("a page that the browser has kept whole has the place of before, and works", async ({ stack, say, person }) => {
  // Playwright turns this off, for its own sake.
  const options = { ignoreDefaultArgs: ["--disable-back-forward-cache"] };
  await withProfile({}, options, stack, async (page) => {
    const code = await askForCode(page, say, stack, person.email);
    const shown = await reference(page);
    await page.goto("about:blank");
    await page.goBack();
    expect(await reference(page)).toBe(shown);
    await expect(button(page, say("code-button"))).toBeEnabled();
    await enter(page, say, code);
    await isAt(page, stack, "recover/password");
    // What was kept is not shown after the step is done.
    await page.goBack();
    await isAt(page, stack, "recover/password");
  });
});
