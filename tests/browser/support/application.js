// The application that people come from: a site of its own, that knows nothing of the stack's but its address.

import { createServer } from "node:http";

const escaped = (text) => text.replace(/[&<>"]/g, (sign) => `&#${sign.charCodeAt(0)};`);

/**
 * Serves `/form`, a form that posts its own query to `to`, and at every other path a page that says where it is. `host`
 * is a name of loopback: `localhost` is another site than `127.0.0.1`.
 */
export async function startApplication(host) {
  const requests = [];
  const server = createServer((request, response) => {
    const { pathname, searchParams } = new URL(request.url, "http://application.example");
    requests.push({ path: request.url, referrer: request.headers.referer });
    response.setHeader("content-type", "text/html; charset=utf-8");
    const head = "<!doctype html><html lang=en><link rel=icon href=data:,><title>Application</title>";
    if (pathname !== "/form") return response.end(`${head}<h1>At ${escaped(request.url)}</h1>`);
    const fields = [...searchParams].filter(([name]) => name !== "to");
    const inputs = fields.map(([name, value]) => `<input name="${escaped(name)}" value="${escaped(value)}">`);
    const to = escaped(searchParams.get("to"));
    return response.end(`${head}<form method=post action="${to}">${inputs.join("")}<button>Go</button></form>`);
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  const origin = `http://${host}:${server.address().port}`;
  return {
    origin,
    requests,
    form: (to, fields) => `${origin}/form?${new URLSearchParams({ to, ...fields })}`,
    close: () => new Promise((resolve) => server.close(resolve).closeAllConnections()),
  };
}
