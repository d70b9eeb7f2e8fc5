# What the pages say, in German. The same keys as in English, and in each the same variables. The reader is "Sie".
# The words are those of the messages: Code, Referenz, Link, E-Mail, SMS.

## Every page.

page-title = { $title } – { $brand }
page-title-error = Fehler: { $title } – { $brand }
page-language = Sprache
page-help = Brauchen Sie Hilfe?
page-support = So erreichen Sie uns
page-continue = Weiter zu { $site }
page-start-again = Von vorn beginnen
error-summary = Es gibt ein Problem
wait-seconds = { $count ->
    [one] in einer Sekunde
   *[other] in { $count } Sekunden
}
wait-minutes = { $count ->
    [one] in einer Minute
   *[other] in { $count } Minuten
}
wait-hours = { $count ->
    [one] in einer Stunde
   *[other] in { $count } Stunden
}

## Fields that stand on more than one page.

field-identifier = E-Mail-Adresse oder Mobilnummer
field-identifier-hint = Geben Sie eine Mobilnummer mit + und Ländervorwahl ein, zum Beispiel +46 70 174 06 05.
field-password-show = Passwort anzeigen
field-password-hide = Passwort verbergen
error-identifier = Geben Sie eine E-Mail-Adresse ein oder eine Mobilnummer mit + und Ländervorwahl

## Password assistance.

recover-title = Passwort-Hilfe
recover-intro = Geben Sie die E-Mail-Adresse oder Mobilnummer Ihres Kontos bei { $brand } ein. Wir senden Ihnen einen Code, mit dem Sie ein neues Passwort wählen können.
recover-channel = Wie möchten Sie den Code erhalten?
recover-channel-hint = Wenn wir Sie so nicht erreichen, kann er auf dem anderen Weg kommen.
recover-channel-same = An die Adresse oder Nummer oben
recover-channel-email = Per E-Mail
recover-channel-sms = Per SMS
recover-postal-code = Postleitzahl
recover-postal-code-hint = Die Postleitzahl, die zu Ihrem Konto gehört.
recover-button = Code senden
recover-sign-in = Passwort wieder eingefallen? Anmelden
error-channel = Wählen Sie, wie Sie den Code erhalten möchten
error-postal-code = Geben Sie die Postleitzahl ein, die zu Ihrem Konto gehört

## The code.

code-title = Code eingeben
code-sent-email = Wenn { $identifier } zu einem Konto gehört, haben wir einen Code per E-Mail gesendet. Er kann auch per SMS kommen.
code-sent-sms = Wenn { $identifier } zu einem Konto gehört, haben wir einen Code per SMS gesendet. Er kann auch per E-Mail kommen.
code-sent = Wenn die Adresse oder Nummer zu einem Konto gehört, haben wir einen Code gesendet.
code-reference = Referenz
code-reference-hint = Nutzen Sie die Nachricht mit dieser Referenz. Frühere Codes gelten nicht mehr.
code-label = Code
code-hint = { $digits } Ziffern.
code-expires = Der Code läuft { $wait } ab.
code-button = Weiter
code-missing = Keinen Code erhalten?
code-missing-hint = Es kann eine Minute dauern. Sehen Sie auch im Spam-Ordner nach.
code-resend = Erneut senden
code-resend-email = Per E-Mail senden
code-resend-sms = Per SMS senden
code-resend-wait = Sie können { $wait } einen neuen Code anfordern.
code-resend-clock = Sie können in { $clock } einen neuen Code anfordern.
code-resend-ready = Sie können jetzt einen neuen Code anfordern.
code-resend-none = Dieser Code kann nicht noch einmal gesendet werden. Beginnen Sie von vorn, um einen neuen zu erhalten.
code-changed = Hat sich Ihre E-Mail-Adresse oder Mobilnummer geändert?
code-changed-other = Wenn Sie eine von beiden noch nutzen können, beginnen Sie von vorn und wählen Sie diesen Weg.
code-changed-neither = Wenn Sie keine von beiden mehr nutzen können, melden Sie sich bei uns. Wir bitten Sie dann um Dokumente, die zeigen, wer Sie sind.
error-code-missing = Geben Sie den Code ein
error-code-digits = Geben Sie die { $digits } Ziffern des Codes ein
error-code-incorrect = { $attempts ->
    [one] Das ist nicht der Code aus der Nachricht mit der Referenz { $reference }. Sie haben noch einen Versuch.
   *[other] Das ist nicht der Code aus der Nachricht mit der Referenz { $reference }. Sie haben noch { $attempts } Versuche.
}
error-code-stale = Es wurde ein neuer Code gesendet. Nutzen Sie die Nachricht mit der Referenz { $reference }.
error-resend-too-soon = Sie können { $wait } einen neuen Code anfordern

## The new password.

