// What people and their browsers do besides filling in forms.

import { isAccessible } from "./support/holds.js";
import { NEW_PASSWORD, OLD_PASSWORD } from "./support/people.js";
import {
  ask,
  askForCode,
  button,
  choose,
  enter,
  finish,
  isAt,
  reachPassword,
  reference,
  signIn,
} from "./support/steps.js";
import { expect, test } from "./support/test.js";

/** How many messages there are once the notice of the new password has come: none is on its way any more. */
async function countMessages(stack, to) {
  await stack.inbox.message(to, ({ code }) => code === null);
  return (await stack.inbox.messages(to)).length;
}

test("refresh, back and a second tab keep the place", async ({ page, context, stack, say, person }) => {
  const code = await askForCode(page, say, stack, person.email);
  const shown = await reference(page);
  await page.reload();
  await isAt(page, stack, "recover/code");
  expect(await reference(page)).toBe(shown);
  // To a mail app in the same tab, and back.
  await page.goto("about:blank");
  await page.goBack();
  expect(await reference(page)).toBe(shown);
  const second = await context.newPage();
  await second.goto("recover/code");
  expect(await reference(second)).toBe(shown);
  await enter(page, say, code);
  await isAt(page, stack, "recover/password");
  // The other tab has a code that was used, and leads on.
  await enter(second, say, code);
  await isAt(second, stack, "recover/password");
  await page.goBack();
  await isAt(page, stack, "recover/password");
  await choose(page, say);
  await isAt(page, stack, "recover/done");
  await page.reload();
  await isAt(page, stack, "recover/done");
  await page.goBack();
  await isAt(page, stack, "recover/done");
  await choose(second, say);
  await isAt(second, stack, "recover/done");
  expect(await countMessages(stack, person.email)).toBe(2);
});

test("after an error, back and refresh show the page, and ask nothing about the form", async ({ page, stack, say, person }) => {
  await ask(page, say, "kim");
  await expect(page.getByRole("alert")).toBeVisible();
  await page.getByLabel(say("field-identifier"), { exact: true }).fill(person.email);
  await button(page, say("recover-button")).click();
  await isAt(page, stack, "recover/code");
  await page.goBack();
  await isAt(page, stack, "recover");
  await expect(page.getByRole("heading", { level: 1 })).toHaveText(say("recover-title"));
  await page.goForward();
  await enter(page, say, "abc");
  await expect(page.getByRole("alert")).toBeVisible();
  await page.reload();
  await isAt(page, stack, "recover/code");
  await expect(page.getByRole("alert")).toHaveCount(0);
});

test("nothing was lost by an error before a refresh", async ({ page, stack, say, person }) => {
  const code = await askForCode(page, say, stack, person.email);
  await enter(page, say, "abc");
  await expect(page.getByRole("alert")).toBeVisible();
  await page.goto("recover/code");
  await expect(page.getByRole("alert")).toHaveCount(0);
  await enter(page, say, code);
  await isAt(page, stack, "recover/password");
});

test("two clicks are one", async ({ page, stack, say, person }) => {
  await page.goto("recover");
  await page.getByLabel(say("field-identifier"), { exact: true }).fill(person.email);
  await button(page, say("recover-button")).dblclick();
  await isAt(page, stack, "recover/code");
  const code = await stack.inbox.code(person.email, await reference(page));
  await page.getByLabel(say("code-label"), { exact: true }).fill(code);
  await button(page, say("code-button")).dblclick();
  await isAt(page, stack, "recover/password");
  await page.getByLabel(say("password-label"), { exact: true }).fill(NEW_PASSWORD);
  await page.getByLabel(say("password-again"), { exact: true }).fill(NEW_PASSWORD);
  await button(page, say("password-button")).dblclick();
  await isAt(page, stack, "recover/done");
  expect(await countMessages(stack, person.email)).toBe(2);
});

test("a form that is posted twice at once is one", async ({ page, context, stack, say, person }) => {
  await page.goto("recover");
  await page.getByLabel(say("field-identifier"), { exact: true }).fill(person.email);
  const form = await page.locator("main form").evaluate((element) => Object.fromEntries(new FormData(element)));
  const post = () => context.request.post("recover", { form, maxRedirects: 0 });
  for (const answer of await Promise.all([post(), post(), post()])) expect(answer.status()).toBe(303);
  await page.goto("recover/code");
  await finishAt(page, say, stack, person);
  expect(await countMessages(stack, person.email)).toBe(2);
});

async function finishAt(page, say, stack, person) {
  await enter(page, say, await stack.inbox.code(person.email, await reference(page)));
  await isAt(page, stack, "recover/password");
  await finish(page, say, stack, person.email);
}

