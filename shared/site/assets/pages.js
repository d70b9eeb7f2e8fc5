// What makes pages more comfortable. Every page works without it, and nothing here sends a form.
"use strict";
(() => {
  const byId = (id) => document.getElementById(id);

  // The token of a recovery link: read from the fragment, which no server sees, and gone from the address bar at once.
  const link = byId("link_code");
  if (link) {
    const read = () => {
      const token = new URLSearchParams(location.hash.slice(1)).get("token");
      if (location.hash) history.replaceState(null, "", location.pathname + location.search);
      if (!token) return;
      link.value = token;
      for (const part of document.querySelectorAll("[data-typed]")) part.hidden = true;
      byId("ready").hidden = false;
    };
    read();
    // Another link in the same tab loads no page.
    addEventListener("hashchange", read);
  }

  // Reload and back ask for the page, and not whether a form shall be sent again, where it is the answer to one.
  history.replaceState(null, "", location.href);

  // "Your code is 123 456" is pasted as 123456.
  const code = byId("code");
  if (code) {
    const length = Number(code.dataset.digits);
    code.addEventListener("paste", (event) => {
      const text = event.clipboardData.getData("text");
      const found = new Set();
      for (const run of text.match(/\p{Nd}(?:[\s\p{Pd}]*\p{Nd})*/gu) || []) {
        const digits = run.replace(/[^\p{Nd}]/gu, "");
        if ([...digits].length === length) found.add(digits);
      }
      if (found.size !== 1) return;
      event.preventDefault();
      code.value = [...found][0];
      code.dispatchEvent(new Event("input", { bubbles: true }));
    });
    // WebOTP: the browser offers the code of a text message that names this site.
    if ("OTPCredential" in window) {
      const stop = new AbortController();
      code.form.addEventListener("submit", () => stop.abort());
      navigator.credentials
        .get({ otp: { transport: ["sms"] }, signal: stop.signal })
        .then((credential) => { if (credential && !code.value) code.value = credential.code; })
        .catch(() => {});
    }
  }

  // The countdown to another code. It is shown every second and announced once, at its end.
  const wait = byId("resend-wait");
  if (wait) {
    const buttons = document.querySelectorAll("[data-resend]");
    const end = performance.now() + Number(wait.dataset.seconds) * 1000;
    const tick = () => {
      const left = Math.max(0, Math.ceil((end - performance.now()) / 1000));
      for (const button of buttons) button.disabled = left > 0;
      if (left === 0) {
        wait.hidden = true;
        byId("resend-ready").textContent = wait.dataset.ready;
        return;
      }
      const clock = `${Math.floor(left / 60)}:${String(left % 60).padStart(2, "0")}`;
      wait.textContent = wait.dataset.words.replace("#", clock);
      setTimeout(tick, 250);
    };
    tick();
  }

  // Show and hide. A password that is shown needs no second field.
  for (const toggle of document.querySelectorAll("[data-toggle]")) {
    const field = byId(toggle.dataset.toggle);
    const again = document.querySelector(`[data-again="${field.id}"]`);
    const show = (shown) => {
      field.type = shown ? "text" : "password";
      toggle.textContent = shown ? toggle.dataset.hide : toggle.dataset.show;
      if (again) {
        again.hidden = shown;
        again.querySelector("input").disabled = shown;
      }
    };
    toggle.hidden = false;
    toggle.addEventListener("click", () => { show(field.type === "password"); field.focus(); });
    // Browsers offer to save what a field of type password has.
    field.form.addEventListener("submit", () => { if (!again) show(false); });
  }

  // The length of a new password, in the characters that count.
  const count = byId("password-count");
  if (count) {
    const field = byId("password");
    const tell = () => {
      const length = [...field.value.normalize("NFC")].length;
      const minimum = Number(count.dataset.minimum);
      const number = length < minimum ? `${length} / ${minimum}` : length;
      count.textContent = length ? count.dataset.words.replace("#", number) : "";
    };
    field.addEventListener("input", tell);
    tell();
  }
})();
