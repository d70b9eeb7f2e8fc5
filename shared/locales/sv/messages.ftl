# Det Regain skriver till människor, på svenska. Samma nycklar som i en.ftl, och i varje nyckel samma
# variabler. $brand är vad tjänsten kallar sig. Läsaren tilltalas med du.
#
# Sms (nycklarna med -text) betalas efter längd. Håll dig till tecknen i GSM 03.38: inga tankstreck, typografiska
# citattecken eller emojier.

## Delar av varje mejl. $clock är till exempel 22:52. $label är en etikett nedan, $value det som följer efter den.

email-time = { $day } { $month ->
    [1] januari
    [2] februari
    [3] mars
    [4] april
    [5] maj
    [6] juni
    [7] juli
    [8] augusti
    [9] september
    [10] oktober
    [11] november
   *[12] december
} { $year } kl. { $clock } UTC
email-labelled = { $label }: { $value }
# Sist i mejlet; adressen till supporten följer.
email-help = Behöver du hjälp? Kontakta oss:

## Koden. $code är 6 till 10 siffror, $reference tre bokstäver eller siffror, $minutes minst 1, $time som ovan.
## Sidan visar samma referens under samma ord. Mejlprogram visar preheader bredvid ämnesraden.

code-email-subject = Återställ ditt lösenord hos { $brand } (referens { $reference })
code-email-preheader = Ange koden på sidan som visar referensen { $reference }.
code-email-heading = Återställ ditt lösenord
code-email-intro = Den { $time } fick vi en begäran om att återställa lösenordet till ditt konto hos { $brand }.
code-email-code = Din kod
code-email-reference = Referens
code-email-use = { $minutes ->
    [one] Ange koden på sidan som visar samma referens. Den gäller i en minut.
   *[other] Ange koden på sidan som visar samma referens. Den gäller i { $minutes } minuter.
}
code-email-warning = Dela aldrig koden med någon. Ingen på { $brand } kommer någonsin att be dig om den.
code-email-not-you = Var det inte du? Då kan du bortse från mejlet. Utan koden ändras inte ditt lösenord.

# En rad som telefonen läser läggs till av sig själv. Tillsammans ryms de i en del.
code-text = { $code } är din lösenordskod hos { $brand }. Referens { $reference }. Gäller { $minutes } min. Dela aldrig. Inte du? Bortse.

## Återställningslänken, som skickas i stället för en kod när för många har begärts. $hours är minst 1. I
## mejlet följer länken efter link-email-action, och sidans adress och länkkoden, under link-email-code, efter
## link-email-typed. I sms:et är länken $link, på en egen rad.

link-email-subject = En länk för att återställa ditt lösenord hos { $brand }
link-email-preheader = Välj ett nytt lösenord utan kod.
link-email-heading = Återställ ditt lösenord med en länk
link-email-intro = Alltför många koder har begärts för ditt konto hos { $brand }, senast den { $time }. Därför skickar vi inga fler just nu.
link-email-action = Vill du återställa lösenordet? Använd länken i stället.
link-email-button = Välj ett nytt lösenord
link-email-typed = På en annan enhet, eller om länken inte fungerar: öppna den här sidan och ange länkkoden där.
link-email-code = Länkkod
link-email-limits = { $hours ->
    [one] Länken kan användas en gång och gäller i en timme.
   *[other] Länken kan användas en gång och gäller i { $hours } timmar.
}
link-email-warning = Dela aldrig länken eller länkkoden med någon. Ingen på { $brand } kommer någonsin att be dig om dem.
link-email-not-you = Var det inte du? Då kan du bortse från mejlet. Utan länken ändras inte ditt lösenord.
link-text = För många koder har begärts hos { $brand }. Välj ett nytt lösenord med länken i stället:
    { $link }
    Kan användas en gång, i { $hours } h. Dela den aldrig. Inte du? Bortse.

## Beskedet att lösenordet har ändrats. I mejlet följer webbplatsens adress efter changed-email-not-you och
## supportens står sist; i sms:et är de $origin och $support, och $time är till exempel 2026-11-23 22:52 UTC.

changed-email-subject = Ditt lösenord hos { $brand } har ändrats
changed-email-preheader = Var det inte du? Så här gör du.
changed-email-heading = Ditt lösenord har ändrats
changed-email-intro = Lösenordet till ditt konto hos { $brand } ändrades den { $time }. Alla enheter har loggats ut.
changed-email-you = Om det var du behöver du inte göra något mer.
changed-email-not-you = Om det inte var du: återställ lösenordet på vår webbplats direkt. Det gamla fungerar inte längre.
changed-email-support = Kontakta sedan oss, så hjälper vi dig att skydda kontot.
changed-email-warning = Ingen på { $brand } kommer någonsin att be dig om en kod eller ett lösenord.
changed-text = Ditt lösenord hos { $brand } ändrades { $time }. Alla enheter har loggats ut. Inte du? Återställ det nu på { $origin } och kontakta { $support }. Ingen kommer någonsin att be dig om en kod.

## Beskedet om felaktiga lösenord, vid det tionde för en adress och vid det sista som är tillåtet (nycklarna med spent).
## I mejlet följer webbplatsens adress efter failures-email-forgotten; i sms:et är den $origin, och supportens $support.

failures-email-subject = Misslyckade inloggningsförsök på ditt konto hos { $brand }
failures-email-preheader = Inget av lösenorden var rätt. Det här kan du göra.
failures-email-heading = Misslyckade inloggningsförsök
failures-email-intro = Någon har försökt logga in på ditt konto hos { $brand } med fel lösenord, senast den { $time }. Inget av dem var rätt.
failures-email-more = Du kan logga in som vanligt.
failures-email-spent = För att ingen ska kunna gissa vidare godtar vi inte längre lösenord för den e-postadress eller det mobilnummer som angavs. På enheter där du har loggat in tidigare fungerar ditt lösenord fortfarande.
failures-email-forgotten = Har du glömt lösenordet, eller ska du logga in på en ny enhet? Välj ett nytt lösenord på vår webbplats. Det fungerar direkt.
failures-email-not-you = Om det inte var du har inget hänt med ditt konto. Välj ett nytt lösenord om ditt är kort eller om du använder det på fler ställen.
failures-email-warning = Ingen på { $brand } kommer någonsin att be dig om en kod eller ett lösenord.
failures-text-more = Någon har angett fel lösenord till ditt konto hos { $brand }. Inget var rätt. Glömt ditt? Välj ett nytt på { $origin }. Hjälp: { $support }. Ingen kommer någonsin att be dig om en kod.
failures-text-spent = För många fel lösenord till ditt konto hos { $brand }. Ditt fungerar där du har loggat in tidigare. Annars: välj ett nytt på { $origin }. Hjälp: { $support }. Ingen kommer någonsin att be dig om en kod.
