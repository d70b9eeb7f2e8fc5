# What the pages say, in Arabic. The same keys as in English, and in each the same variables. The words are those of the
# messages: رمز, مرجع, رابط. The program sets off variables that are written left to right. The number that is an
# example is set off here, by U+2066 before and U+2069 after. A code has 6 to 10 digits, so "few" is the form after it;
# the limits of a password may be any number, so no noun follows them.

## Every page.

page-title = { $title } – { $brand }
page-title-error = خطأ: { $title } – { $brand }
page-language = اللغة
page-help = هل تحتاج إلى مساعدة؟
page-support = تواصل معنا
page-continue = المتابعة إلى { $site }
page-start-again = البدء من جديد
error-summary = هناك مشكلة
wait-seconds = { $count ->
    [zero] بعد { $count } ثانية
    [one] بعد ثانية واحدة
    [two] بعد ثانيتين
    [few] بعد { $count } ثوانٍ
    [many] بعد { $count } ثانية
   *[other] بعد { $count } ثانية
}
wait-minutes = { $count ->
    [zero] بعد { $count } دقيقة
    [one] بعد دقيقة واحدة
    [two] بعد دقيقتين
    [few] بعد { $count } دقائق
    [many] بعد { $count } دقيقة
   *[other] بعد { $count } دقيقة
}
wait-hours = { $count ->
    [zero] بعد { $count } ساعة
    [one] بعد ساعة واحدة
    [two] بعد ساعتين
    [few] بعد { $count } ساعات
    [many] بعد { $count } ساعة
   *[other] بعد { $count } ساعة
}

## Fields that stand on more than one page.

field-identifier = عنوان البريد الإلكتروني أو رقم الهاتف المحمول
field-identifier-hint = اكتب رقم الهاتف المحمول مع علامة + ورمز الدولة، مثل ⁦+46 70 174 06 05⁩.
field-password-show = إظهار كلمة المرور
field-password-hide = إخفاء كلمة المرور
error-identifier = أدخل عنوان بريد إلكتروني، أو رقم هاتف محمول مع علامة + ورمز الدولة

## Password assistance.

recover-title = المساعدة بشأن كلمة المرور
recover-intro = أدخل عنوان البريد الإلكتروني أو رقم الهاتف المحمول الخاص بحسابك في { $brand }. سنرسل إليك رمزًا لاختيار كلمة مرور جديدة.
recover-channel = كيف تريد استلام الرمز؟
recover-channel-hint = إذا تعذّر علينا الوصول إليك بهذه الطريقة، فقد يصلك الرمز بالطريقة الأخرى.
recover-channel-same = على العنوان أو الرقم أعلاه
recover-channel-email = عبر البريد الإلكتروني
recover-channel-sms = عبر رسالة نصية
recover-postal-code = الرمز البريدي
recover-postal-code-hint = الرمز البريدي المسجّل في حسابك.
recover-button = إرسال الرمز
recover-sign-in = هل تتذكّر كلمة مرورك؟ سجّل الدخول
error-channel = اختر طريقة استلام الرمز
error-postal-code = أدخل الرمز البريدي المسجّل في حسابك

## The code.

