# What the pages say, in Swedish. The same keys as in English, and in each the same variables. The reader is "du".
# The words are those of the messages: kod, referens, länk, mejl, sms.

## Every page.

page-title = { $title } – { $brand }
page-title-error = Fel: { $title } – { $brand }
page-language = Språk
page-help = Behöver du hjälp?
page-support = Kontakta oss
page-continue = Fortsätt till { $site }
page-start-again = Börja om
error-summary = Något blev fel
wait-seconds = { $count ->
    [one] om en sekund
   *[other] om { $count } sekunder
}
wait-minutes = { $count ->
    [one] om en minut
   *[other] om { $count } minuter
}
wait-hours = { $count ->
    [one] om en timme
   *[other] om { $count } timmar
}

## Fields that stand on more than one page.

field-identifier = E-postadress eller mobilnummer
field-identifier-hint = Skriv mobilnumret med + och landsnummer, till exempel +46 70 174 06 05.
field-password-show = Visa lösenordet
field-password-hide = Dölj lösenordet
error-identifier = Ange en e-postadress, eller ett mobilnummer med + och landsnummer

## Password assistance.

recover-title = Hjälp med lösenordet
recover-intro = Ange e-postadressen eller mobilnumret till ditt konto hos { $brand }. Vi skickar en kod så att du kan välja ett nytt lösenord.
recover-channel = Hur vill du få koden?
recover-channel-hint = Om vi inte når dig på det sättet kan den komma på det andra.
recover-channel-same = Till adressen eller numret ovan
recover-channel-email = Via mejl
recover-channel-sms = Via sms
recover-postal-code = Postnummer
recover-postal-code-hint = Postnumret som hör till ditt konto.
recover-button = Skicka koden
recover-sign-in = Kommer du ihåg lösenordet? Logga in
error-channel = Välj hur du vill få koden
error-postal-code = Ange postnumret som hör till ditt konto

## The code.

code-title = Ange koden
code-sent-email = Om { $identifier } hör till ett konto har vi skickat en kod via mejl. Den kan också komma via sms.
code-sent-sms = Om { $identifier } hör till ett konto har vi skickat en kod via sms. Den kan också komma via mejl.
code-sent = Om adressen eller numret hör till ett konto har vi skickat en kod.
code-reference = Referens
code-reference-hint = Använd meddelandet med den här referensen. Tidigare koder fungerar inte längre.
code-label = Kod
code-hint = { $digits } siffror.
code-expires = Koden slutar gälla { $wait }.
code-button = Fortsätt
code-missing = Har du inte fått koden?
code-missing-hint = Det kan ta någon minut. Titta även i skräpposten.
code-resend = Skicka den igen
code-resend-email = Skicka den via mejl
code-resend-sms = Skicka den via sms
code-resend-wait = Du kan begära en ny kod { $wait }.
code-resend-clock = Du kan begära en ny kod om { $clock }.
code-resend-ready = Nu kan du begära en ny kod.
code-resend-none = Den här koden kan inte skickas igen. Börja om för att få en ny.
code-changed = Har du bytt e-postadress eller mobilnummer?
code-changed-other = Om du har kvar det ena av dem, börja om och välj det sättet i stället.
code-changed-neither = Om du inte har kvar något av dem, kontakta oss. Vi kommer att be om handlingar som visar vem du är.
error-code-missing = Ange koden
error-code-digits = Ange kodens { $digits } siffror
error-code-incorrect = { $attempts ->
    [one] Det är inte koden från meddelandet med referensen { $reference }. Du har ett försök kvar.
   *[other] Det är inte koden från meddelandet med referensen { $reference }. Du har { $attempts } försök kvar.
}
error-code-stale = En ny kod har skickats. Använd meddelandet med referensen { $reference }.
error-resend-too-soon = Du kan begära en ny kod { $wait }

## The new password.

