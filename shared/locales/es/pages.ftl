# What the pages say, in Spanish. The same keys as in English, and in each the same variables. The reader is "tú".
# The words are those of the emails: código, referencia, enlace, correo, SMS. Text messages say "clave", which is in
# GSM 03.38.

## Every page.

page-title = { $title } – { $brand }
page-title-error = Error: { $title } – { $brand }
page-language = Idioma
page-help = ¿Necesitas ayuda?
page-support = Contacta con nosotros
page-continue = Continuar en { $site }
page-start-again = Empezar de nuevo
error-summary = Hay un problema
wait-seconds = { $count ->
    [one] dentro de un segundo
   *[other] dentro de { $count } segundos
}
wait-minutes = { $count ->
    [one] dentro de un minuto
   *[other] dentro de { $count } minutos
}
wait-hours = { $count ->
    [one] dentro de una hora
   *[other] dentro de { $count } horas
}

## Fields that stand on more than one page.

field-identifier = Dirección de correo o número de móvil
field-identifier-hint = Escribe el número de móvil con + y el prefijo del país, por ejemplo, +46 70 174 06 05.
field-password-show = Mostrar la contraseña
field-password-hide = Ocultar la contraseña
error-identifier = Introduce una dirección de correo, o un número de móvil con + y el prefijo del país

## Password assistance.

recover-title = Ayuda con la contraseña
recover-intro = Introduce la dirección de correo o el número de móvil de tu cuenta de { $brand }. Te enviaremos un código para elegir una contraseña nueva.
recover-channel = ¿Cómo quieres recibir el código?
recover-channel-hint = Si no podemos contactar contigo así, puede llegarte por la otra vía.
recover-channel-same = En la dirección o el número de arriba
recover-channel-email = Por correo electrónico
recover-channel-sms = Por SMS
recover-postal-code = Código postal
recover-postal-code-hint = El código postal de tu cuenta.
recover-button = Enviar el código
recover-sign-in = ¿Recuerdas tu contraseña? Inicia sesión
error-channel = Elige cómo quieres recibir el código
error-postal-code = Introduce el código postal de tu cuenta

## The code.

code-title = Introduce el código
code-sent-email = Si { $identifier } pertenece a una cuenta, hemos enviado un código por correo electrónico. También puede llegar por SMS.
code-sent-sms = Si { $identifier } pertenece a una cuenta, hemos enviado un código por SMS. También puede llegar por correo electrónico.
code-sent = Si la dirección o el número pertenece a una cuenta, hemos enviado un código.
code-reference = Referencia
code-reference-hint = Usa el mensaje con esta referencia. Los códigos anteriores ya no funcionan.
code-label = Código
code-hint = { $digits } cifras.
code-expires = El código caduca { $wait }.
code-button = Continuar
code-missing = ¿No has recibido el código?
code-missing-hint = Puede tardar un minuto. Mira también en la carpeta de correo no deseado.
code-resend = Enviarlo de nuevo
code-resend-email = Enviarlo por correo electrónico
code-resend-sms = Enviarlo por SMS
code-resend-wait = Podrás pedir otro código { $wait }.
code-resend-clock = Podrás pedir otro código en { $clock }.
code-resend-ready = Ya puedes pedir otro código.
code-resend-none = Este código no se puede volver a enviar. Empieza de nuevo para recibir otro.
code-changed = ¿Ha cambiado tu dirección de correo o tu número de móvil?
code-changed-other = Si todavía puedes usar uno de los dos, empieza de nuevo y elige esa vía.
code-changed-neither = Si no puedes usar ninguno de los dos, contacta con nosotros. Te pediremos documentos que acrediten quién eres.
error-code-missing = Introduce el código
error-code-digits = Introduce las { $digits } cifras del código
error-code-incorrect = { $attempts ->
    [one] Ese no es el código del mensaje con la referencia { $reference }. Te queda un intento.
   *[other] Ese no es el código del mensaje con la referencia { $reference }. Te quedan { $attempts } intentos.
}
error-code-stale = Se ha enviado otro código. Usa el mensaje con la referencia { $reference }.
error-resend-too-soon = Podrás pedir otro código { $wait }

## The new password.

