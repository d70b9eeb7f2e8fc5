# Lo que Regain escribe a las personas, en español. Las mismas claves que en en.ftl, y en cada una las mismas variables.
# $brand es el nombre del servicio. Se tutea.
#
# Los SMS (las claves con -text) se pagan por longitud y se ciñen a los caracteres de GSM 03.38: é, ñ, ü, ¿ y ¡ están; á,
# í, ó y ú no. Por eso dicen «clave» y no «código».

## Partes de cada correo. $clock es, por ejemplo, 22:52. $label es una etiqueta de abajo y $value lo que la sigue.

email-time = { $day } de { $month ->
    [1] enero
    [2] febrero
    [3] marzo
    [4] abril
    [5] mayo
    [6] junio
    [7] julio
    [8] agosto
    [9] septiembre
    [10] octubre
    [11] noviembre
   *[12] diciembre
} de { $year } a las { $clock } UTC
email-labelled = { $label }: { $value }
# Al pie; sigue la dirección de atención al cliente.
email-help = ¿Necesitas ayuda? Contacta con nosotros:

## El código. $code tiene de 6 a 10 cifras, $reference tres letras o cifras, $minutes es al menos 1, $time es como arriba.
## La página muestra la misma referencia con la misma palabra. Los programas de correo muestran preheader junto al asunto.

code-email-subject = Restablece tu contraseña de { $brand } (referencia { $reference })
code-email-preheader = Introduce el código en la página que muestra la referencia { $reference }.
code-email-heading = Restablece tu contraseña
code-email-intro = El { $time } recibimos una solicitud para restablecer la contraseña de tu cuenta de { $brand }.
code-email-code = Tu código
code-email-reference = Referencia
code-email-use = { $minutes ->
    [one] Introduce el código en la página que muestra la misma referencia. Caduca en un minuto.
   *[other] Introduce el código en la página que muestra la misma referencia. Caduca en { $minutes } minutos.
}
code-email-warning = No compartas este código con nadie. Nadie de { $brand } te lo pedirá nunca.
code-email-not-you = ¿No lo has solicitado? Puedes ignorar este correo. Sin el código, tu contraseña no cambiará.

# Sigue una línea para el teléfono. Con ella, cabe en un segmento.
code-text = { $code } es tu clave { $brand }. Referencia { $reference }. Vale { $minutes } min. No la compartas. ¿No la pediste? Ignora.

## El enlace de recuperación, que se envía en lugar de un código cuando se han pedido demasiados. $hours es al menos 1. En
## el correo, el enlace sigue a link-email-action, y la dirección de la página y el código del enlace, bajo
## link-email-code, siguen a link-email-typed. En el SMS el enlace es $link, en su propia línea.

link-email-subject = Un enlace para restablecer tu contraseña de { $brand }
link-email-preheader = Elige una contraseña nueva sin código.
link-email-heading = Restablece tu contraseña con un enlace
link-email-intro = Se han solicitado demasiados códigos para tu cuenta de { $brand }, el último el { $time }. Por ahora no enviaremos más.
link-email-action = Si quieres restablecer tu contraseña, usa este enlace en su lugar.
link-email-button = Elegir una contraseña nueva
link-email-typed = En otro dispositivo, o si el enlace no funciona, abre esta página e introduce en ella el código de enlace:
link-email-code = Código de enlace
link-email-limits = { $hours ->
    [one] El enlace funciona una sola vez y caduca en una hora.
   *[other] El enlace funciona una sola vez y caduca en { $hours } horas.
}
link-email-warning = No compartas este enlace ni su código con nadie. Nadie de { $brand } te los pedirá nunca.
link-email-not-you = ¿No lo has solicitado? Puedes ignorar este correo. Sin el enlace, tu contraseña no cambiará.
link-text = Se han pedido demasiadas claves de { $brand }. Elige una contraseña nueva con este enlace:
    { $link }
    Vale una vez y { $hours } h. No lo compartas nunca. ¿No lo has pedido? Ignora este SMS.

## El aviso de que la contraseña ha cambiado. En el correo, la dirección del sitio sigue a changed-email-not-you y la de
## atención al cliente está al pie; en el SMS son $origin y $support, y $time es, por ejemplo, 2026-11-23 22:52 UTC.

changed-email-subject = Tu contraseña de { $brand } ha cambiado
changed-email-preheader = ¿No has sido tú? Esto es lo que debes hacer.
changed-email-heading = Tu contraseña ha cambiado
changed-email-intro = La contraseña de tu cuenta de { $brand } se cambió el { $time }. Se ha cerrado la sesión en todos los dispositivos.
changed-email-you = Si has sido tú, no tienes que hacer nada más.
changed-email-not-you = Si no has sido tú, restablece tu contraseña en nuestro sitio web cuanto antes. La anterior ya no funciona.
changed-email-support = Después, contacta con nosotros para que te ayudemos a proteger tu cuenta.
changed-email-warning = Nadie de { $brand } te pedirá nunca un código ni una contraseña.
changed-text = La contraseña de tu cuenta de { $brand } ha cambiado ({ $time }). Hemos cerrado todas las sesiones. ¿No lo has hecho? Restablece la contraseña en { $origin } y escribe a { $support }. Nadie te va a pedir una clave.

## El aviso de contraseñas incorrectas, a la décima para un identificador y a la última permitida (las claves con spent).
## En el correo, la dirección del sitio sigue a failures-email-forgotten; en el SMS es $origin, y la de atención al
## cliente $support.

failures-email-subject = Intentos fallidos de inicio de sesión en tu cuenta de { $brand }
failures-email-preheader = Ninguna de las contraseñas era correcta. Esto es lo que puedes hacer.
failures-email-heading = Intentos fallidos de inicio de sesión
failures-email-intro = Alguien ha intentado iniciar sesión en tu cuenta de { $brand } con contraseñas incorrectas, la última vez el { $time }. Ninguna era correcta.
failures-email-more = Puedes iniciar sesión como siempre.
failures-email-spent = Para que nadie pueda seguir adivinando, ya no aceptamos contraseñas para la dirección de correo o el número de móvil que se introdujo. La tuya sigue funcionando en los dispositivos en los que ya habías iniciado sesión.
failures-email-forgotten = ¿Has olvidado tu contraseña o quieres iniciar sesión en otro dispositivo? Elige una nueva en nuestro sitio web. Funcionará al momento.
failures-email-not-you = Si no has sido tú, a tu cuenta no le ha pasado nada. Si tu contraseña es corta o la usas también en otros sitios, elige una nueva.
failures-email-warning = Nadie de { $brand } te pedirá nunca un código ni una contraseña.
failures-text-more = Alguien ha probado contraseñas incorrectas en tu cuenta de { $brand }. Ninguna era correcta. ¿Has olvidado la tuya? Elige otra en { $origin }. Ayuda: { $support }. Nadie te va a pedir una clave.
failures-text-spent = Demasiadas contraseñas incorrectas en tu cuenta de { $brand }. La tuya vale en los dispositivos que ya usabas. En otros, elige una nueva en { $origin }. Ayuda: { $support }. Nadie te va a pedir una clave.