password-title = Välj ett nytt lösenord
password-intro = Du loggas ut på alla enheter. Det nya lösenordet fungerar direkt.
password-label = Nytt lösenord
password-hint = Använd minst { $minimum } tecken. Alla tecken räknas, även mellanslag: några ord i rad är lätta att komma ihåg.
password-count = Antal tecken: { $count }
password-again = Upprepa det nya lösenordet
password-button = Spara lösenordet
error-password-missing = Ange ett nytt lösenord
error-password-differs = Lösenorden är inte likadana
error-password-stale = En annan återställning har börjat i den här webbläsaren, och sidan gäller nu den. Ange ett nytt lösenord för den, eller börja om.
error-password-too-short = Använd minst { $minimum } tecken
error-password-too-long = Använd högst { $maximum } tecken
error-password-forbidden = Använd inte styrtecken
error-password-common = Många använder det här lösenordet eller ett liknande. Välj ett annat.
error-password-breached = Det här lösenordet är känt från en dataläcka. Använd det inte någonstans.
error-password-personal = Använd inte ditt namn, dina adresser eller tjänstens namn
error-password-current = Det här är ditt nuvarande lösenord. Välj ett nytt.

## The recovery link.

link-title = Välj ett nytt lösenord med en länk
link-intro = Ange länkkoden från vårt mejl.
link-ready = Fortsätt för att välja ett nytt lösenord.
link-label = Länkkod
link-hint = 26 bokstäver och siffror. Mellanslag spelar ingen roll.
link-button = Fortsätt
error-link = Ange länkkodens 26 bokstäver och siffror
error-link-invalid = Länkkoden gäller inte, eller inte längre. Kontrollera den, eller börja om för att få en ny kod.

## The end of a recovery.

done-title = Ditt lösenord har ändrats
done-text = Du har loggats ut på alla enheter. Ditt nya lösenord fungerar direkt.
done-sign-in = Logga in

## Sign in.

sign-in-title = Logga in
sign-in-password = Lösenord
sign-in-button = Logga in
sign-in-forgotten = Glömt lösenordet?
sign-in-signed-out = Du har loggat ut.
error-sign-in-password = Ange ditt lösenord
error-sign-in-credentials = E-postadressen, mobilnumret eller lösenordet är fel
error-sign-in-recovery = För många fel lösenord har angetts. Välj ett nytt lösenord, eller logga in på en enhet där du har loggat in tidigare.

## The page of the person who is signed in.

account-title = Ditt konto
account-text = Du är inloggad.
account-password = Byt lösenord
account-sign-out = Logga ut

## Limits and faults, at the top of a form.

error-codes-limited = För många koder har begärts. Om { $identifier } hör till ett konto har vi skickat en länk för att välja ett nytt lösenord. Använd länken, eller försök igen { $wait }.
error-caller-limited = För många koder har begärts från ditt nätverk. Försök igen { $wait }.
error-tries-limited = Det blev för många försök. Försök igen { $wait }.
error-unavailable = Det är inte säkert att det fungerade. Försök igen { $wait }.

## Pages in the place of one that can't be.

used-title = Koden har redan använts
used-text = Börja om för att få en ny.
expired-title = Koden har slutat gälla
expired-text = Börja om för att få en ny.
exhausted-title = Det blev för många felaktiga koder
exhausted-text = Börja om för att få en ny.
token-title = Du kan inte längre välja ett lösenord här
token-text = Tiden har gått ut, eller så har ett lösenord redan valts. Om det var du, logga in. Om inte, börja om.
cookie-title = Sidan var öppen för länge
cookie-text = Börja om. Om du ser det här en gång till sparar din webbläsare inga kakor från oss. Tillåt dem för den här webbplatsen, annars kan vi inte se var du var.
foreign-title = Formuläret är inte vårt
foreign-text = Det kom från en annan webbplats, så vi har inte gjort något. Börja om här.
form-title = Vi kunde inte läsa formuläret
form-text = Det saknas något i det, eller så finns det för mycket. Vi har inte gjort något. Börja om här.
not-found-title = Här finns ingenting
not-found-text = Kontrollera adressen, eller gå vidare härifrån.
fault-title = Något gick fel hos oss
fault-text = Försök igen senare.
unavailable-title = Det här är inte tillgängligt just nu
unavailable-text = Försök igen { $wait }.
limited-title = Det blev för många försök
limited-text = Försök igen { $wait }.