test("what is pasted into the code may be the whole message", async ({ page, context, stack, say, person }) => {
  await ask(page, say, person.email);
  await isAt(page, stack, "recover/code");
  const code = page.getByLabel(say("code-label"), { exact: true });
  const paste = async (text) => {
    await code.fill("");
    await code.evaluate((field, data) => {
      const clipboardData = new DataTransfer();
      clipboardData.setData("text", data);
      const event = new ClipboardEvent("paste", { clipboardData, bubbles: true, cancelable: true });
      // What a browser does where nothing else is done.
      if (field.dispatchEvent(event)) field.value += data;
    }, text);
    return code.inputValue();
  };
  for (const text of [
    "Your code is 123 456",
    "123456",
    "123-456",
    "Code: 123456. Reference K7F.\n@example.com #123456",
    "رمزك هو 123456",
  ]) {
    expect(await paste(text), text).toBe("123456");
  }
  expect(await paste("call 12 34"), "what has no code is pasted as it is").toBe("call 12 34");
  // As it is, it is read by the server.
  const [right] = [await stack.inbox.code(person.email, await reference(page))];
  await enter(page, say, `Your code is ${right.slice(0, 3)} ${right.slice(3)}.`);
  await isAt(page, stack, "recover/password");
});

test("a password that is shown is typed once", async ({ page, stack, say, person }) => {
  await reachPassword(page, say, stack, person);
  const password = page.getByLabel(say("password-label"), { exact: true });
  const again = page.getByLabel(say("password-again"), { exact: true });
  await expect(password).toHaveAttribute("type", "password");
  await button(page, say("field-password-show")).click();
  await expect(password).toHaveAttribute("type", "text");
  await expect(password).toBeFocused();
  await expect(again).toBeHidden();
  await isAccessible(page);
  await button(page, say("field-password-hide")).click();
  await expect(again).toBeVisible();
  await button(page, say("field-password-show")).click();
  await password.fill(NEW_PASSWORD);
  await button(page, say("password-button")).click();
  await isAt(page, stack, "recover/done");
});

test("a password that is shown at a sign-in is sent as one", async ({ page, stack, say, person }) => {
  await page.goto("sign-in");
  await button(page, say("field-password-show")).click();
  await isAccessible(page);
  await signIn(page, say, person.email, OLD_PASSWORD);
  await isAt(page, stack, "account");
});

test("the length of a new password is told while it is typed", async ({ page, stack, say, person }) => {
  await reachPassword(page, say, stack, person);
  const password = page.getByLabel(say("password-label"), { exact: true });
  const told = page.locator("#password-count");
  // A letter with its accent is one character, and so is a picture.
  for (const [typed, text] of [
    ["e\u0301\u{1f414}", "Characters: 2 / 15"],
    [NEW_PASSWORD, "Characters: 31"],
    ["", ""],
  ]) {
    await password.fill(typed);
    await expect(told).toHaveText(text);
  }
});

test("the address that password managers open leads to a page", async ({ page, stack }) => {
  await page.goto(".well-known/change-password");
  await isAt(page, stack, "recover");
});

test("browsers and password managers know what each field is", async ({ page, stack, say, person }) => {
  const autocomplete = (id) => page.locator(id).getAttribute("autocomplete");
  await page.goto("sign-in");
  expect([await autocomplete("#identifier"), await autocomplete("#password")]).toEqual([
    "username",
    "current-password",
  ]);
  await page.goto("recover");
  expect(await autocomplete("#identifier")).toBe("username");
  const code = await askForCode(page, say, stack, person.email);
  const field = page.locator("#code");
  expect(await autocomplete("#code")).toBe("one-time-code");
  await expect(field).toHaveAttribute("inputmode", "numeric");
  await expect(field).toHaveAttribute("type", "text");
  await expect(field).not.toHaveAttribute("maxlength");
  await enter(page, say, code);
  await isAt(page, stack, "recover/password");
  expect([await autocomplete("#password"), await autocomplete("#password_again")]).toEqual([
    "new-password",
    "new-password",
  ]);
  await expect(page.locator("#password")).toHaveAttribute("passwordrules", "minlength: 15; maxlength: 256;");
  // In the same form, before the password, and never seen.
  const username = page.locator("main form input[autocomplete=username]");
  await expect(username).toHaveValue(person.email);
  await expect(username).toBeHidden();
});

test("the countdown is shown each second, and announced once", async ({ page, stack, say, person }) => {
  await page.clock.install();
  await ask(page, say, person.email);
  await isAt(page, stack, "recover/code");
  await page.evaluate(() => {
    window.announced = 0;
    const live = document.querySelectorAll("main [role=status], main [role=alert], main [aria-live]");
    for (const region of live)
      new MutationObserver(() => {
        window.announced += 1;
      }).observe(region, { childList: true, characterData: true, subtree: true });
  });
  await expect(button(page, say("code-resend"))).toBeDisabled();
  await page.clock.runFor(15_000);
  await expect(page.locator("#resend-wait")).toHaveText(/ 0:4\d\.$/);
  await page.clock.runFor(50_000);
  await expect(page.getByText(say("code-resend-ready"))).toBeVisible();
  await expect(page.locator("#resend-wait")).toBeHidden();
  expect(await page.evaluate(() => window.announced)).toBe(1);
  await stack.pass(61);
  const before = await reference(page);
  await button(page, say("code-resend")).click();
  await expect(page.locator(".box dd")).not.toHaveText(before);
});

test("nothing on a page moves by itself", async ({ page, stack, say, person }) => {
  await page.emulateMedia({ reducedMotion: "reduce" });
  await reachPassword(page, say, stack, person);
  expect(await page.evaluate(() => document.getAnimations().length)).toBe(0);
  await page.emulateMedia({ reducedMotion: "no-preference" });
  expect(await page.evaluate(() => document.getAnimations().length)).toBe(0);
});
