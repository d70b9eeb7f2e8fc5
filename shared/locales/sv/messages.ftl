# Det Regain skriver till människor, på svenska. Samma nycklar som i en.ftl, och i varje nyckel samma
# variabler. $brand är vad tjänsten kallar sig.
#
# Ett sms betalas efter längd. Håll dig till tecknen i GSM 03.38 (inga tankstreck, typografiska
# citattecken eller emojier), och håll code-text så kort att testerna går igenom: med sin sista rad ryms den i en del.

## Koden. $code är 6 till 10 siffror, $reference tre bokstäver eller siffror, $minutes minst 1.
## Sidan visar samma referens under samma ord.

code-email-subject = Återställ ditt lösenord hos { $brand } (referens { $reference })
code-email-intro = Någon, förhoppningsvis du, har bett om ett nytt lösenord till ditt konto hos { $brand }.
code-email-code = Din kod: { $code }
code-email-reference = Referens: { $reference }
code-email-use = { $minutes ->
    [one] Ange koden på sidan som visar samma referens. Den gäller i en minut.
   *[other] Ange koden på sidan som visar samma referens. Den gäller i { $minutes } minuter.
}
code-email-warning = Ingen från { $brand } kommer någonsin att be dig om koden. Lämna inte ut den till någon.
code-email-not-you = Om det inte var du behöver du inte göra något: utan koden förblir ditt lösenord som det är.

# En rad som telefonen läser läggs till av sig själv.
code-text = { $code } är din lösenordskod hos { $brand }. Referens { $reference }. Gäller { $minutes } min. Dela aldrig. Inte du? Bortse.

## Återställningslänken, som skickas i stället för en kod när för många har begärts. $hours är minst 1. I
## mejlet följer länken efter link-email-action; i sms:et är den $link, på en egen rad.

link-email-subject = En länk för att återställa ditt lösenord hos { $brand }
link-email-intro = För många koder har begärts för att återställa lösenordet till ditt konto hos { $brand }, så vi skickar inga fler för tillfället.
link-email-action = Om du vill ha ett nytt lösenord kan du välja ett med den här länken, utan kod:
link-email-limits = { $hours ->
    [one] Länken fungerar en gång och gäller i en timme.
   *[other] Länken fungerar en gång och gäller i { $hours } timmar.
}
link-email-warning = Ingen från { $brand } kommer någonsin att be dig om länken. Lämna inte ut den till någon.
link-email-not-you = Om det inte var du behöver du inte göra något: utan länken förblir ditt lösenord som det är.
link-text = För många koder har begärts hos { $brand }. Med den här länken väljer du ett nytt lösenord utan kod:
    { $link }
    Fungerar en gång, i { $hours } h. Dela den aldrig. Inte du? Gör ingenting.

## Beskedet att lösenordet har ändrats. $time är i UTC, till exempel 2026-11-23 22:52 UTC. I mejlet följer
## webbplatsens adress efter changed-email-not-you; i sms:et är den $origin.

changed-email-subject = Ditt lösenord hos { $brand } har ändrats
changed-email-intro = Lösenordet till ditt konto hos { $brand } ändrades { $time }.
changed-email-signed-out = Alla som var inloggade på kontot har loggats ut.
changed-email-you = Om det var du behöver du inte göra något.
changed-email-not-you = Om det inte var du, gå till vår webbplats nu och återställ lösenordet; det gamla fungerar inte längre:
changed-email-support = Kontakta sedan supporten.
changed-email-warning = Ingen från { $brand } kommer någonsin att be dig om en kod eller ett lösenord.
changed-text = Ditt lösenord hos { $brand } ändrades { $time }. Alla har loggats ut. Inte du? Återställ det nu på { $origin } och kontakta supporten. Ingen kommer någonsin att be dig om en kod.

## Beskedet om felaktiga lösenord, vid det tionde för en adress och vid det sista som är tillåtet (nycklarna med spent).
## $time är i UTC, till exempel 2026-11-23 22:52 UTC. I mejlet följer webbplatsens adress efter
## failures-email-forgotten; i sms:et är den $origin.

failures-email-subject = Felaktiga lösenord för ditt konto hos { $brand }
failures-email-intro = Någon har försökt logga in på ditt konto hos { $brand } med felaktiga lösenord, senast { $time }. Inget av dem var rätt.
failures-email-more = Du kan logga in som vanligt.
failures-email-spent = För att ingen ska kunna gissa vidare godtas inga fler lösenord för adressen som angavs. På en enhet där du har loggat in tidigare fungerar ditt lösenord fortfarande.
failures-email-forgotten = Om du har glömt ditt lösenord, eller vill logga in på en annan enhet, välj ett nytt lösenord på vår webbplats. Det fungerar genast:
failures-email-not-you = Om det inte var du har inget hänt med ditt konto. Välj ett nytt lösenord om ditt är kort eller om du använder det på andra ställen.
failures-email-warning = Ingen från { $brand } kommer någonsin att be dig om en kod eller ett lösenord.
failures-text-more = Någon har angett felaktiga lösenord för ditt konto hos { $brand }. Inget var rätt. Glömt ditt? Välj ett nytt på { $origin }. Ingen kommer någonsin att be dig om en kod.
failures-text-spent = För många felaktiga lösenord för ditt konto hos { $brand }. Ditt fungerar där du har loggat in tidigare. Annars: välj ett nytt på { $origin }. Ingen kommer någonsin att be dig om en kod.
