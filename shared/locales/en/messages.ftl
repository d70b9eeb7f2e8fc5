# What Regain writes to people, in English. A translation is this file with other words, under the name of
# its language: the same keys, and in each the same variables. $brand is what the service calls itself.
#
# Text messages are paid by length. Keep to the letters of GSM 03.38 (no dashes, curly quotes or
# emoji), and keep code-text so short that tests pass: with its last line, it fits one segment.

## The code. $code is 6 to 10 digits, $reference three letters or digits, $minutes at least 1.
## The page shows the same reference under the same word.

code-email-subject = Reset your { $brand } password (reference { $reference })
code-email-intro = Somebody, we hope you, asked for a new password for your { $brand } account.
code-email-code = Your code: { $code }
code-email-reference = Reference: { $reference }
code-email-use = { $minutes ->
    [one] Enter the code on the page that shows the same reference. It works for one minute.
   *[other] Enter the code on the page that shows the same reference. It works for { $minutes } minutes.
}
code-email-warning = Nobody from { $brand } will ever ask you for this code. Give it to no one.
code-email-not-you = If it wasn't you, you don't have to do anything: without the code your password stays as it is.

# A line for the phone to read follows by itself.
code-text = { $code } is your { $brand } reset code. Reference { $reference }. Works { $minutes } min. Never share it. Not you? Ignore.

## The recovery link, sent in place of a code when too many were asked for. $hours is at least 1. In the
## email the link follows link-email-action; in the text message it is $link, on a line of its own.

link-email-subject = A link to reset your { $brand } password
link-email-intro = Too many codes were asked for to reset the password of your { $brand } account, so we send no more of them for now.
link-email-action = If you want a new password, this link sets one without a code:
link-email-limits = { $hours ->
    [one] The link works once, for one hour.
   *[other] The link works once, for { $hours } hours.
}
link-email-warning = Nobody from { $brand } will ever ask you for this link. Give it to no one.
link-email-not-you = If it wasn't you, you don't have to do anything: without the link your password stays as it is.
link-text = Too many { $brand } codes were asked for. This link sets a new password without one:
    { $link }
    Works once, for { $hours } h. Never share it. Not you? Do nothing.

## The notice that the password was changed. $time is in UTC, such as 2026-11-23 22:52 UTC. In the email the
## address of the site follows changed-email-not-you; in the text message it is $origin.

changed-email-subject = Your { $brand } password was changed
changed-email-intro = The password of your { $brand } account was changed at { $time }.
changed-email-signed-out = Everyone who was signed in to the account has been signed out.
changed-email-you = If it was you, you don't have to do anything.
changed-email-not-you = If it wasn't you, go to our site now and reset the password; the old one doesn't work any more:
changed-email-support = Then contact support.
changed-email-warning = Nobody from { $brand } will ever ask you for a code or a password.
changed-text = Your { $brand } password was changed at { $time }. Everyone was signed out. Not you? Reset it now at { $origin } and contact support. Nobody will ever ask you for a code.

## The notice of wrong passwords, at the tenth for an identifier and at the last that is allowed (the keys with spent).
## $time is in UTC, such as 2026-11-23 22:52 UTC. In the email the address of the site follows
## failures-email-forgotten; in the text message it is $origin.

failures-email-subject = Wrong passwords for your { $brand } account
failures-email-intro = Somebody has tried to sign in to your { $brand } account with wrong passwords, the last time at { $time }. None of them was right.
failures-email-more = You can sign in as always.
failures-email-spent = So that nobody can go on guessing, passwords are no longer accepted for the address that was typed. On a device where you have signed in before, your password still works.
failures-email-forgotten = If you have forgotten your password, or want to sign in on another device, set a new password on our site. It works at once:
failures-email-not-you = If it wasn't you, nothing has happened to your account. Set a new password if yours is short or if you use it elsewhere too.
failures-email-warning = Nobody from { $brand } will ever ask you for a code or a password.
failures-text-more = Somebody tried wrong passwords for your { $brand } account. None was right. Forgot yours? Set a new one at { $origin }. Nobody will ever ask you for a code.
failures-text-spent = Too many wrong passwords for your { $brand } account. Yours still works on devices where you have signed in before. Elsewhere, set a new one at { $origin }. Nobody will ever ask you for a code.
