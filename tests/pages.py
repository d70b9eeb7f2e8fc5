"""Recovers an account as a browser without JavaScript does: python3 tests/pages.py URL --inbox URL --identifier EMAIL

URL is where the pages are, with whatever path stands before theirs: on API Gateway the stage's. --inbox is the
notification gateway that the stage's messages go to. --origin is the one that the stage was deployed with, unless it is
the URL's. --return-to is a page of an application that the stage may lead back to. The account's password is changed.

Cookies are kept as text, whatever the connection: so a stage with an https origin can be tried over http. Nothing
follows a redirect by itself, and every reference on a page is resolved as browsers do.
"""

import argparse
import html.parser
import json
import sys
import urllib.error
import urllib.parse
import urllib.request

PASSWORD = "nine paper boats below the bridge"
# How long anything may take, in seconds. Not a measure of anything.
TIMEOUT = 60
HTML = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"


class AsItIs(urllib.request.HTTPRedirectHandler):
    """Leaves redirects to the person."""

    def redirect_request(self, *_):
        return None


OPENER = urllib.request.build_opener(urllib.request.ProxyHandler({}), AsItIs)


def check(is_so, what):
    if not is_so:
        sys.exit(f"tests/pages.py: {what}")


class Page(html.parser.HTMLParser):
    """What a page's HTML has: forms with their fields, references, and the language."""

    def __init__(self, url, text):
        super().__init__()
        self.url, self.text = url, text
        self.forms, self.assets, self.links, self.language, self.errors = [], [], [], None, 0
        self.feed(text)

    def resolved(self, reference):
        return urllib.parse.urljoin(self.url, reference)

    def handle_starttag(self, tag, attributes):
        has = dict(attributes)
        if tag == "html":
            self.language = has["lang"]
        elif tag == "form":
            self.forms.append((self.resolved(has["action"]), {}))
        elif tag == "input" and has.get("name") and self.forms:
            if has.get("type") != "radio" or "checked" in has:
                self.forms[-1][1][has["name"]] = has.get("value") or ""
        elif tag == "script":
            self.assets.append(self.resolved(has["src"]))
        elif tag in ("link", "img"):
            self.assets.append(self.resolved(has.get("href") or has["src"]))
        elif tag == "a":
            self.links.append(self.resolved(has["href"]))
        self.errors += has.get("class") == "error"

    def form(self, path):
        """The form that goes to this path, with what its fields hold."""
        for action, fields in self.forms:
            if action.endswith(path):
                return action, dict(fields)
        return sys.exit(f"tests/pages.py: {self.url} has no form to {path}")


class Browser:
    """A browser: its cookies, and where it is."""

    def __init__(self, origin):
        self.cookies = {}
        self.is_secure = origin.startswith("https:")
        self.origin = origin

    def send(self, url, fields=None, headers=()):
        """The answer's status, headers and text."""
        body = None if fields is None else urllib.parse.urlencode(fields).encode()
        request = urllib.request.Request(url, data=body)
        request.add_header("Accept", HTML)
        if body is not None:
            request.add_header("Origin", self.origin)
        if self.cookies:
            request.add_header("Cookie", "; ".join(f"{name}={value}" for name, value in self.cookies.items()))
        for name, value in dict(headers).items():
            request.add_header(name, value)
        try:
            answer = OPENER.open(request, timeout=TIMEOUT)
        except urllib.error.HTTPError as answered:
            answer = answered
        with answer:
            text = answer.read().decode()
        for cookie in answer.headers.get_all("Set-Cookie") or []:
            self.keep(cookie)
        return answer.status, answer.headers, text

    def keep(self, cookie):
        value, *attributes = (part.strip() for part in cookie.split(";"))
        name, value = value.split("=", 1)
        check(name.startswith("__Host-") == self.is_secure, f"the cookie {name} of {self.origin}")
        wanted = {"HttpOnly", "SameSite=Lax", "Path=/"} | ({"Secure"} if self.is_secure else set())
        check(wanted <= set(attributes), f"the cookie {name} has {attributes}")
        if "Max-Age=0" in attributes:
            self.cookies.pop(name, None)
        else:
            self.cookies[name] = value

    def page(self, url, fields=None, status=200, headers=()):
        """The page at an address, which has this status."""
        found, answered, text = self.send(url, fields, headers)
        check(found == status, f"{url} answered {found} in the place of {status}: {text[:300]}")
        check(answered["Content-Type"] == "text/html; charset=utf-8", f"{url} is {answered['Content-Type']}")
        check(answered["Cache-Control"] == "no-store", f"{url} may be kept: {answered['Cache-Control']}")
        policy = answered["Content-Security-Policy"] or ""
        check("default-src 'none'" in policy and "unsafe" not in policy, f"{url} has the policy {policy!r}")
        check("frame-ancestors 'none'" in policy, f"{url} may be framed")
        check(answered["Referrer-Policy"] == "no-referrer", f"{url} is told to others")
        has_hsts = answered["Strict-Transport-Security"] is not None
        check(has_hsts == self.is_secure, f"{url}: Strict-Transport-Security for {self.origin}")
        return Page(url, text)

    def lead(self, url, fields=None, status=303):
        """Where an address leads."""
        found, answered, text = self.send(url, fields)
        check(found == status, f"{url} answered {found} in the place of {status}: {text[:300]}")
        return urllib.parse.urljoin(url, answered["Location"])

    def follow(self, url, fields=None):
        return self.page(self.lead(url, fields))


