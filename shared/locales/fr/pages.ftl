# What the pages say, in French. The same keys as in English, and in each the same variables. The reader is "vous",
# whose gender isn't known: no "connecté". A no-break space (U+00A0) stands before : ; ? and !, as in the messages.
# The words are theirs too: code, référence, lien, e-mail, SMS.

## Every page.

page-title = { $title } – { $brand }
page-title-error = Erreur : { $title } – { $brand }
page-language = Langue
page-help = Besoin d’aide ?
page-support = Contactez-nous
page-continue = Continuer vers { $site }
page-start-again = Recommencer
error-summary = Il y a un problème
wait-seconds = { $count ->
    [one] dans une seconde
   *[other] dans { $count } secondes
}
wait-minutes = { $count ->
    [one] dans une minute
   *[other] dans { $count } minutes
}
wait-hours = { $count ->
    [one] dans une heure
   *[other] dans { $count } heures
}

## Fields that stand on more than one page.

field-identifier = Adresse e-mail ou numéro de mobile
field-identifier-hint = Saisissez un numéro de mobile avec le + et l’indicatif du pays, par exemple +46 70 174 06 05.
field-password-show = Afficher le mot de passe
field-password-hide = Masquer le mot de passe
error-identifier = Saisissez une adresse e-mail, ou un numéro de mobile avec le + et l’indicatif du pays

## Password assistance.

recover-title = Aide pour votre mot de passe
recover-intro = Saisissez l’adresse e-mail ou le numéro de mobile de votre compte { $brand }. Nous vous enverrons un code pour choisir un nouveau mot de passe.
recover-channel = Comment souhaitez-vous recevoir le code ?
recover-channel-hint = Si nous n’arrivons pas à vous joindre ainsi, il peut arriver par l’autre moyen.
recover-channel-same = À l’adresse ou au numéro ci-dessus
recover-channel-email = Par e-mail
recover-channel-sms = Par SMS
recover-postal-code = Code postal
recover-postal-code-hint = Le code postal associé à votre compte.
recover-button = Envoyer le code
recover-sign-in = Mot de passe retrouvé ? Connectez-vous
error-channel = Choisissez comment recevoir le code
error-postal-code = Saisissez le code postal associé à votre compte

## The code.

code-title = Saisissez le code
code-sent-email = Si { $identifier } correspond à un compte, nous avons envoyé un code par e-mail. Il peut aussi arriver par SMS.
code-sent-sms = Si { $identifier } correspond à un compte, nous avons envoyé un code par SMS. Il peut aussi arriver par e-mail.
code-sent = Si l’adresse ou le numéro correspond à un compte, nous avons envoyé un code.
code-reference = Référence
code-reference-hint = Utilisez le message qui porte cette référence. Les codes précédents ne fonctionnent plus.
code-label = Code
code-hint = { $digits } chiffres.
code-expires = Le code expire { $wait }.
code-button = Continuer
code-missing = Vous n’avez pas reçu le code ?
code-missing-hint = Cela peut prendre une minute. Regardez aussi dans vos courriers indésirables.
code-resend = Renvoyer le code
code-resend-email = Envoyer le code par e-mail
code-resend-sms = Envoyer le code par SMS
code-resend-wait = Vous pourrez demander un autre code { $wait }.
code-resend-clock = Vous pourrez demander un autre code dans { $clock }.
code-resend-ready = Vous pouvez maintenant demander un autre code.
code-resend-none = Ce code ne peut plus être renvoyé. Recommencez pour en recevoir un nouveau.
code-changed = Votre adresse e-mail ou votre numéro de mobile a changé ?
code-changed-other = Si vous pouvez encore utiliser l’un des deux, recommencez et choisissez ce moyen.
code-changed-neither = Si vous ne pouvez plus utiliser ni l’un ni l’autre, contactez-nous. Nous vous demanderons des documents qui prouvent votre identité.
error-code-missing = Saisissez le code
error-code-digits = Saisissez les { $digits } chiffres du code
error-code-incorrect = { $attempts ->
    [one] Ce n’est pas le code du message qui porte la référence { $reference }. Il vous reste un essai.
   *[other] Ce n’est pas le code du message qui porte la référence { $reference }. Il vous reste { $attempts } essais.
}
error-code-stale = Un autre code a été envoyé. Utilisez le message qui porte la référence { $reference }.
error-resend-too-soon = Vous pourrez demander un autre code { $wait }

## The new password.

