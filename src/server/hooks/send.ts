import { request as http, type IncomingMessage } from 'node:http'
import { request as https } from 'node:https'
import { isIP, type LookupFunction } from 'node:net'
import { type Allowed, safeAddress } from '../sources/addresses.ts'
import type { Outgoing } from './providers/provider.ts'

const patienceMs = 20_000

/** Posts JSON to exactly the address that was looked at; follows nobody elsewhere. Gives the status. */
export async function send({ url: text, headers, body }: Outgoing, allowed: Allowed): Promise<number> {
  const url = new URL(text)
  const address = await safeAddress(url.hostname, allowed)
  const json = JSON.stringify(body)
  const options = {
    method: 'POST',
    headers: {
      'user-agent': 'berth',
      ...headers,
      'content-type': 'application/json',
      'content-length': Buffer.byteLength(json),
    },
    lookup: pinned(address),
    signal: AbortSignal.timeout(patienceMs),
  }
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    const request = url.protocol === 'https:' ? https : http
    request(url, options).once('response', resolve).once('error', reject).end(json)
  })
  response.resume()
  return response.statusCode ?? 0
}

const pinned =
  (address: string): LookupFunction =>
  (_, options, done) => {
    const family = isIP(address)
    if (options.all) done(null, [{ address, family }])
    else done(null, address, family)
  }
