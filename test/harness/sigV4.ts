import { createHash, createHmac } from 'node:crypto'
import type { IncomingMessage } from 'node:http'

type Account = { readonly user: string; readonly secret: string }

/** Version 4 of Amazon's signatures, as its documentation tells how to check one; the code of what is wrong, or nothing. */
export function isSignedBy(incoming: IncomingMessage, body: Buffer, { user, secret }: Account): string | undefined {
  const given = /^AWS4-HMAC-SHA256 Credential=([^,]+), SignedHeaders=([^,]+), Signature=([0-9a-f]{64})$/.exec(
    incoming.headers.authorization ?? '',
  )
  if (!given) return 'AccessDenied'
  const [, credential = '', names = '', signature] = given
  const [who, ...scope] = credential.split('/')
  if (who !== user) return 'InvalidAccessKeyId'
  const digest = String(incoming.headers['x-amz-content-sha256'])
  if (digest !== sha256(body)) return 'XAmzContentSHA256Mismatch'
  const text = canonical(incoming, names, digest)
  const at = String(incoming.headers['x-amz-date'])
  const toSign = ['AWS4-HMAC-SHA256', at, scope.join('/'), sha256(text)].join('\n')
  const key = scope.reduce<string | Buffer>((from, part) => hmac(from, part), `AWS4${secret}`)
  return hmac(key, toSign).toString('hex') === signature ? undefined : 'SignatureDoesNotMatch'
}

function canonical({ method = '', url = '/', headers }: IncomingMessage, names: string, digest: string): string {
  const [path = '', query = ''] = url.split('?')
  const pairs = query
    .split('&')
    .filter(Boolean)
    .map((pair) => (pair.includes('=') ? pair : `${pair}=`))
  const lines = names.split(';').map((name) => `${name}:${String(headers[name] ?? '').trim()}\n`)
  return [method, path, pairs.sort().join('&'), lines.join(''), names, digest].join('\n')
}

const sha256 = (data: string | Buffer) => createHash('sha256').update(data).digest('hex')
const hmac = (key: string | Buffer, data: string) => createHmac('sha256', key).update(data).digest()
