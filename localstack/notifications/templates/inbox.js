// Adds to the page what needs a script: local times, copying, faults, emptying, and messages as they come. Whatever is
// shown comes from the server: the page is asked for anew, and the parts that have changed take the old ones' places.
"use strict";

// Asked for at intervals and never held open, so that a browser that waits for a quiet network is not kept waiting.
const POLL_MILLISECONDS = 1000;
// The parts that change while somebody reads a message.
const LIVE = ["addresses", "fault-count", "fault-list", "status", "list"];

const $ = (id) => document.getElementById(id);

const NO_ANSWER = "The gateway does not answer. Trying again…";

// The version of the page that is shown.
let version = null;

function localize(root) {
  for (const time of root.querySelectorAll("time")) {
    const date = new Date(time.dateTime);
    time.textContent = "short" in time.dataset ? date.toLocaleTimeString() : date.toLocaleString();
  }
}

function complain(text) {
  if ($("problem").textContent !== text) $("problem").textContent = text;
}

// Takes a part's content from a newer page. What has the focus there keeps it.
function take(id, page) {
  const [shown, newer] = [$(id), page.getElementById(id)];
  if (shown.isEqualNode(newer)) return;
  const focused = shown.contains(document.activeElement) ? document.activeElement.id : "";
  shown.replaceChildren(...document.adoptNode(newer).childNodes);
  if (focused) $(focused)?.focus({ preventScroll: true });
}

// Shows what the server has now. The message stays, unless there was none or another is asked for.
async function refresh(keepMessage = true) {
  const url = new URL(location.href);
  url.hash = "";
  const { id } = $("message").dataset;
  if (keepMessage && id) url.searchParams.set("message", id);
  else url.searchParams.delete("message");
  const response = await fetch(url, { cache: "no-store", headers: version ? { "If-None-Match": version } : {} });
  if (response.status === 304) return;
  if (!response.ok) throw new Error(`the gateway answered ${response.status}`);
  version = response.headers.get("ETag");
  const page = new DOMParser().parseFromString(await response.text(), "text/html");
  localize(page);
  for (const part of LIVE) take(part, page);
  if (!keepMessage || !id) {
    const newer = page.getElementById("message").dataset.id;
    take("message", page);
    if (newer) $("message").dataset.id = newer;
    else delete $("message").dataset.id;
    document.title = page.title;
  }
}

// Has the gateway do something and shows what has become of it.
async function act(method, path, body, keepMessage) {
  try {
    const response = await fetch(path, { method, body });
    complain(response.ok ? "" : (await response.json()).detail);
    await refresh(keepMessage);
  } catch {
    complain(NO_ANSWER);
  }
}

async function copy(button) {
  const text = button.dataset.copy;
  const label = button.textContent;
  try {
    await navigator.clipboard.writeText(text);
    button.textContent = "Copied";
    $("announcement").textContent = `Copied: ${text}`;
  } catch {
    // Browsers give the clipboard to secure origins only, which a name without TLS is not.
    getSelection().selectAllChildren(button.previousElementSibling);
    button.textContent = "Selected: copy it with the keyboard";
    $("announcement").textContent = button.textContent;
  }
  setTimeout(() => { button.textContent = label; $("announcement").textContent = ""; }, 2000);
}

async function poll() {
  if (document.visibilityState === "visible") {
    try {
      await refresh();
      if ($("problem").textContent === NO_ANSWER) complain("");
    } catch {
      complain(NO_ANSWER);
    }
  }
  setTimeout(poll, POLL_MILLISECONDS);
}

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-copy]");
  if (button) copy(button);
});
$("empty").addEventListener("click", () => act("DELETE", "/messages", undefined, false));
$("clear-faults").addEventListener("click", () => act("DELETE", "/faults", undefined, true));
$("fault-form").addEventListener("submit", (event) => {
  event.preventDefault();
  const given = Object.fromEntries([...new FormData(event.target)].filter(([, value]) => value !== ""));
  for (const name of ["count", "rate"]) if (name in given) given[name] = Number(given[name]);
  act("PUT", "/faults", JSON.stringify(given), true);
});
localize(document);
addEventListener("load", () => setTimeout(poll, POLL_MILLISECONDS));