code-title = أدخل الرمز
code-sent-email = إذا كان { $identifier } مرتبطًا بحساب، فقد أرسلنا رمزًا عبر البريد الإلكتروني. وقد يصل أيضًا عبر رسالة نصية.
code-sent-sms = إذا كان { $identifier } مرتبطًا بحساب، فقد أرسلنا رمزًا عبر رسالة نصية. وقد يصل أيضًا عبر البريد الإلكتروني.
code-sent = إذا كان العنوان أو الرقم مرتبطًا بحساب، فقد أرسلنا رمزًا.
code-reference = المرجع
code-reference-hint = استخدم الرسالة التي تحمل هذا المرجع. لم تعد الرموز السابقة صالحة.
code-label = الرمز
code-hint = { $digits } أرقام.
code-expires = تنتهي صلاحية الرمز { $wait }.
code-button = متابعة
code-missing = لم يصلك الرمز؟
code-missing-hint = قد يستغرق الأمر دقيقة. تحقّق أيضًا من مجلد الرسائل غير المرغوب فيها.
code-resend = إرساله مرة أخرى
code-resend-email = إرساله عبر البريد الإلكتروني
code-resend-sms = إرساله عبر رسالة نصية
code-resend-wait = يمكنك طلب رمز آخر { $wait }.
code-resend-clock = يمكنك طلب رمز آخر بعد { $clock }.
code-resend-ready = يمكنك طلب رمز آخر الآن.
code-resend-none = لا يمكن إرسال هذا الرمز مرة أخرى. ابدأ من جديد للحصول على رمز جديد.
code-changed = هل تغيّر عنوان بريدك الإلكتروني أو رقم هاتفك المحمول؟
code-changed-other = إذا كان أحدهما ما زال متاحًا لك، فابدأ من جديد واختر تلك الطريقة.
code-changed-neither = إذا لم يعد أيّ منهما متاحًا لك، فتواصل معنا. سنطلب منك مستندات تثبت هويتك.
error-code-missing = أدخل الرمز
error-code-digits = أدخل الرمز المكوّن من { $digits } أرقام
error-code-incorrect = { $attempts ->
    [zero] ليس هذا هو الرمز الوارد في الرسالة ذات المرجع { $reference }. لم تبقَ لديك أي محاولة.
    [one] ليس هذا هو الرمز الوارد في الرسالة ذات المرجع { $reference }. بقيت لديك محاولة واحدة.
    [two] ليس هذا هو الرمز الوارد في الرسالة ذات المرجع { $reference }. بقيت لديك محاولتان.
    [few] ليس هذا هو الرمز الوارد في الرسالة ذات المرجع { $reference }. بقيت لديك { $attempts } محاولات.
    [many] ليس هذا هو الرمز الوارد في الرسالة ذات المرجع { $reference }. بقيت لديك { $attempts } محاولة.
   *[other] ليس هذا هو الرمز الوارد في الرسالة ذات المرجع { $reference }. بقيت لديك { $attempts } محاولة.
}
error-code-stale = أُرسل رمز آخر. استخدم الرسالة التي تحمل المرجع { $reference }.
error-resend-too-soon = يمكنك طلب رمز آخر { $wait }

## The new password.

password-title = اختر كلمة مرور جديدة
password-intro = سيتم تسجيل خروجك من جميع الأجهزة. ستعمل كلمة المرور الجديدة على الفور.
password-label = كلمة المرور الجديدة
password-hint = يجب ألّا يقل عدد الأحرف عن { $minimum }. كل حرف محسوب، حتى المسافات: من السهل تذكّر بضع كلمات متتالية.
password-count = عدد الأحرف: { $count }
password-again = أعد إدخال كلمة المرور الجديدة
password-button = حفظ كلمة المرور
error-password-missing = أدخل كلمة مرور جديدة
error-password-differs = كلمتا المرور غير متطابقتين
error-password-stale = بدأت عملية استعادة أخرى في هذا المتصفح، وأصبحت هذه الصفحة لها الآن. أدخل كلمة مرور جديدة لها، أو ابدأ من جديد.
error-password-too-short = يجب ألّا يقل عدد الأحرف عن { $minimum }
error-password-too-long = يجب ألّا يزيد عدد الأحرف على { $maximum }
error-password-forbidden = لا تستخدم أحرف التحكم
error-password-common = يستخدم كثيرون كلمة المرور هذه أو كلمة تشبهها. اختر كلمة أخرى.
error-password-breached = ظهرت كلمة المرور هذه في تسريب للبيانات. لا تستخدمها في أي مكان.
error-password-personal = لا تستخدم اسمك أو عناوينك أو اسم هذه الخدمة
error-password-current = هذه كلمة مرورك الحالية. اختر كلمة جديدة.

## The recovery link.

