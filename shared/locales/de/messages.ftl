# Was Regain Menschen schreibt, auf Deutsch. Dieselben Schlüssel wie in en.ftl, in jedem dieselben Variablen.
# $brand ist, wie sich der Dienst nennt. Angeredet wird mit Sie.
#
# SMS (die Schlüssel mit -text) kosten nach Länge. Sie halten sich an die Zeichen von GSM 03.38: äöüß ja,
# Gedankenstriche und typografische Anführungszeichen nein.

## Teile jeder E-Mail. $clock ist etwa 22:52. $label ist eine Bezeichnung von unten, $value, was ihr folgt.

email-time = { $day }. { $month ->
    [1] Januar
    [2] Februar
    [3] März
    [4] April
    [5] Mai
    [6] Juni
    [7] Juli
    [8] August
    [9] September
    [10] Oktober
    [11] November
   *[12] Dezember
} { $year } um { $clock } Uhr (UTC)
email-labelled = { $label }: { $value }
# Am Fuß; die Adresse des Kundendienstes folgt.
email-help = Brauchen Sie Hilfe? So erreichen Sie uns:

## Der Code. $code hat 6 bis 10 Ziffern, $reference drei Buchstaben oder Ziffern, $minutes ist mindestens 1, $time
## wie oben. Die Seite zeigt dieselbe Referenz unter demselben Wort. Mailprogramme zeigen preheader neben dem Betreff.

code-email-subject = Passwort bei { $brand } zurücksetzen (Referenz { $reference })
code-email-preheader = Geben Sie den Code auf der Seite mit der Referenz { $reference } ein.
code-email-heading = Passwort zurücksetzen
code-email-intro = Am { $time } haben wir eine Anfrage erhalten, das Passwort für Ihr Konto bei { $brand } zurückzusetzen.
code-email-code = Ihr Code
code-email-reference = Referenz
code-email-use = { $minutes ->
    [one] Geben Sie den Code auf der Seite ein, die dieselbe Referenz anzeigt. Er ist eine Minute gültig.
   *[other] Geben Sie den Code auf der Seite ein, die dieselbe Referenz anzeigt. Er ist { $minutes } Minuten gültig.
}
code-email-warning = Geben Sie diesen Code nie weiter. Niemand von { $brand } wird Sie jemals danach fragen.
code-email-not-you = Sie haben das nicht angefordert? Dann können Sie diese E-Mail ignorieren. Ohne den Code bleibt Ihr Passwort unverändert.

# Eine Zeile für das Telefon folgt von selbst. Mit ihr passt der Text in ein Segment.
code-text = { $code }: Passwort-Code { $brand }. Referenz { $reference }. Gilt { $minutes } Min. Nie weitergeben. Nicht Sie? Ignorieren.

## Der Link zum Zurücksetzen, statt eines Codes, wenn zu viele angefordert wurden. $hours ist mindestens 1. In der
## E-Mail folgt der Link auf link-email-action, und auf link-email-typed folgen die Adresse der Seite und der Code des
## Links, unter link-email-code. In der SMS ist der Link $link, in einer eigenen Zeile.

link-email-subject = Ein Link, um Ihr Passwort bei { $brand } zurückzusetzen
link-email-preheader = Wählen Sie ein neues Passwort, ganz ohne Code.
link-email-heading = Passwort per Link zurücksetzen
link-email-intro = Für Ihr Konto bei { $brand } wurden zu viele Codes angefordert, zuletzt am { $time }. Deshalb verschicken wir vorerst keine weiteren.
link-email-action = Wenn Sie Ihr Passwort zurücksetzen möchten, nutzen Sie stattdessen diesen Link.
link-email-button = Neues Passwort wählen
link-email-typed = Auf einem anderen Gerät, oder wenn der Link nicht funktioniert, öffnen Sie diese Seite und geben dort den Link-Code ein:
link-email-code = Link-Code
link-email-limits = { $hours ->
    [one] Der Link funktioniert einmal und ist eine Stunde gültig.
   *[other] Der Link funktioniert einmal und ist { $hours } Stunden gültig.
}
link-email-warning = Geben Sie diesen Link und seinen Code nie weiter. Niemand von { $brand } wird Sie jemals danach fragen.
link-email-not-you = Sie haben das nicht angefordert? Dann können Sie diese E-Mail ignorieren. Ohne den Link bleibt Ihr Passwort unverändert.
link-text = Zu viele Codes für { $brand } angefordert. Wählen Sie stattdessen mit diesem Link ein neues Passwort:
    { $link }
    Einmal nutzbar, { $hours } Std. gültig. Nie weitergeben. Nicht angefordert? Ignorieren.

