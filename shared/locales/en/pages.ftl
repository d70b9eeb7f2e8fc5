# What the pages say, in English. A translation is this file with other words, under the name of its language: the
# same keys, and in each the same variables. $brand is what the service calls itself.
#
# Write as the pages of a good shop do: short, friendly, one idea a sentence. The page and the message use the same
# words for the same things ("code", "reference", "link"). Typography of the language (’ and not ').

## Every page. $title is the page's heading, $site such as shop.example.com. $wait is one of the waits below.

page-title = { $title } – { $brand }
page-title-error = Error: { $title } – { $brand }
page-language = Language
page-help = Need help?
page-support = Contact us
page-continue = Continue to { $site }
page-start-again = Start again
# Above the list of what has to be mended in a form.
error-summary = There is a problem
wait-seconds = { $count ->
    [one] in one second
   *[other] in { $count } seconds
}
wait-minutes = { $count ->
    [one] in one minute
   *[other] in { $count } minutes
}
wait-hours = { $count ->
    [one] in one hour
   *[other] in { $count } hours
}

## Fields that stand on more than one page.

field-identifier = Email address or mobile number
field-identifier-hint = Write a mobile number with + and the country code, such as +46 70 174 06 05.
field-password-show = Show password
field-password-hide = Hide password
error-identifier = Enter an email address, or a mobile number with + and the country code

## Password assistance.

recover-title = Password assistance
recover-intro = Enter the email address or mobile number of your { $brand } account. We’ll send you a code to choose a new password.
recover-channel = How would you like to get the code?
recover-channel-hint = If we can’t reach you that way, it may come by the other.
recover-channel-same = At the address or number above
recover-channel-email = By email
recover-channel-sms = By text message
recover-postal-code = Postal code
recover-postal-code-hint = The postal code of your account.
recover-button = Send the code
recover-sign-in = Remember your password? Sign in
error-channel = Choose how you’d like to get the code
error-postal-code = Enter the postal code of your account

## The code. $identifier is what the person typed, $reference three letters or digits, $digits how many digits a code
## has: 6 to 10.

code-title = Enter the code
code-sent-email = If { $identifier } belongs to an account, we’ve sent a code by email. It may also come by text message.
code-sent-sms = If { $identifier } belongs to an account, we’ve sent a code by text message. It may also come by email.
# Without an identifier.
code-sent = If the address or number belongs to an account, we’ve sent a code.
code-reference = Reference
code-reference-hint = Use the message with this reference. Earlier codes no longer work.
code-label = Code
code-hint = { $digits } digits.
code-expires = The code expires { $wait }.
code-button = Continue
code-missing = Didn’t get the code?
code-missing-hint = It can take a minute. Look in your spam folder too.
code-resend = Send it again
code-resend-email = Send it by email
code-resend-sms = Send it by text message
code-resend-wait = You can ask for another code { $wait }.
# $clock is the time left, such as 0:59.
code-resend-clock = You can ask for another code in { $clock }.
code-resend-ready = You can ask for another code now.
code-resend-none = This code can’t be sent again. Start again to get a new one.
code-changed = Has your email address or mobile number changed?
code-changed-other = If you can still use the other one, start again and choose the other way.
code-changed-neither = If you can use neither, contact us. We’ll ask for documents that show who you are.
error-code-missing = Enter the code
error-code-digits = Enter the { $digits } digits of the code
error-code-incorrect = { $attempts ->
    [one] That’s not the code from the message with reference { $reference }. You have one more try.
   *[other] That’s not the code from the message with reference { $reference }. You have { $attempts } more tries.
}
error-code-stale = Another code has been sent. Use the message with reference { $reference }.
error-resend-too-soon = You can ask for another code { $wait }

## The new password. $minimum and $maximum are numbers of characters, $count is how many there are so far.

password-title = Choose a new password
password-intro = You’ll be signed out on every device. The new password works at once.
password-label = New password
password-hint = Use at least { $minimum } characters. Every character counts, spaces too: a few words in a row are easy to remember.
password-count = Characters: { $count }
password-again = New password again
password-button = Save the password
error-password-missing = Enter a new password
error-password-differs = The two passwords are not the same
error-password-stale = Another recovery has begun in this browser, and this page is for that one now. Enter a new password for it, or start again.
error-password-too-short = Use at least { $minimum } characters
error-password-too-long = Use at most { $maximum } characters
error-password-forbidden = Leave out control characters
error-password-common = Many people use this password, or one like it. Choose another.
error-password-breached = This password is known from a data breach. Don’t use it anywhere.
error-password-personal = Leave out your name, your addresses and the name of this service
error-password-current = This is your current password. Choose a new one.

## The recovery link. The message has 26 letters and digits in groups.

link-title = Choose a new password by link
link-intro = Enter the link code from our email.
# With JavaScript, the code is read from the link.
link-ready = Continue to choose a new password.
link-label = Link code
link-hint = 26 letters and digits. Spaces don’t matter.
link-button = Continue
error-link = Enter the 26 letters and digits of the link code
error-link-invalid = This link code is not valid, or no longer. Check it, or start again to get a new code.

## The end of a recovery.

done-title = Your password is changed
done-text = You’ve been signed out on every device. Your new password works at once.
done-sign-in = Sign in

## Sign in.

sign-in-title = Sign in
sign-in-password = Password
sign-in-button = Sign in
sign-in-forgotten = Forgotten your password?
sign-in-signed-out = You’ve signed out.
error-sign-in-password = Enter your password
error-sign-in-credentials = The email address or mobile number, or the password, is not right
error-sign-in-recovery = There were too many wrong passwords. Choose a new password, or sign in on a device where you’ve signed in before.

## The page of the person who is signed in.

account-title = Your account
account-text = You’re signed in.
account-password = Change the password
account-sign-out = Sign out

## Limits and faults, at the top of a form.

error-codes-limited = Too many codes were requested. If { $identifier } belongs to an account, we’ve sent a link to choose a new password. Follow the link, or try again { $wait }.
error-caller-limited = Too many codes were requested from your network. Try again { $wait }.
error-tries-limited = There were too many tries. Try again { $wait }.
error-unavailable = This may not have worked. Try again { $wait }.

## Pages in the place of one that can't be.

used-title = This code was already used
used-text = Start again to get a new one.
expired-title = This code has expired
expired-text = Start again to get a new one.
exhausted-title = There were too many wrong codes
exhausted-text = Start again to get a new one.
token-title = You can’t choose a password here any more
token-text = The time for it is over, or a password was chosen already. If that was you, sign in. If not, start again.
cookie-title = This page was open for too long
cookie-text = Start again. If you see this once more, your browser keeps no cookies from us: allow them for this site, or we can’t tell where you were.
foreign-title = This form is not ours
foreign-text = It came from another site, so we’ve done nothing. Start again here.
form-title = We couldn’t read this form
form-text = Something is missing from it, or there is too much. We’ve done nothing. Start again here.
not-found-title = There’s nothing here
not-found-text = Check the address, or go on from here.
fault-title = Something went wrong on our side
fault-text = Try again later.
unavailable-title = This isn’t available right now
unavailable-text = Try again { $wait }.
limited-title = There were too many tries
limited-text = Try again { $wait }.