link-title = اختر كلمة مرور جديدة عبر رابط
link-intro = أدخل رمز الرابط الوارد في رسالة البريد الإلكتروني التي أرسلناها.
link-ready = تابع لاختيار كلمة مرور جديدة.
link-label = رمز الرابط
link-hint = يتكوّن من 26 حرفًا ورقمًا. لا تهم المسافات.
link-button = متابعة
error-link = أدخل رمز الرابط المكوّن من 26 حرفًا ورقمًا
error-link-invalid = رمز الرابط هذا غير صالح، أو لم يعد صالحًا. تحقّق منه، أو ابدأ من جديد للحصول على رمز جديد.

## The end of a recovery.

done-title = تم تغيير كلمة مرورك
done-text = تم تسجيل خروجك من جميع الأجهزة. كلمة مرورك الجديدة تعمل من الآن.
done-sign-in = تسجيل الدخول

## Sign in.

sign-in-title = تسجيل الدخول
sign-in-password = كلمة المرور
sign-in-button = تسجيل الدخول
sign-in-forgotten = هل نسيت كلمة مرورك؟
sign-in-signed-out = تم تسجيل خروجك.
error-sign-in-password = أدخل كلمة مرورك
error-sign-in-credentials = عنوان البريد الإلكتروني أو رقم الهاتف المحمول غير صحيح، أو كلمة المرور غير صحيحة
error-sign-in-recovery = أُدخلت كلمات مرور خاطئة كثيرة جدًا. اختر كلمة مرور جديدة، أو سجّل الدخول من جهاز سبق أن سجّلت الدخول منه.

## The page of the person who is signed in.

account-title = حسابك
account-text = لقد سجّلت الدخول.
account-password = تغيير كلمة المرور
account-sign-out = تسجيل الخروج

## Limits and faults, at the top of a form.

error-codes-limited = طُلب عدد كبير جدًا من الرموز. إذا كان { $identifier } مرتبطًا بحساب، فقد أرسلنا رابطًا لاختيار كلمة مرور جديدة. استخدم الرابط، أو حاول مرة أخرى { $wait }.
error-caller-limited = طُلب عدد كبير جدًا من الرموز من شبكتك. حاول مرة أخرى { $wait }.
error-tries-limited = جرت محاولات كثيرة جدًا. حاول مرة أخرى { $wait }.
error-unavailable = ربما لم تنجح العملية. حاول مرة أخرى { $wait }.

## Pages in the place of one that can't be.

used-title = استُخدم هذا الرمز من قبل
used-text = ابدأ من جديد للحصول على رمز جديد.
expired-title = انتهت صلاحية هذا الرمز
expired-text = ابدأ من جديد للحصول على رمز جديد.
exhausted-title = أُدخلت رموز خاطئة كثيرة جدًا
exhausted-text = ابدأ من جديد للحصول على رمز جديد.
token-title = لم يعد بإمكانك اختيار كلمة مرور هنا
token-text = انتهت المهلة، أو تم اختيار كلمة مرور من قبل. إذا كنت أنت من اختارها، فسجّل الدخول. وإلا، فابدأ من جديد.
cookie-title = ظلّت هذه الصفحة مفتوحة مدة طويلة جدًا
cookie-text = ابدأ من جديد. إذا ظهر لك هذا مرة أخرى، فمتصفحك لا يحفظ ملفات تعريف الارتباط من موقعنا. اسمح بها لهذا الموقع، وإلا فلن نعرف أين توقفت.
foreign-title = هذا النموذج ليس من موقعنا
foreign-text = جاء من موقع آخر، لذلك لم ننفّذ أي شيء. ابدأ من جديد هنا.
form-title = تعذّرت علينا قراءة هذا النموذج
form-text = ينقصه شيء، أو فيه شيء زائد. لم ننفّذ أي شيء. ابدأ من جديد هنا.
not-found-title = لا يوجد شيء هنا
not-found-text = تحقّق من العنوان، أو تابع من هنا.
fault-title = حدث خطأ من جانبنا
fault-text = حاول مرة أخرى لاحقًا.
unavailable-title = هذا غير متاح حاليًا
unavailable-text = حاول مرة أخرى { $wait }.
limited-title = جرت محاولات كثيرة جدًا
limited-text = حاول مرة أخرى { $wait }.
