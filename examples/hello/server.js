import { createServer } from 'node:http'
import { hostname } from 'node:os'

const { PORT = '8080', BERTH_APP = 'hello', BERTH_RELEASE = 'a release' } = process.env
const greeting = 'Hello from Berth'

const page = `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>${greeting}</title>
<style>
  body { font: 18px/1.5 system-ui, sans-serif; margin: 15vh auto; max-width: 32rem; padding: 0 1rem; color: #1b2733 }
  h1 { font-size: 2.5rem; margin: 0 }
  code { background: #eef2f6; border-radius: 4px; padding: .1em .3em }
</style>
<h1>${greeting}</h1>
<p><b>${BERTH_APP}</b> is running <code>${BERTH_RELEASE}</code> on instance <code>${hostname()}</code>.</p>
<p>Change <code>server.js</code>, commit, <code>git push</code>, and reload: no request is lost on the way.</p>
</html>
`

const server = createServer((_request, response) => {
  response.writeHead(200, { 'content-type': 'text/html; charset=utf-8' }).end(page)
})

server.listen(Number(PORT), () => console.log(`listening on ${PORT}`))
process.on('SIGTERM', () => server.close(() => process.exit(0)))
