// Everything that a form may be refused for, as the person sees it.

import { NEW_PASSWORD, OLD_PASSWORD } from "./support/people.js";
import { isAccessible, isTrouble, showsError, tells } from "./support/holds.js";
import {
  ask,
  askForCode,
  askTooOften,
  button,
  choose,
  enter,
  isAt,
  reachPassword,
  reference,
  signIn,
} from "./support/steps.js";
import { expect, test } from "./support/test.js";

/** A code that isn't the one. */
const wrong = (code) => String((Number(code) + 1) % 10 ** code.length).padStart(code.length, "0");

const field = (page, id) => page.locator(`#${id}`);

test.describe("at password assistance", () => {
  for (const typed of ["", "kim", "0701740605", "kim@"]) {
    test(`“${typed}” is no identifier, and is kept`, async ({ page, say }) => {
      await ask(page, say, typed, "sms");
      await showsError(page, say, say("error-identifier"), "identifier");
      await expect(field(page, "identifier")).toHaveValue(typed);
      await expect(page.getByLabel(say("recover-channel-sms"), { exact: true })).toBeChecked();
      if (typed === "kim") await isAccessible(page);
    });
  }

  test("who asks for too many codes is told of the link, and that it is so for everybody", async ({
    page,
    another,
    say,
    person,
  }) => {
    await askTooOften(page, say, person.email);
    await showsError(
      page,
      say,
      /^Too many codes were requested\. If browser-\d+@example\.com belongs to an account, .* in \d+ (minutes|seconds)\.$/,
    );
    await isAccessible(page);
    await expect(field(page, "identifier")).toHaveValue(person.email);
    const stranger = await another();
    await askTooOften(stranger, say, `nobody-${person.email}`);
    await expect(stranger.getByRole("alert")).toContainText("Too many codes were requested");
  });
});

test.describe("at the code", () => {
  test("a wrong code says how many tries are left, and is not kept", async ({ page, stack, say, person }) => {
    const code = await askForCode(page, say, stack, person.email);
    await enter(page, say, wrong(code));
    const from = await reference(page);
    await showsError(
      page,
      say,
      `That’s not the code from the message with reference ${from}. You have 4 more tries.`,
      "code",
    );
    await expect(field(page, "code")).toHaveValue("");
    await isAccessible(page);
    for (const left of ["You have 3", "You have 2", "You have one"]) {
      await enter(page, say, wrong(code));
      await expect(page.getByRole("alert")).toContainText(left);
    }
    await enter(page, say, wrong(code));
    await isTrouble(page, say, "exhausted");
    await page.getByRole("link", { name: say("page-start-again") }).click();
    await expect(field(page, "identifier")).toHaveValue(person.email);
  });

  test("nothing, and what is no code, cost no try", async ({ page, stack, say, person }) => {
    const code = await askForCode(page, say, stack, person.email);
    await enter(page, say, "");
    await showsError(page, say, say("error-code-missing"), "code");
    for (const typed of ["abc", "12345", "123456 or 654321"]) {
      await enter(page, say, typed);
      await showsError(page, say, say("error-code-digits", { digits: "6" }), "code");
    }
    await enter(page, say, wrong(code));
    await expect(page.getByRole("alert")).toContainText("You have 4 more tries");
  });

  test("a tab from before another code was sent is told so", async ({ page, context, stack, say, person }) => {
    const code = await askForCode(page, say, stack, person.email);
    await stack.pass(61);
    const second = await context.newPage();
    await second.goto("recover/code");
    await button(second, say("code-resend")).click();
    await second.waitForLoadState();
    const current = await reference(second);
    await enter(page, say, code);
    await showsError(page, say, say("error-code-stale", { reference: current }), "code");
    await enter(page, say, await stack.inbox.code(person.email, current));
    await isAt(page, stack, "recover/password");
  });

  test("a code that has expired leads back to the start", async ({ page, stack, say, person }) => {
    const code = await askForCode(page, say, stack, person.email);
    await stack.pass(601);
    await enter(page, say, code);
    await isTrouble(page, say, "expired");
    // The form is posted again, and there is nothing left that it was about.
    await page.reload();
    await isAt(page, stack, "recover");
  });

  test("a code that was used leads back to the start", async ({ page, context, stack, say, person }) => {
    const code = await askForCode(page, say, stack, person.email);
    const before = await context.cookies();
    await enter(page, say, code);
    await isAt(page, stack, "recover/password");
    await context.addCookies(before);
    await page.goto("recover/code");
    await enter(page, say, code);
    await isTrouble(page, say, "used");
  });

  test("three more codes can be sent, by either way, and no fourth", async ({
    page,
    context,
    stack,
    say,
    person,
  }) => {
    await askForCode(page, say, stack, person.email);
    const old = await context.newPage();
    for (const [name, to] of [
      ["code-resend", person.email],
      ["code-resend-sms", person.phone],
      ["code-resend-email", person.email],
    ]) {
      await stack.pass(61);
      await page.goto("recover/code");
      await old.goto("recover/code");
      const before = await reference(page);
      await button(page, say(name)).click();
      await expect(page.locator(".box dd")).not.toHaveText(before);
      await enter(page, say, wrong(await stack.inbox.code(to, await reference(page))));
      await expect(page.getByRole("alert")).toBeVisible();
    }
    await page.goto("recover/code");
    await expect(page.getByText(say("code-resend-none"))).toBeVisible();
    await isAccessible(page);
    await stack.pass(61);
    await button(old, say("code-resend")).click();
    await showsError(old, say, say("code-resend-none"));
    await isAccessible(old);
  });

  test.describe("without JavaScript", () => {
    test.use({ javaScriptEnabled: false });

    test("a code that is asked for too soon is refused", async ({ page, stack, say, person }) => {
      await askForCode(page, say, stack, person.email);
      await button(page, say("code-resend")).click();
      await expect(page.getByRole("alert")).toContainText(/You can ask for another code in \d+ seconds/);
      await expect(page).toHaveTitle(/^Error: /);
    });
  });
});

