// What holds on every page, whatever it shows.

import { AxeBuilder } from "@axe-core/playwright";

import { expect } from "./test.js";

const STANDARD = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22a", "wcag22aa", "best-practice"];

async function hasNoViolation(axe, when) {
  const { violations } = await axe.setLegacyMode().analyze();
  const told = violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(" ")}`);
  expect(told, when).toEqual([]);
}

async function fits(page, when) {
  const wide = await page.evaluate(() => {
    const root = document.documentElement;
    const outside = [...document.body.querySelectorAll("*")].filter((element) => {
      const { left, right } = element.getBoundingClientRect();
      return left < -1 || right > root.clientWidth + 1;
    });
    return outside
      .map((element) => element.outerHTML.slice(0, 100))
      .concat(root.scrollWidth > root.clientWidth ? ["page"] : []);
  });
  expect(wide, when).toEqual([]);
}

/** Light and dark without a violation of WCAG 2.2 AA; 320 px and text of twice the size without sideways scrolling. */
export async function isAccessible(page) {
  await page.evaluate(() => {
    window.isMeasured = true;
  });
  await hasNoViolation(new AxeBuilder({ page }).withTags(STANDARD), "light");
  // Nothing else is a matter of colours.
  await page.emulateMedia({ colorScheme: "dark" });
  await hasNoViolation(new AxeBuilder({ page }).withRules(["color-contrast"]), "dark");
  await page.emulateMedia({ colorScheme: "light" });
  // 1,280 px at 400 % zoom are 320 px too (WCAG 2.2, success criterion 1.4.10).
  const { width, height } = page.viewportSize();
  await page.setViewportSize({ width: 320, height: 640 });
  await fits(page, "320 px wide");
  await page.evaluate(() => document.documentElement.style.setProperty("font-size", "200%"));
  await fits(page, "320 px wide, text at 200 %");
  await page.evaluate(() => document.documentElement.style.removeProperty("font-size"));
  await page.setViewportSize({ width, height });
}

/**
 * A form is shown again as GOV.UK's design system does it: the title says so, the summary has the focus and leads to
 * the field, and the field says what is wrong with it. Without a field, the summary alone tells.
 */
export async function showsError(page, say, text, field) {
  const summary = page.getByRole("alert");
  await expect(summary).toBeFocused();
  await expect(page).toHaveTitle(/^Error: /);
  await expect(summary.getByRole("heading")).toHaveText(say("error-summary"));
  await tells(page, text, field);
}

/** One of the errors of a form is this, of this field. */
export async function tells(page, text, field) {
  const item = page.getByRole("alert").getByRole("listitem").filter({ hasText: text });
  await expect(item).toHaveCount(1);
  if (field === undefined) return;
  const input = page.locator(`#${field}`);
  await expect(input).toHaveAttribute("aria-invalid", "true");
  await expect(page.locator(`#${field}-error`)).toContainText(text);
  await expect(input).toHaveAttribute("aria-describedby", new RegExp(`\\b${field}-error$`));
  await item.getByRole("link").click();
  await expect(input).toBeFocused();
}

/** A page in the place of one that can't be, by the keys of its words, with a way on. */
export async function isTrouble(page, say, key) {
  await expect(page.getByRole("heading", { level: 1 })).toHaveText(say(`${key}-title`));
  await expect(page.getByRole("main")).toContainText(say(`${key}-text`));
  await isAccessible(page);
}
