// What no page may do, whatever a test is about.

/** Told by the page itself: the console is the way out that no policy of the page closes. */
const MARK = "regain:";

/** The largest sum of layout shifts that nobody notices, as the field measures it (web.dev/articles/cls). */
const UNNOTICED_SHIFT = 0.01;

/** Runs in every page, before its own script. */
function listen(mark) {
  addEventListener("securitypolicyviolation", (event) => {
    console.debug(mark, "policy", `${event.violatedDirective} ${event.blockedURI}`);
  });
  new PerformanceObserver((list) => {
    // A test has made the window another size.
    if (window.isMeasured) return;
    for (const shift of list.getEntries().filter((entry) => !entry.hadRecentInput)) {
      const moved = shift.sources.map(({ node }) => node?.outerHTML?.slice(0, 80));
      console.debug(mark, "shift", shift.value, location.pathname, moved.join(" "));
    }
  }).observe({ type: "layout-shift", buffered: true });
}

/**
 * Watches a context. The result gives its faults: errors and warnings of the console, violations of the policy,
 * requests to somebody else, values in addresses, referrers, and content that jumps. `others` are origins that the test itself
 * goes to.
 */
export async function watch(context, base, others) {
  const own = new URL(base).origin;
  const faults = [];
  const refused = new Set();
  const referrers = [];
  const failures = [];
  await context.addInitScript(listen, MARK);
  context.on("response", (response) => {
    if (response.status() >= 400 && response.request().isNavigationRequest()) refused.add(response.url());
  });
  context.on("request", (request) => {
    const { origin, search } = new URL(request.url());
    if (origin === own && search && !search.startsWith("?return_to=")) faults.push(`in an address: ${search}`);
    if (origin !== own && !others.includes(origin)) faults.push(`a request to ${request.url()}`);
    // A page that is left has no more to tell.
    const headers = request.allHeaders().catch(() => ({}));
    referrers.push(headers.then(({ referer }) => referer?.startsWith(own) && faults.push(`referrer ${referer}`)));
  });
  context.on("console", (message) => {
    const [mark, kind, ...rest] = message.text().split(" ");
    if (mark === MARK && kind === "policy") faults.push(`policy: ${rest.join(" ")}`);
    if (mark === MARK && kind === "shift" && Number(rest[0]) > UNNOTICED_SHIFT)
      faults.push(`shift: ${rest.join(" ")}`);
    if (["error", "warning"].includes(message.type())) failures.push([message.location().url, message.text()]);
  });
  context.on("weberror", (error) => faults.push(`script: ${error.error()}`));
  return async () => {
    await Promise.all(referrers);
    // A page with an error in a form has that error's status, which the console tells.
    const told = ([url, text]) => text.startsWith("Failed to load resource") && refused.has(url);
    return faults.concat(failures.filter((failure) => !told(failure)).map((failure) => failure.join(" ")));
  };
}
