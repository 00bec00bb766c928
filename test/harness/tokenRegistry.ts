import { createPrivateKey, randomUUID, sign, X509Certificate } from 'node:crypto'
import { once } from 'node:events'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { stringify } from 'yaml'
import { output, start } from '../../src/lib/exec.ts'
import { freePort } from './haproxy.ts'
import { until } from './wait.ts'

const service = 'packages'

/** Debian's registry as the large ones work: it takes no password, but tokens that somebody else gives out for one. */
export async function startTokenRegistry({ user, password }: { readonly user: string; readonly password: string }) {
  const dir = await mkdtemp(join(tmpdir(), 'berth-token-registry-'))
  const [key, certificate] = [join(dir, 'key.pem'), join(dir, 'certificate.pem')]
  const subject = ['-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', '-subj', '/CN=tokens']
  await output(['openssl', 'req', ...subject, '-keyout', key, '-out', certificate])
  const signed = signer(await readFile(key, 'utf8'), await readFile(certificate, 'utf8'))
  const expected = `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`
  const asked: string[] = []
  const tokens = createServer(({ url, headers }, response) => {
    const scopes = new URL(url ?? '/', 'http://tokens').searchParams.getAll('scope')
    asked.push(...scopes)
    if (headers.authorization !== expected) return void response.writeHead(401).end()
    response.end(JSON.stringify({ token: signed(user, scopes) }))
  })
  tokens.listen(0, '127.0.0.1')
  await once(tokens, 'listening')
  const port = await freePort()
  const realm = `http://127.0.0.1:${(tokens.address() as AddressInfo).port}/token`
  const settings = {
    version: 0.1,
    log: { level: 'error', accesslog: { disabled: true } },
    storage: { filesystem: { rootdirectory: join(dir, 'data') }, delete: { enabled: true } },
    http: { addr: `127.0.0.1:${port}` },
    auth: { token: { realm, service, issuer: 'tokens', rootcertbundle: certificate } },
  }
  await writeFile(join(dir, 'config.yml'), stringify(settings))
  const registry = start(['docker-registry', 'serve', join(dir, 'config.yml')], { stdio: 'ignore' })
  const answers = () => fetch(`http://127.0.0.1:${port}/v2/`).then(({ status }) => status === 401)
  await until('the registry', () => answers().catch(() => false), 60_000)
  return {
    server: `127.0.0.1:${port}`,
    /** Scopes that tokens were asked for. */
    asked,
    async [Symbol.asyncDispose]() {
      const exited = once(registry, 'exit')
      if (registry.kill('SIGKILL')) await exited
      tokens.close()
      tokens.closeAllConnections()
      await rm(dir, { recursive: true, force: true })
    },
  }
}

function signer(key: string, certificate: string) {
  const x5c = [new X509Certificate(certificate).raw.toString('base64')]
  const text = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')
  return (subject: string, scopes: readonly string[]): string => {
    const now = Math.floor(Date.now() / 1000)
    const access = scopes.map((scope) => {
      const [type, name, actions = ''] = scope.split(':')
      return { type, name, actions: actions.split(',') }
    })
    const claims = {
      iss: 'tokens',
      sub: subject,
      aud: service,
      nbf: now - 60,
      iat: now,
      exp: now + 600,
      jti: randomUUID(),
    }
    const body = `${text({ alg: 'RS256', typ: 'JWT', x5c })}.${text({ ...claims, access })}`
    return `${body}.${sign('RSA-SHA256', Buffer.from(body), createPrivateKey(key)).toString('base64url')}`
  }
}
