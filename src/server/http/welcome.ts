import { createHash } from 'node:crypto'
import type { ServerResponse } from 'node:http'
import { headers } from './respond.ts'

const style =
  'body{font:16px/1.6 system-ui,sans-serif;margin:12vh auto;max-width:40em;padding:0 1em;color:#222;background:#fff}' +
  'pre{padding:1em;background:#8881;border-radius:6px;overflow:auto}' +
  '@media(prefers-color-scheme:dark){body{color:#ddd;background:#181818}a{color:#8bf}}'

const page = `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Berth</title>
<style>${style}</style>
<h1>Berth is up</h1>
<p>Work with it from the command line, from the folder of your app's git repository:</p>
<pre>berth login URL-OF-THIS-PAGE
berth key add ~/.ssh/id_ed25519.pub
berth app create blog
git push berth main</pre>
<p>Programs use the API: <a href="/api/openapi.json">its description</a> (OpenAPI).</p>
</html>
`

const policy = `default-src 'none'; style-src 'sha256-${createHash('sha256').update(style).digest('base64')}'; frame-ancestors 'none'`

/** For a person who opens the address of the API in a browser. It tells nothing of the installation. */
export function sendWelcome(response: ServerResponse) {
  response.writeHead(200, { ...headers, 'content-security-policy': policy, 'content-type': 'text/html; charset=utf-8' })
  response.end(page)
}
