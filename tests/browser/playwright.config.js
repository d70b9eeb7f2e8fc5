// The browser is Debian's; `tests/browser.sh` says how to get it, and names it in REGAIN_CHROMIUM.
import { defineConfig } from "@playwright/test";

export default defineConfig({
  testDir: ".",
  outputDir: process.env.REGAIN_BROWSER_OUTPUT,
  workers: 2,
  fullyParallel: true,
  forbidOnly: true,
  retries: 0,
  // For a machine that is busy with something else; a test takes about two seconds.
  timeout: 60_000,
  expect: { timeout: 15_000 },
  reporter: [["list"]],
  use: {
    browserName: "chromium",
    locale: "en-GB",
    viewport: { width: 1280, height: 900 },
    trace: "off",
    launchOptions: { executablePath: process.env.REGAIN_CHROMIUM },
  },
  projects: [
    { name: "tests", testMatch: "*.spec.js" },
    { name: "pictures", testMatch: "pictures.js", fullyParallel: false },
  ],
});
