# What Regain writes to people, in English. A translation is this file with other words, under the name of
# its language: the same keys, and in each the same variables. $brand is what the service calls itself.
#
# Write as the email of a good shop does: short, friendly, nothing between the lines. Emails have the typography
# of the language (’ and not '). Keys with -text are text messages, which are paid by length: they keep to the
# letters of GSM 03.38, so no ’ there.

## Parts of every email. $clock is such as 22:52. $label and $value are a label below and what follows it.

email-time = { $day } { $month ->
    [1] January
    [2] February
    [3] March
    [4] April
    [5] May
    [6] June
    [7] July
    [8] August
    [9] September
    [10] October
    [11] November
   *[12] December
} { $year } at { $clock } UTC
email-labelled = { $label }: { $value }
# At the foot; the address of support follows.
email-help = Need help? Contact us:

## The code. $code is 6 to 10 digits, $reference three letters or digits, $minutes at least 1, $time is as above.
## The page shows the same reference under the same word. Mail programs show the preheader beside the subject.

code-email-subject = Reset your { $brand } password (reference { $reference })
code-email-preheader = Enter your code on the page that shows reference { $reference }.
code-email-heading = Reset your password
code-email-intro = On { $time }, we received a request to reset the password for your { $brand } account.
code-email-code = Your code
code-email-reference = Reference
code-email-use = { $minutes ->
    [one] Enter the code on the page that shows the same reference. It expires in one minute.
   *[other] Enter the code on the page that shows the same reference. It expires in { $minutes } minutes.
}
code-email-warning = Never share this code. Nobody at { $brand } will ever ask you for it.
code-email-not-you = Didn’t ask for this? You can ignore this email. Without the code, your password stays as it is.

# A line for the phone to read follows by itself. With it, this fits one segment.
code-text = { $code } is your { $brand } reset code. Reference { $reference }. Valid { $minutes } min. Never share it. Not you? Ignore.

## The recovery link, sent in place of a code when too many were asked for. $hours is at least 1. In the
## email the link follows link-email-action, and the page's address and the link's code, under link-email-code, follow
## link-email-typed. In the text message the link is $link, on a line of its own.

link-email-subject = A link to reset your { $brand } password
link-email-preheader = Choose a new password without a code.
link-email-heading = Reset your password with a link
link-email-intro = Too many codes have been requested for your { $brand } account, most recently on { $time }. We’ve stopped sending codes for now.
link-email-action = If you want to reset your password, use this link instead.
link-email-button = Choose a new password
link-email-typed = On another device, or if the link doesn’t work, open this page and enter the link code there:
link-email-code = Link code
link-email-limits = { $hours ->
    [one] The link works once and expires in one hour.
   *[other] The link works once and expires in { $hours } hours.
}
link-email-warning = Never share this link or its code. Nobody at { $brand } will ever ask you for them.
link-email-not-you = Didn’t ask for this? You can ignore this email. Without the link, your password stays as it is.
link-text = Too many { $brand } codes were requested. Choose a new password with this link instead:
    { $link }
    Works once, for { $hours } h. Never share it. Not you? Ignore this.

## The notice that the password was changed. In the email the address of the site follows changed-email-not-you, and
## that of support is at the foot; in the text message they are $origin and $support, and $time is such as
## 2026-11-23 22:52 UTC.

changed-email-subject = Your { $brand } password was changed
changed-email-preheader = Wasn’t you? Here’s what to do.
changed-email-heading = Your password was changed
changed-email-intro = The password for your { $brand } account was changed on { $time }. Every device has been signed out.
changed-email-you = If this was you, there’s nothing else to do.
changed-email-not-you = If it wasn’t you, reset your password on our site right away. Your old one no longer works.
changed-email-support = Then contact us, so that we can help you protect your account.
changed-email-warning = Nobody at { $brand } will ever ask you for a code or a password.
changed-text = Your { $brand } password was changed on { $time }. Every device was signed out. Not you? Reset it now at { $origin } and contact { $support }. Nobody will ever ask you for a code.

## The notice of wrong passwords, at the tenth for an identifier and at the last that is allowed (the keys with spent).
## In the email the address of the site follows failures-email-forgotten; in the text message it is $origin, and that
## of support $support.

failures-email-subject = Failed sign-in attempts on your { $brand } account
failures-email-preheader = None of the passwords was right. Here’s what you can do.
failures-email-heading = Failed sign-in attempts
failures-email-intro = Someone has tried to sign in to your { $brand } account with wrong passwords, most recently on { $time }. None of them was right.
failures-email-more = You can still sign in as usual.
failures-email-spent = To keep anyone from guessing further, we no longer accept passwords for the email address or mobile number that was entered. Your password still works on devices where you’ve signed in before.
failures-email-forgotten = Forgotten your password, or signing in on another device? Choose a new password on our site. It works at once.
failures-email-not-you = If it wasn’t you, nothing has happened to your account. If your password is short, or you use it elsewhere too, choose a new one.
failures-email-warning = Nobody at { $brand } will ever ask you for a code or a password.
failures-text-more = Someone tried wrong passwords for your { $brand } account. None was right. Forgotten yours? Choose a new one at { $origin }. Help: { $support }. Nobody will ever ask you for a code.
failures-text-spent = Too many wrong passwords for your { $brand } account. Yours still works on devices where you have signed in before. Elsewhere, choose a new one at { $origin }. Help: { $support }. Nobody will ever ask you for a code.