test.describe("at the new password", () => {
  test("what can’t be a password is refused with its reasons, and is not kept", async ({
    page,
    stack,
    say,
    person,
  }) => {
    await reachPassword(page, say, stack, person);
    const [local] = person.email.split("@");
    const refusals = [
      ["", "error-password-missing"],
      ["too short", "error-password-too-short", { minimum: "15" }],
      ["long ".repeat(52), "error-password-too-long", { maximum: "256" }],
      ["passwordpassword", "error-password-common"],
      [`${local} ${local} ${local}`, "error-password-personal"],
      [OLD_PASSWORD, "error-password-current"],
      ["brown hens\u0007under a bridge", "error-password-forbidden"],
    ];
    for (const [password, key, values] of refusals) {
      await choose(page, say, password);
      await showsError(page, say, say(key, values), "password");
      await expect(field(page, "password")).toHaveValue("");
      await expect(field(page, "password_again")).toHaveValue("");
    }
    await isAccessible(page);
    await choose(page, say, NEW_PASSWORD, OLD_PASSWORD);
    await showsError(page, say, say("error-password-differs"), "password_again");
    await choose(page, say);
    await isAt(page, stack, "recover/done");
  });

  test("who was away for too long starts again, or signs in", async ({ page, stack, say, person }) => {
    await reachPassword(page, say, stack, person);
    await stack.pass(601);
    await choose(page, say);
    await isTrouble(page, say, "token");
    await page.getByRole("link", { name: say("page-start-again") }).click();
    await isAt(page, stack, "recover");
    await page.goto("recover/password");
    await isAt(page, stack, "recover");
  });

  test("a password that was chosen elsewhere meanwhile is not replaced", async ({
    page,
    context,
    another,
    stack,
    say,
    person,
  }) => {
    await reachPassword(page, say, stack, person);
    const other = await another({ storageState: await context.storageState() });
    await other.goto("recover/password");
    await choose(other, say);
    await isAt(other, stack, "recover/done");
    await choose(page, say, "another four words entirely");
    await isTrouble(page, say, "token");
    await page.getByRole("link", { name: say("done-sign-in") }).click();
    await isAt(page, stack, "sign-in");
  });
});

test("what is no link code, and one that is nobody’s, are refused", async ({ page, say }) => {
  await page.goto("recover/link");
  await isAccessible(page);
  for (const [typed, key] of [
    ["", "error-link"],
    ["0NF5G-9R8BM", "error-link"],
    ["0NF5G-9R8BM-FXR6S-MD2JS-37VF95", "error-link-invalid"],
  ]) {
    await page.getByLabel(say("link-label"), { exact: true }).fill(typed);
    await button(page, say("link-button")).click();
    await showsError(page, say, say(key), "link_code");
  }
  await isAccessible(page);
});

test("a sign-in says what is missing and what is wrong, the same for who has no account", async ({
  page,
  say,
  person,
}) => {
  await page.goto("sign-in");
  await signIn(page, say, "kim", "");
  await showsError(page, say, say("error-identifier"), "identifier");
  await expect(field(page, "identifier")).toHaveValue("kim");
  await expect(page.getByRole("alert").getByRole("link")).toHaveCount(2);
  await tells(page, say("error-sign-in-password"), "password");
  await isAccessible(page);
  for (const identifier of [person.email, `nobody-${person.email}`]) {
    await signIn(page, say, identifier, "not the right password");
    await showsError(page, say, say("error-sign-in-credentials"), "password");
    await expect(field(page, "identifier")).toHaveValue(identifier);
    await expect(field(page, "password")).toHaveValue("");
  }
});

test("an address where nothing is leads on", async ({ page, stack, say }) => {
  for (const path of ["nothing", "recover/nothing", "account/nothing/at/all"]) {
    const answer = await page.goto(path);
    expect(answer.status()).toBe(404);
    await isTrouble(page, say, "not-found");
  }
  await page.getByRole("link", { name: say("recover-title") }).click();
  await isAt(page, stack, "recover");
});

test("a form that was tampered with does nothing, and leads on", async ({ page, stack, say, person }) => {
  await page.goto("recover");
  await page
    .locator("main form")
    .evaluate((form) => form.insertAdjacentHTML("beforeend", "<input name=identifier value=x>"));
  await page.locator("#identifier").fill(person.email);
  await button(page, say("recover-button")).click();
  await isTrouble(page, say, "form");
  await page.getByRole("link", { name: say("page-start-again") }).click();
  await isAt(page, stack, "recover");
});