## Die Nachricht, dass das Passwort geändert wurde. In der E-Mail folgt die Adresse der Website auf
## changed-email-not-you, und die des Kundendienstes steht am Fuß; in der SMS sind sie $origin und $support, und $time
## ist etwa 2026-11-23 22:52 UTC.

changed-email-subject = Ihr Passwort bei { $brand } wurde geändert
changed-email-preheader = Das waren nicht Sie? Das können Sie jetzt tun.
changed-email-heading = Ihr Passwort wurde geändert
changed-email-intro = Das Passwort für Ihr Konto bei { $brand } wurde am { $time } geändert. Alle Geräte wurden abgemeldet.
changed-email-you = Wenn Sie das waren, müssen Sie nichts weiter tun.
changed-email-not-you = Wenn nicht, setzen Sie Ihr Passwort bitte sofort auf unserer Website zurück. Ihr altes Passwort gilt nicht mehr.
changed-email-support = Melden Sie sich danach bei uns, damit wir Ihnen helfen können, Ihr Konto zu schützen.
changed-email-warning = Niemand von { $brand } wird Sie jemals nach einem Code oder einem Passwort fragen.
changed-text = Ihr Passwort bei { $brand } wurde geändert ({ $time }). Alle Geräte wurden abgemeldet. Nicht Sie? Jetzt auf { $origin } zurücksetzen und bei { $support } melden. Niemand fragt Sie je nach einem Code.

## Die Nachricht von falschen Passwörtern, beim zehnten für eine Adresse und beim letzten erlaubten (die Schlüssel mit
## spent). In der E-Mail folgt die Adresse der Website auf failures-email-forgotten; in der SMS ist sie $origin, und die
## des Kundendienstes $support.

failures-email-subject = Fehlgeschlagene Anmeldeversuche für Ihr Konto bei { $brand }
failures-email-preheader = Keines der Passwörter war richtig. Das können Sie jetzt tun.
failures-email-heading = Fehlgeschlagene Anmeldeversuche
failures-email-intro = Jemand hat mit falschen Passwörtern versucht, sich bei Ihrem Konto bei { $brand } anzumelden, zuletzt am { $time }. Keines davon war richtig.
failures-email-more = Sie können sich wie gewohnt anmelden.
failures-email-spent = Damit niemand weiterraten kann, nehmen wir für die eingegebene E-Mail-Adresse oder Mobilnummer keine Passwörter mehr an. Auf Geräten, auf denen Sie sich schon einmal angemeldet haben, funktioniert Ihr Passwort weiterhin.
failures-email-forgotten = Sie haben Ihr Passwort vergessen oder möchten sich auf einem anderen Gerät anmelden? Wählen Sie auf unserer Website ein neues. Es gilt sofort.
failures-email-not-you = Wenn Sie das nicht waren, ist Ihrem Konto nichts passiert. Ist Ihr Passwort kurz oder nutzen Sie es auch anderswo, wählen Sie bitte ein neues.
failures-email-warning = Niemand von { $brand } wird Sie jemals nach einem Code oder einem Passwort fragen.
failures-text-more = Falsche Passwörter für Ihr Konto bei { $brand } eingegeben. Keines war richtig. Ihres vergessen? Neues wählen: { $origin }. Hilfe: { $support }. Niemand fragt Sie je nach einem Code.
failures-text-spent = Zu viele falsche Passwörter für Ihr Konto bei { $brand }. Ihres gilt weiter auf Geräten, auf denen Sie schon angemeldet waren. Sonst neues wählen: { $origin }. Hilfe: { $support }. Niemand fragt Sie je nach einem Code.
