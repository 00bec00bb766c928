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

/** What one customer of a network has: an address, or with IPv6 the first half of one. */
export function networkOf(address: string): string {
  if (!address.includes(':')) return address
  const [left = [], right = []] = address.split('::').map((half) => half.split(':').filter(Boolean))
  const zeros = Array.from({ length: Math.max(0, 8 - left.length - right.length) }, () => '0')
  const groups = [...left, ...zeros, ...right].slice(0, 4)
  return `${groups.map((group) => Number.parseInt(group, 16).toString(16)).join(':')}::/64`
}
