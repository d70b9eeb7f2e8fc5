// The steps of a person, told by what the pages say. Each ends at the next page.

import { expect } from "./test.js";
import { NEW_PASSWORD } from "./people.js";

/** The button that sends the page's own form. */
export const button = (page, name) => page.getByRole("button", { name, exact: true });

/** The page is this one. */
export async function isAt(page, stack, path) {
  await expect(page).toHaveURL(stack.url(path));
}

/** Fills in password assistance, by email unless `by` says otherwise, and sends it. */
export async function ask(page, say, identifier, by) {
  await page.goto("recover");
  await page.getByLabel(say("field-identifier"), { exact: true }).fill(identifier);
  if (by) await page.getByLabel(say(`recover-channel-${by}`), { exact: true }).check();
  await button(page, say("recover-button")).click();
}

/** The reference that the page for the code shows. */
export const reference = (page) => page.locator(".box dd").innerText();

/** Asks for a code, and reads it from the message to `to` that has the page's reference. */
export async function askForCode(page, say, stack, identifier, { by, to = identifier } = {}) {
  await ask(page, say, identifier, by);
  await isAt(page, stack, "recover/code");
  return stack.inbox.code(to, await reference(page));
}

/** Sends a code. */
export async function enter(page, say, code) {
  await page.getByLabel(say("code-label"), { exact: true }).fill(code);
  await button(page, say("code-button")).click();
}

/** From the start to the page for the new password. */
export async function reachPassword(page, say, stack, person) {
  await enter(page, say, await askForCode(page, say, stack, person.email));
  await isAt(page, stack, "recover/password");
}

/** Sends a new password, typed twice. */
export async function choose(page, say, password = NEW_PASSWORD, again = password) {
  await page.getByLabel(say("password-label"), { exact: true }).fill(password);
  await page.getByLabel(say("password-again"), { exact: true }).fill(again);
  await button(page, say("password-button")).click();
}

/** Signs in from the page for it. */
export async function signIn(page, say, identifier, password = NEW_PASSWORD) {
  await page.getByLabel(say("field-identifier"), { exact: true }).fill(identifier);
  await page.getByLabel(say("sign-in-password"), { exact: true }).fill(password);
  await button(page, say("sign-in-button")).click();
}

/** From the page for the new password to the account. */
export async function finish(page, say, stack, identifier) {
  await choose(page, say);
  await isAt(page, stack, "recover/done");
  await expect(page.getByRole("heading", { level: 1 })).toHaveText(say("done-title"));
  await page.getByRole("link", { name: say("done-sign-in"), exact: true }).click();
  await isAt(page, stack, "sign-in");
  await signIn(page, say, identifier);
  await isAt(page, stack, "account");
  await expect(page.getByRole("heading", { level: 1 })).toHaveText(say("account-title"));
}

/** Asks for more codes than there are in an hour, until the page says so. */
export async function askTooOften(page, say, identifier) {
  for (let asked = 0; asked < 6; asked += 1) await ask(page, say, identifier);
  await expect(page.locator(".summary")).toBeVisible();
}