def message(inbox, to, reference):
    """The code of the message with this reference."""
    query = urllib.parse.urlencode({"to": to, "wait": 10})
    for _ in range(3):
        with OPENER.open(f"{inbox}/messages?{query}", timeout=TIMEOUT) as answer:
            for found in json.load(answer)["messages"]:
                if found["reference"] == reference:
                    return found["code"]
    return sys.exit(f"tests/pages.py: no message with reference {reference}")


def assets_are_kept_long(browser, page):
    check(len(page.assets) >= 3, f"{page.url} has the assets {page.assets}")
    for asset in page.assets:
        status, headers, text = browser.send(asset)
        check(status == 200 and text, f"{asset} answered {status}")
        check("immutable" in headers["Cache-Control"], f"{asset}: {headers['Cache-Control']}")
        check(headers["Set-Cookie"] is None, f"{asset} sets a cookie")


def refusals_are_pages(browser, url, form):
    nowhere = browser.page(f"{url}/no/such/page", status=404)
    way_on = [link for link in nowhere.links if link == f"{url}/recover"]
    check(way_on, f"a page that isn't there leads to {nowhere.links}")
    action, fields = form
    browser.page(action, fields, status=403, headers={"Sec-Fetch-Site": "cross-site"})
    browser.page(action, fields | {"csrf": "A" * 22}, status=403)
    Browser(browser.origin).page(action, fields, status=403)
    browser.page(action, fields | {"role": "admin"}, status=400)
    for name in ("code", "password", "done"):
        check(browser.lead(f"{url}/recover/{name}") == f"{url}/recover", f"/recover/{name} needs no code")


def prefilled(browser, url, identifier, back):
    """The first page, as an application's form leads to it."""
    form = {"identifier": identifier, "return_to": back}
    application = "{0.scheme}://{0.netloc}".format(urllib.parse.urlsplit(back))
    from_there = {"Origin": application, "Sec-Fetch-Site": "cross-site"}
    browser.page(f"{url}/recover/prefill", form, status=403, headers=from_there | {"Origin": "https://evil.example"})
    status, headers, _ = browser.send(f"{url}/recover/prefill", form, from_there)
    place = urllib.parse.urljoin(f"{url}/recover/prefill", headers["Location"])
    check((status, place) == (303, f"{url}/recover"), f"a prefilled form leads to {place} with {status}")
    page = browser.page(place)
    check(page.form("/recover")[1]["identifier"] == identifier, "the identifier is not filled in")
    return page


def main():
    parser = argparse.ArgumentParser(prog="tests/pages.py")
    parser.add_argument("url", type=lambda url: url.rstrip("/"))
    parser.add_argument("--inbox", required=True)
    parser.add_argument("--identifier", required=True)
    parser.add_argument("--origin")
    parser.add_argument("--return-to")
    asked = parser.parse_args()
    url, back = asked.url, asked.return_to
    parts = urllib.parse.urlsplit(url)
    browser = Browser(asked.origin or f"{parts.scheme}://{parts.netloc}")

    query = "?" + urllib.parse.urlencode({"return_to": back}) if back else ""
    page = browser.page(f"{url}/recover{query}")
    assets_are_kept_long(browser, page)
    action, fields = page.form("/recover")
    refusals_are_pages(browser, url, (action, fields))
    page = browser.page(action, fields | {"identifier": "nobody at all"}, status=422)
    check(page.errors and page.form("/recover")[1]["identifier"] == "nobody at all", "what was typed is lost")

    if back:
        page = prefilled(browser, url, asked.identifier, back)
    action, fields = page.form("/recover")
    page = browser.follow(action, fields | {"identifier": asked.identifier})
    check(page.url == f"{url}/recover/code", f"a request for a code leads to {page.url}")
    action, fields = page.form("/recover/code")
    code = message(asked.inbox, asked.identifier, fields["reference"])
    wrong = "".join(str((int(digit) + 1) % 10) for digit in code)
    page = browser.page(action, fields | {"code": wrong}, status=422)
    language, chosen = page.form("/language")
    page = browser.follow(language, chosen | {"locale": "sv"})
    check((page.url, page.language) == (f"{url}/recover/code", "sv"), f"in {page.language} at {page.url}")
    action, fields = page.form("/recover/code")
    page = browser.follow(action, fields | {"code": f" {code[:3]} {code[3:]} "})
    check(page.url == f"{url}/recover/password", f"a right code leads to {page.url}")

    action, fields = page.form("/recover/password")
    page = browser.page(action, fields | {"password": "short", "password_again": "short"}, status=422)
    check("short" not in page.text.split("<main>")[1].split("</main>")[0], "a password is shown")
    action, fields = page.form("/recover/password")
    page = browser.follow(action, fields | {"password": PASSWORD, "password_again": PASSWORD})
    check(page.url == f"{url}/recover/done", f"a new password leads to {page.url}")
    check(not back or back in page.links, f"no way back to {back}")

    page = browser.page(f"{url}/sign-in")
    action, fields = page.form("/sign-in")
    browser.page(action, fields | {"identifier": asked.identifier, "password": "not it"}, status=401)
    place = browser.lead(action, fields | {"identifier": asked.identifier, "password": PASSWORD})
    check(place == (back or f"{url}/account"), f"signing in leads to {place}")
    page = browser.page(f"{url}/account")
    check(browser.lead(*page.form("/sign-out")) == f"{url}/sign-in", "signing out leads elsewhere")
    check(browser.lead(f"{url}/account") == f"{url}/sign-in", "still signed in")
    print(f"The pages at {url}: recovered, signed in and out; pages for what is refused; assets kept long")


if __name__ == "__main__":
    main()
