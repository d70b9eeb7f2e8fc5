// Other settings: the brand, limits that are reached soon, and the postal code. One stack, one test after the other:
// a limit by the caller's address is everybody's.

import { isAccessible, showsError } from "./support/holds.js";
import { OLD_PASSWORD, POSTAL_CODE } from "./support/people.js";
import { button, enter, isAt, reference, signIn } from "./support/steps.js";
import { expect, test } from "./support/test.js";

test.use({
  settings: {
    REGAIN_BRAND_NAME: "Åsa’s Hen House",
    REGAIN_BRAND_COLOR: "#6b2fa0",
    REGAIN_BRAND_LOGO:
      '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 120 40"><rect width="120" height="40" fill="#6b2fa0"/></svg>',
    REGAIN_SUPPORT_URL: "https://support.example.com/hens",
    REGAIN_POSTAL_CODE_CHECK: "required",
    REGAIN_REQUESTS_PER_ADDRESS_PER_HOUR: "2",
    REGAIN_VERIFIES_PER_ADDRESS_PER_HOUR: "2",
    REGAIN_SIGN_INS_PER_ADDRESS_PER_HOUR: "5",
    REGAIN_SIGN_IN_FAILURES_PER_IDENTIFIER: "1",
    REGAIN_SIGN_IN_FAILURES_PER_IDENTIFIER_AND_ADDRESS_PER_HOUR: "20",
  },
});
test.describe.configure({ mode: "default" });

// Another hour, with other counts.
test.beforeEach(({ stack }) => stack.pass(7200));

const LIMITED = /^There were too many tries\. Try again in (one minute|\d+ (minutes|seconds))\.$/;

async function askWithPostalCode(page, say, identifier, postalCode) {
  await page.goto("recover");
  await page.getByLabel(say("field-identifier"), { exact: true }).fill(identifier);
  await page.getByLabel(say("recover-postal-code"), { exact: true }).fill(postalCode);
  await button(page, say("recover-button")).click();
}

test("name, logo, colour and support are the service’s own", async ({ page, say }) => {
  await page.goto("recover");
  await expect(page).toHaveTitle("Password assistance – Åsa’s Hen House");
  const logo = page.getByRole("banner").getByRole("img", { name: "Åsa’s Hen House" });
  expect(await logo.evaluate((image) => [image.complete, image.naturalWidth > 0, image.height])).toEqual([
    true,
    true,
    40,
  ]);
  const color = await button(page, say("recover-button")).evaluate(
    (element) => getComputedStyle(element).backgroundColor,
  );
  expect(color).toBe("rgb(107, 47, 160)");
  const support = page.getByRole("contentinfo").getByRole("link", { name: say("page-support") });
  await expect(support).toHaveAttribute("href", "https://support.example.com/hens");
  await isAccessible(page);
});

test("a postal code is asked for where it has to be, and what was typed is kept", async ({
  page,
  stack,
  say,
  person,
}) => {
  await page.goto("recover");
  await isAccessible(page);
  await askWithPostalCode(page, say, person.email, " ");
  await showsError(page, say, say("error-postal-code"), "postal_code");
  await isAccessible(page);
  await expect(page.locator("#identifier")).toHaveValue(person.email);
  await page.getByLabel(say("recover-postal-code"), { exact: true }).fill(POSTAL_CODE);
  await button(page, say("recover-button")).click();
  await isAt(page, stack, "recover/code");
  await enter(page, say, await stack.inbox.code(person.email, await reference(page)));
  await isAt(page, stack, "recover/password");
});

test("too many codes from one network are refused", async ({ page, stack, say, people }) => {
  for (let asked = 0; asked < 2; asked += 1) {
    await askWithPostalCode(page, say, people.next().value.email, POSTAL_CODE);
    await isAt(page, stack, "recover/code");
  }
  const { email } = people.next().value;
  await askWithPostalCode(page, say, email, POSTAL_CODE);
  await showsError(page, say, /^Too many codes were requested from your network\. Try again in /);
  await expect(page.locator("#identifier")).toHaveValue(email);
  await expect(page.locator("#postal_code")).toHaveValue(POSTAL_CODE);
});

test("too many guesses from one network are refused, and cost no try", async ({ page, stack, say, person }) => {
  await askWithPostalCode(page, say, person.email, POSTAL_CODE);
  const code = await stack.inbox.code(person.email, await reference(page));
  const wrong = code === "000000" ? "000001" : "000000";
  for (const left of ["4 more tries", "3 more tries"]) {
    await enter(page, say, wrong);
    await expect(page.getByRole("alert")).toContainText(left);
  }
  await enter(page, say, code);
  await showsError(page, say, LIMITED);
});

test("too many wrong passwords want a new password, and too many sign-ins some time", async ({
  page,
  stack,
  say,
  person,
}) => {
  await page.goto("sign-in");
  await signIn(page, say, person.email, "not the right password");
  await expect(page.getByRole("alert")).toContainText(say("error-sign-in-credentials"));
  await signIn(page, say, person.email, OLD_PASSWORD);
  await showsError(page, say, say("error-sign-in-recovery"));
  for (let tried = 0; tried < 4; tried += 1) await signIn(page, say, person.email, OLD_PASSWORD);
  await showsError(page, say, LIMITED);
  await page.getByRole("link", { name: say("sign-in-forgotten") }).click();
  await isAt(page, stack, "recover");
});
