import { request } from 'node:http'

export type Page = {
  readonly status: number
  readonly url: string
  readonly body: string
}

type Target = { readonly port: number; readonly host: string }
type Form = Readonly<Record<string, string>>

/** What a person's browser does at a site: keeps cookies, sends forms, follows redirects within it. */
export function browse({ port, host }: Target) {
  const origin = `http://${host}:${port}`
  const cookies = new Map<string, string>()

  async function visit(path: string, form?: Form, redirects = 10): Promise<Page> {
    const url = new URL(path, origin)
    if (url.origin !== origin) throw new Error(`${host} leads to ${url.origin}`)
    const answer = await send(url, form, cookies)
    for (const line of answer.cookies) keep(cookies, line)
    if (answer.location === undefined) return { status: answer.status, url: url.href, body: answer.body }
    if (redirects === 0) throw new Error(`${url.href} redirects without an end`)
    return await visit(new URL(answer.location, url).href, undefined, redirects - 1)
  }

  return { origin, visit }
}

type Answer = {
  readonly status: number
  readonly body: string
  readonly cookies: readonly string[]
  readonly location: string | undefined
}

function send(url: URL, form: Form | undefined, cookies: ReadonlyMap<string, string>): Promise<Answer> {
  const body = form && new URLSearchParams(form).toString()
  const headers = {
    host: url.host,
    cookie: [...cookies].map(([name, value]) => `${name}=${value}`).join('; '),
    ...(body && { 'content-type': 'application/x-www-form-urlencoded', 'content-length': Buffer.byteLength(body) }),
  }
  const options = { host: '127.0.0.1', port: url.port, path: url.pathname + url.search, agent: false as const, headers }
  return new Promise((resolve, reject) => {
    const sent = request({ ...options, method: body ? 'POST' : 'GET' }, async (response) => {
      const chunks = await response.toArray()
      resolve({
        status: response.statusCode ?? 0,
        body: Buffer.concat(chunks).toString('utf8'),
        cookies: response.headers['set-cookie'] ?? [],
        location: response.headers.location,
      })
    })
    sent.once('error', reject).end(body)
  })
}

function keep(cookies: Map<string, string>, line: string): void {
  const [pair = ''] = line.split(';')
  const [name = '', ...value] = pair.split('=')
  if (/;\s*max-age=0(?:;|$)/i.test(line)) cookies.delete(name)
  else cookies.set(name, value.join('='))
}

/** The value of a form's field, as the page has it. */
export function fieldOf(body: string, name: string): string {
  const [tag = ''] = new RegExp(`<input[^>]*name="${name}"[^>]*>`).exec(body) ?? []
  const value = /value="([^"]*)"/.exec(tag)?.[1]
  if (value === undefined) throw new Error(`no field ${name} in the page`)
  return value.replaceAll('&quot;', '"').replaceAll('&#039;', "'").replaceAll('&amp;', '&')
}
