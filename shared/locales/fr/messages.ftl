# Ce que Regain écrit aux gens, en français. Les mêmes clés que dans en.ftl, et dans chacune les mêmes variables.
# $brand est le nom du service. On vouvoie.
#
# Dans les e-mails, une espace insécable (U+00A0) précède : ; ? et !, et l'apostrophe est ’. Les SMS (les clés en -text)
# se paient à la longueur et s'en tiennent aux caractères de GSM 03.38 : ni espace insécable, ni ’, ni ç, ê, â, î, ô, û,
# ë, ï ou œ ; mais à, é, è et ù.

## Éléments de chaque e-mail. $clock est par exemple 22:52. $label est un intitulé ci-dessous, $value ce qui le suit.

email-time = { $day ->
    [1] 1er
   *[other] { $day }
} { $month ->
    [1] janvier
    [2] février
    [3] mars
    [4] avril
    [5] mai
    [6] juin
    [7] juillet
    [8] août
    [9] septembre
    [10] octobre
    [11] novembre
   *[12] décembre
} { $year } à { $clock } UTC
email-labelled = { $label } : { $value }
# En bas ; l'adresse de l'assistance suit.
email-help = Besoin d’aide ? Contactez-nous :

## Le code. $code a 6 à 10 chiffres, $reference trois lettres ou chiffres, $minutes vaut au moins 1, $time est comme
## ci-dessus. La page affiche la même référence sous le même mot. Les messageries montrent preheader à côté de l'objet.

code-email-subject = Réinitialisez votre mot de passe { $brand } (référence { $reference })
code-email-preheader = Saisissez votre code sur la page qui affiche la référence { $reference }.
code-email-heading = Réinitialisez votre mot de passe
code-email-intro = Le { $time }, nous avons reçu une demande de réinitialisation du mot de passe de votre compte { $brand }.
code-email-code = Votre code
code-email-reference = Référence
code-email-use = { $minutes ->
    [one] Saisissez ce code sur la page qui affiche la même référence. Il est valable une minute.
   *[other] Saisissez ce code sur la page qui affiche la même référence. Il est valable { $minutes } minutes.
}
code-email-warning = Ne communiquez jamais ce code. Personne chez { $brand } ne vous le demandera.
code-email-not-you = Vous n’avez rien demandé ? Vous pouvez ignorer cet e-mail. Sans le code, votre mot de passe reste inchangé.

# Une ligne pour le téléphone suit d'elle-même. Avec elle, le tout tient en un segment.
code-text = { $code } est votre code { $brand }. Référence { $reference }. Valide { $minutes } min. Gardez-le secret. Pas vous ? Ignorez.

## Le lien de récupération, envoyé à la place d'un code quand trop ont été demandés. $hours vaut au moins 1. Dans
## l'e-mail, le lien suit link-email-action ; l'adresse de la page et le code du lien, sous link-email-code, suivent
## link-email-typed. Dans le SMS, le lien est $link, sur une ligne à part.

link-email-subject = Un lien pour réinitialiser votre mot de passe { $brand }
link-email-preheader = Choisissez un nouveau mot de passe, sans code.
link-email-heading = Réinitialisez votre mot de passe avec un lien
link-email-intro = Trop de codes ont été demandés pour votre compte { $brand }, le dernier le { $time }. Pour le moment, nous n’en envoyons plus.
link-email-action = Si vous souhaitez réinitialiser votre mot de passe, utilisez plutôt ce lien.
link-email-button = Choisir un nouveau mot de passe
link-email-typed = Sur un autre appareil, ou si le lien ne fonctionne pas, ouvrez cette page et saisissez-y le code du lien :
link-email-code = Code du lien
link-email-limits = { $hours ->
    [one] Ce lien ne fonctionne qu’une fois et expire dans une heure.
   *[other] Ce lien ne fonctionne qu’une fois et expire dans { $hours } heures.
}
link-email-warning = Ne communiquez jamais ce lien ni son code. Personne chez { $brand } ne vous les demandera.
link-email-not-you = Vous n’avez rien demandé ? Vous pouvez ignorer cet e-mail. Sans le lien, votre mot de passe reste inchangé.
link-text = Trop de codes { $brand } ont été demandés. Ce lien permet de choisir un nouveau mot de passe sans code :
    { $link }
    Utilisable une fois, pendant { $hours } h. Ne le communiquez jamais. Pas vous ? Ignorez-le.

## L'avis que le mot de passe a été modifié. Dans l'e-mail, l'adresse du site suit changed-email-not-you et celle de
## l'assistance est en bas ; dans le SMS, ce sont $origin et $support, et $time est par exemple 2026-11-23 22:52 UTC.

changed-email-subject = Votre mot de passe { $brand } a été modifié
changed-email-preheader = Ce n’était pas vous ? Voici ce qu’il faut faire.
changed-email-heading = Votre mot de passe a été modifié
changed-email-intro = Le mot de passe de votre compte { $brand } a été modifié le { $time }. Tous les appareils ont été déconnectés.
changed-email-you = Si c’était vous, vous n’avez rien d’autre à faire.
changed-email-not-you = Sinon, réinitialisez immédiatement votre mot de passe sur notre site. L’ancien ne fonctionne plus.
changed-email-support = Contactez-nous ensuite, pour que nous vous aidions à protéger votre compte.
changed-email-warning = Personne chez { $brand } ne vous demandera jamais de code ni de mot de passe.
changed-text = Votre mot de passe { $brand } a été modifié ({ $time }). Appareils déconnectés. Pas vous ? Réinitialisez-le sur { $origin } et contactez { $support }. Personne ne vous demandera jamais de code.

## L'avis de mots de passe erronés, au dixième pour un identifiant et au dernier qui soit permis (les clés avec spent).
## Dans l'e-mail, l'adresse du site suit failures-email-forgotten ; dans le SMS, c'est $origin, et celle de l'assistance
## $support.

failures-email-subject = Échecs de connexion à votre compte { $brand }
failures-email-preheader = Aucun des mots de passe n’était le bon. Voici ce que vous pouvez faire.
failures-email-heading = Échecs de connexion
failures-email-intro = Quelqu’un a essayé de se connecter à votre compte { $brand } avec de mauvais mots de passe, la dernière fois le { $time }. Aucun n’était le bon.
failures-email-more = Vous pouvez vous connecter comme d’habitude.
failures-email-spent = Pour que personne ne puisse continuer à deviner, nous n’acceptons plus de mot de passe pour l’adresse e-mail ou le numéro de mobile saisi. Le vôtre fonctionne toujours sur les appareils que vous avez déjà utilisés pour vous connecter.
failures-email-forgotten = Mot de passe oublié, ou nouvel appareil ? Choisissez un nouveau mot de passe sur notre site. Il fonctionnera aussitôt.
failures-email-not-you = Si ce n’était pas vous, rien n’est arrivé à votre compte. Choisissez un nouveau mot de passe si le vôtre est court ou si vous l’utilisez ailleurs.
failures-email-warning = Personne chez { $brand } ne vous demandera jamais de code ni de mot de passe.
failures-text-more = De mauvais mots de passe ont été saisis pour votre compte { $brand }. Aucun n'était le bon. Oublié ? Choisissez-en un nouveau sur { $origin }. Aide : { $support }. Personne ne vous demandera jamais de code.
failures-text-spent = Trop de mauvais mots de passe pour votre compte { $brand }. Le bon fonctionne encore sur vos appareils connus. Ailleurs, choisissez-en un nouveau sur { $origin }. Aide : { $support }. Personne ne vous demandera jamais de code.