password-title = Neues Passwort wählen
password-intro = Sie werden auf allen Geräten abgemeldet. Das neue Passwort gilt sofort.
password-label = Neues Passwort
password-hint = Verwenden Sie mindestens { $minimum } Zeichen. Jedes Zeichen zählt, auch Leerzeichen: Ein paar Wörter hintereinander lassen sich leicht merken.
password-count = Zeichen: { $count }
password-again = Neues Passwort wiederholen
password-button = Passwort speichern
error-password-missing = Geben Sie ein neues Passwort ein
error-password-differs = Die beiden Passwörter stimmen nicht überein
error-password-stale = In diesem Browser wurde inzwischen eine andere Wiederherstellung begonnen, und diese Seite gilt jetzt für sie. Geben Sie ein neues Passwort dafür ein, oder beginnen Sie von vorn.
error-password-too-short = Verwenden Sie mindestens { $minimum } Zeichen
error-password-too-long = Verwenden Sie höchstens { $maximum } Zeichen
error-password-forbidden = Verwenden Sie keine Steuerzeichen
error-password-common = Viele verwenden dieses Passwort oder ein ähnliches. Wählen Sie ein anderes.
error-password-breached = Dieses Passwort ist aus einem Datenleck bekannt. Verwenden Sie es nirgendwo.
error-password-personal = Verwenden Sie weder Ihren Namen noch Ihre Adressen noch den Namen dieses Dienstes
error-password-current = Das ist Ihr aktuelles Passwort. Wählen Sie ein neues.

## The recovery link.

link-title = Neues Passwort per Link wählen
link-intro = Geben Sie den Link-Code aus unserer E-Mail ein.
link-ready = Fahren Sie fort, um ein neues Passwort zu wählen.
link-label = Link-Code
link-hint = 26 Buchstaben und Ziffern. Leerzeichen spielen keine Rolle.
link-button = Weiter
error-link = Geben Sie die 26 Buchstaben und Ziffern des Link-Codes ein
error-link-invalid = Dieser Link-Code ist nicht oder nicht mehr gültig. Prüfen Sie ihn, oder beginnen Sie von vorn, um einen neuen Code zu erhalten.

## The end of a recovery.

done-title = Ihr Passwort wurde geändert
done-text = Sie wurden auf allen Geräten abgemeldet. Ihr neues Passwort gilt sofort.
done-sign-in = Anmelden

## Sign in.

sign-in-title = Anmelden
sign-in-password = Passwort
sign-in-button = Anmelden
sign-in-forgotten = Passwort vergessen?
sign-in-signed-out = Sie haben sich abgemeldet.
error-sign-in-password = Geben Sie Ihr Passwort ein
error-sign-in-credentials = Die E-Mail-Adresse, die Mobilnummer oder das Passwort ist falsch
error-sign-in-recovery = Es wurden zu viele falsche Passwörter eingegeben. Wählen Sie ein neues Passwort, oder melden Sie sich auf einem Gerät an, auf dem Sie sich schon einmal angemeldet haben.

## The page of the person who is signed in.

account-title = Ihr Konto
account-text = Sie sind angemeldet.
account-password = Passwort ändern
account-sign-out = Abmelden

## Limits and faults, at the top of a form.

error-codes-limited = Es wurden zu viele Codes angefordert. Wenn { $identifier } zu einem Konto gehört, haben wir einen Link gesendet, mit dem Sie ein neues Passwort wählen können. Nutzen Sie den Link, oder versuchen Sie es { $wait } erneut.
error-caller-limited = Aus Ihrem Netzwerk wurden zu viele Codes angefordert. Versuchen Sie es { $wait } erneut.
error-tries-limited = Es gab zu viele Versuche. Versuchen Sie es { $wait } erneut.
error-unavailable = Das hat möglicherweise nicht funktioniert. Versuchen Sie es { $wait } erneut.

## Pages in the place of one that can't be.

used-title = Dieser Code wurde bereits verwendet
used-text = Beginnen Sie von vorn, um einen neuen zu erhalten.
expired-title = Dieser Code ist abgelaufen
expired-text = Beginnen Sie von vorn, um einen neuen zu erhalten.
exhausted-title = Es wurden zu viele falsche Codes eingegeben
exhausted-text = Beginnen Sie von vorn, um einen neuen zu erhalten.
token-title = Hier können Sie kein Passwort mehr wählen
token-text = Die Zeit dafür ist abgelaufen, oder es wurde schon ein Passwort gewählt. Wenn Sie das waren, melden Sie sich an. Wenn nicht, beginnen Sie von vorn.
cookie-title = Diese Seite war zu lange geöffnet
cookie-text = Beginnen Sie von vorn. Wenn Sie das noch einmal sehen, speichert Ihr Browser keine Cookies von uns. Erlauben Sie sie für diese Website, sonst wissen wir nicht, wo Sie waren.
foreign-title = Dieses Formular ist nicht von uns
foreign-text = Es kam von einer anderen Website, deshalb haben wir nichts getan. Beginnen Sie hier von vorn.
form-title = Wir konnten dieses Formular nicht lesen
form-text = Darin fehlt etwas, oder es enthält zu viel. Wir haben nichts getan. Beginnen Sie hier von vorn.
not-found-title = Hier gibt es nichts
not-found-text = Prüfen Sie die Adresse, oder gehen Sie von hier aus weiter.
fault-title = Bei uns ist etwas schiefgelaufen
fault-text = Versuchen Sie es später erneut.
unavailable-title = Das ist gerade nicht verfügbar
unavailable-text = Versuchen Sie es { $wait } erneut.
limited-title = Es gab zu viele Versuche
limited-text = Versuchen Sie es { $wait } erneut.
