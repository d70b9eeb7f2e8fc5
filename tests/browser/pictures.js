// Makes the pictures of docs/images: `tests/browser.sh --pictures`. pngquant makes them smaller if it is there.

import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";

import { ask, askForCode, button, choose, enter, isAt, reachPassword } from "./support/steps.js";
import { test } from "./support/test.js";

const DESKTOP = { width: 960, height: 700 };
const PHONE = { width: 390, height: 700 };

/** One of the local stack's own accounts, whom the documents know. */
const ALICE = "alice@example.com";

async function reachCode(page, say, stack) {
  await askForCode(page, say, stack, ALICE);
}

/** Name, language, how wide, whether it is dark, and the way to what is shown. */
const PICTURES = [
  ["recover", "en-GB", DESKTOP, "light", (page) => page.goto("recover")],
  ["recover-dark", "sv", DESKTOP, "dark", (page) => page.goto("recover")],
  ["recover-error", "en-GB", PHONE, "light", (page, say) => ask(page, say, "0701740605")],
  ["code", "en-GB", PHONE, "light", reachCode],
  ["code-dark", "ar", PHONE, "dark", reachCode],
  [
    "code-error",
    "sv",
    PHONE,
    "light",
    async (page, say, stack) => {
      const code = await askForCode(page, say, stack, ALICE);
      await enter(page, say, code === "000000" ? "000001" : "000000");
      await page.getByRole("alert").waitFor();
    },
  ],
  [
    "password",
    "en-GB",
    PHONE,
    "dark",
    async (page, say, stack, person) => {
      await reachPassword(page, say, stack, person);
      await page.locator("#password").fill("three brown hens under a bridge");
      await button(page, say("field-password-show")).click();
    },
  ],
  [
    "done",
    "ar",
    DESKTOP,
    "light",
    async (page, say, stack, person) => {
      await reachPassword(page, say, stack, person);
      await choose(page, say);
      await isAt(page, stack, "recover/done");
    },
  ],
  ["sign-in", "en-GB", PHONE, "light", (page) => page.goto("sign-in")],
];

for (const [name, locale, viewport, colorScheme, reach] of PICTURES) {
  test.describe(name, () => {
    test.use({ locale, viewport, colorScheme });

    test(`pages-${name}.png`, async ({ page, say, stack, person }) => {
      await reach(page, say, stack, person);
      const path = fileURLToPath(new URL(`../../docs/images/pages-${name}.png`, import.meta.url));
      await page.screenshot({ path, fullPage: true, animations: "disabled", caret: "hide" });
      spawnSync("pngquant", ["--force", "--ext", ".png", "--strip", "64", path]);
    });
  });
}