password-title = Elige una contraseña nueva
password-intro = Se cerrará tu sesión en todos los dispositivos. La contraseña nueva funcionará al momento.
password-label = Contraseña nueva
password-hint = Usa al menos { $minimum } caracteres. Todos cuentan, también los espacios: unas cuantas palabras seguidas son fáciles de recordar.
password-count = Caracteres: { $count }
password-again = Repite la contraseña nueva
password-button = Guardar la contraseña
error-password-missing = Introduce una contraseña nueva
error-password-differs = Las dos contraseñas no coinciden
error-password-stale = En este navegador ha empezado otra recuperación, y ahora esta página es para esa. Introduce una contraseña nueva para ella, o empieza de nuevo.
error-password-too-short = Usa al menos { $minimum } caracteres
error-password-too-long = Usa como máximo { $maximum } caracteres
error-password-forbidden = No uses caracteres de control
error-password-common = Mucha gente usa esta contraseña o una parecida. Elige otra.
error-password-breached = Esta contraseña aparece en una filtración de datos. No la uses en ningún sitio.
error-password-personal = No uses tu nombre, tus direcciones ni el nombre de este servicio
error-password-current = Esta es tu contraseña actual. Elige una nueva.

## The recovery link.

link-title = Elige una contraseña nueva con un enlace
link-intro = Introduce el código de enlace de nuestro correo.
link-ready = Continúa para elegir una contraseña nueva.
link-label = Código de enlace
link-hint = 26 letras y cifras. Los espacios no importan.
link-button = Continuar
error-link = Introduce las 26 letras y cifras del código de enlace
error-link-invalid = Este código de enlace no es válido, o ya no lo es. Compruébalo, o empieza de nuevo para recibir otro código.

## The end of a recovery.

done-title = Tu contraseña ha cambiado
done-text = Se ha cerrado tu sesión en todos los dispositivos. Tu contraseña nueva ya funciona.
done-sign-in = Iniciar sesión

## Sign in.

sign-in-title = Iniciar sesión
sign-in-password = Contraseña
sign-in-button = Iniciar sesión
sign-in-forgotten = ¿Has olvidado tu contraseña?
sign-in-signed-out = Has cerrado sesión.
error-sign-in-password = Introduce tu contraseña
error-sign-in-credentials = La dirección de correo, el número de móvil o la contraseña no son correctos
error-sign-in-recovery = Se han introducido demasiadas contraseñas incorrectas. Elige una contraseña nueva, o inicia sesión en un dispositivo en el que ya lo hayas hecho antes.

## The page of the person who is signed in.

account-title = Tu cuenta
account-text = Has iniciado sesión.
account-password = Cambiar la contraseña
account-sign-out = Cerrar sesión

## Limits and faults, at the top of a form.

error-codes-limited = Se han pedido demasiados códigos. Si { $identifier } pertenece a una cuenta, hemos enviado un enlace para elegir una contraseña nueva. Usa el enlace, o inténtalo de nuevo { $wait }.
error-caller-limited = Se han pedido demasiados códigos desde tu red. Inténtalo de nuevo { $wait }.
error-tries-limited = Ha habido demasiados intentos. Inténtalo de nuevo { $wait }.
error-unavailable = Puede que esto no haya funcionado. Inténtalo de nuevo { $wait }.

## Pages in the place of one that can't be.

used-title = Este código ya se ha usado
used-text = Empieza de nuevo para recibir otro.
expired-title = Este código ha caducado
expired-text = Empieza de nuevo para recibir otro.
exhausted-title = Ha habido demasiados códigos incorrectos
exhausted-text = Empieza de nuevo para recibir otro.
token-title = Aquí ya no puedes elegir una contraseña
token-text = Se ha acabado el tiempo, o ya se ha elegido una contraseña. Si has sido tú, inicia sesión. Si no, empieza de nuevo.
cookie-title = Esta página ha estado abierta demasiado tiempo
cookie-text = Empieza de nuevo. Si vuelves a ver esto, tu navegador no guarda nuestras cookies: permítelas en este sitio, o no podremos saber por dónde ibas.
foreign-title = Este formulario no es nuestro
foreign-text = Venía de otro sitio web, así que no hemos hecho nada. Empieza de nuevo aquí.
form-title = No hemos podido leer este formulario
form-text = Le falta algo, o le sobra algo. No hemos hecho nada. Empieza de nuevo aquí.
not-found-title = Aquí no hay nada
not-found-text = Comprueba la dirección, o continúa desde aquí.
fault-title = Algo ha fallado por nuestra parte
fault-text = Inténtalo de nuevo más tarde.
unavailable-title = Esto no está disponible en este momento
unavailable-text = Inténtalo de nuevo { $wait }.
limited-title = Ha habido demasiados intentos
limited-text = Inténtalo de nuevo { $wait }.
