import type { IncomingMessage } from 'node:http'

const loopback = /^(127\.|::1$|::ffff:127\.)/

/** Who asks. Only the router, which sits on the loopback interface, is believed about it: it appends what it saw. */
export function clientAddress(request: IncomingMessage): string {
  const peer = request.socket.remoteAddress ?? ''
  const forwarded = String(request.headers['x-forwarded-for'] ?? '')
  const seen = forwarded.split(',').at(-1)?.trim()
  const address = loopback.test(peer) && seen && /^[0-9a-f.:]{2,45}$/i.test(seen) ? seen : peer
  return address.replace(/^::ffff:/, '')
}