password-title = Choisissez un nouveau mot de passe
password-intro = Tous vos appareils seront déconnectés. Le nouveau mot de passe fonctionnera aussitôt.
password-label = Nouveau mot de passe
password-hint = Utilisez au moins { $minimum } caractères. Chaque caractère compte, les espaces aussi : quelques mots à la suite sont faciles à retenir.
password-count = Caractères : { $count }
password-again = Confirmez le nouveau mot de passe
password-button = Enregistrer le mot de passe
error-password-missing = Saisissez un nouveau mot de passe
error-password-differs = Les deux mots de passe ne sont pas identiques
error-password-stale = Une autre récupération a commencé dans ce navigateur, et cette page concerne maintenant celle-là. Saisissez un nouveau mot de passe pour elle, ou recommencez.
error-password-too-short = Utilisez au moins { $minimum } caractères
error-password-too-long = Utilisez au maximum { $maximum } caractères
error-password-forbidden = N’utilisez pas de caractères de contrôle
error-password-common = Beaucoup de gens utilisent ce mot de passe, ou un mot de passe semblable. Choisissez-en un autre.
error-password-breached = Ce mot de passe figure dans une fuite de données connue. Ne l’utilisez nulle part.
error-password-personal = N’utilisez ni votre nom, ni vos adresses, ni le nom de ce service
error-password-current = C’est votre mot de passe actuel. Choisissez-en un nouveau.

## The recovery link.

link-title = Choisissez un nouveau mot de passe avec un lien
link-intro = Saisissez le code du lien, indiqué dans notre e-mail.
link-ready = Continuez pour choisir un nouveau mot de passe.
link-label = Code du lien
link-hint = 26 lettres et chiffres. Les espaces sont sans importance.
link-button = Continuer
error-link = Saisissez les 26 lettres et chiffres du code du lien
error-link-invalid = Ce code de lien n’est pas valable, ou ne l’est plus. Vérifiez-le, ou recommencez pour recevoir un nouveau code.

## The end of a recovery.

done-title = Votre mot de passe a été modifié
done-text = Tous vos appareils ont été déconnectés. Votre nouveau mot de passe fonctionne dès maintenant.
done-sign-in = Se connecter

## Sign in.

sign-in-title = Connexion
sign-in-password = Mot de passe
sign-in-button = Se connecter
sign-in-forgotten = Mot de passe oublié ?
sign-in-signed-out = Déconnexion réussie.
error-sign-in-password = Saisissez votre mot de passe
error-sign-in-credentials = L’adresse e-mail, le numéro de mobile ou le mot de passe est incorrect
error-sign-in-recovery = Trop de mauvais mots de passe ont été saisis. Choisissez un nouveau mot de passe, ou connectez-vous sur un appareil que vous avez déjà utilisé pour vous connecter.

## The page of the person who is signed in.

account-title = Votre compte
account-text = Votre session est ouverte.
account-password = Modifier le mot de passe
account-sign-out = Se déconnecter

## Limits and faults, at the top of a form.

error-codes-limited = Trop de codes ont été demandés. Si { $identifier } correspond à un compte, nous avons envoyé un lien pour choisir un nouveau mot de passe. Suivez ce lien, ou réessayez { $wait }.
error-caller-limited = Trop de codes ont été demandés depuis votre réseau. Réessayez { $wait }.
error-tries-limited = Il y a eu trop d’essais. Réessayez { $wait }.
error-unavailable = Cela n’a peut-être pas fonctionné. Réessayez { $wait }.

## Pages in the place of one that can't be.

used-title = Ce code a déjà été utilisé
used-text = Recommencez pour en recevoir un nouveau.
expired-title = Ce code a expiré
expired-text = Recommencez pour en recevoir un nouveau.
exhausted-title = Trop de codes incorrects ont été saisis
exhausted-text = Recommencez pour en recevoir un nouveau.
token-title = Vous ne pouvez plus choisir de mot de passe ici
token-text = Le délai est dépassé, ou un mot de passe a déjà été choisi. Si c’était vous, connectez-vous. Sinon, recommencez.
cookie-title = Cette page est restée ouverte trop longtemps
cookie-text = Recommencez. Si vous revoyez ce message, c’est que votre navigateur ne garde pas nos cookies : autorisez-les pour ce site, sinon nous ne pouvons pas savoir où vous en étiez.
foreign-title = Ce formulaire n’est pas le nôtre
foreign-text = Il venait d’un autre site, nous n’avons donc rien fait. Recommencez ici.
form-title = Nous n’avons pas pu lire ce formulaire
form-text = Il y manque quelque chose, ou il y a quelque chose en trop. Nous n’avons rien fait. Recommencez ici.
not-found-title = Il n’y a rien ici
not-found-text = Vérifiez l’adresse, ou poursuivez à partir d’ici.
fault-title = Un problème est survenu de notre côté
fault-text = Réessayez plus tard.
unavailable-title = Indisponible pour le moment
unavailable-text = Réessayez { $wait }.
limited-title = Il y a eu trop d’essais
limited-text = Réessayez { $wait }.
