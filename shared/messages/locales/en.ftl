# What Regain writes to people, in English. A translation is this file with other words, under the name of
# its language. $brand is what the service calls itself.

## The code, by email. $code is 6 to 10 digits, $reference three letters or digits, $minutes at least 1.

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
