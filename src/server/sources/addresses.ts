import { lookup } from 'node:dns/promises'
import { BlockList, isIP } from 'node:net'
import { refuse } from '../../model/refusal.ts'

/** Networks that nobody outside of the machine's own surroundings should make Berth talk to. */
const inner = [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 3],
] as const

/** Only what is routed in the world is let through in IPv6, and of that not what carries an IPv4 address inside. */
const outer6 = ['2000::', 3] as const
const tunnels6 = [
  ['2001::', 32],
  ['2001:db8::', 32],
  ['2002::', 16],
] as const

const blocked = new BlockList()
for (const [network, bits] of inner) blocked.addSubnet(network, bits, 'ipv4')
for (const [network, bits] of tunnels6) blocked.addSubnet(network, bits, 'ipv6')
const world6 = new BlockList()
world6.addSubnet(...outer6, 'ipv6')

/** What the operator lets sources and registries be fetched from although it is inside. */
export type Allowed = { has(address: string): boolean }

/** `10.0.0.0/8, 192.168.1.5`, or `all`. */
export function allowedAddresses(text: string): Allowed {
  const words = text.split(/[\s,]+/).filter((word) => word !== '')
  if (words.includes('all')) return { has: () => true }
  const list = new BlockList()
  for (const word of words) addNetwork(list, word)
  return { has: (address) => list.check(plain(address), familyOf(plain(address))) }
}

function addNetwork(list: BlockList, word: string) {
  const [address = '', bits] = word.split('/')
  const family = isIP(address) === 6 ? 'ipv6' : 'ipv4'
  const size = bits === undefined ? (family === 'ipv6' ? 128 : 32) : Number(bits)
  if (isIP(address) === 0 || !(size >= 0 && size <= 128)) refuse('INVALID', 'private sources', `${word} is no network`)
  list.addSubnet(address, size, family)
}

/** An IPv4 address stays one inside of `::ffff:`. */
const plain = (address: string) => address.replace(/^::ffff:(?=\d+\.)/i, '')
const familyOf = (address: string) => (isIP(address) === 6 ? 'ipv6' : 'ipv4')

function isInner(address: string): boolean {
  const text = plain(address)
  const family = familyOf(text)
  return blocked.check(text, family) || (family === 'ipv6' && !world6.check(text, family))
}

/** An address of the host that may be talked to: the first one, if all may. Throws INVALID for what is inside, UNAVAILABLE for no address. */
export async function safeAddress(host: string, allowed: Allowed): Promise<string> {
  const found = await addressesOf(host)
  const bad = found.find((address) => isInner(address) && !allowed.has(address))
  if (bad !== undefined) refuseInner(host, bad)
  return found[0] ?? refuse('UNAVAILABLE', `the host ${host}`, 'its name has no address')
}

const refuseInner = (host: string, address: string) =>
  refuse(
    'INVALID',
    'host',
    `${host} is ${host === address ? '' : `${address}, `}an address inside this network, which Berth does not fetch from; an operator can allow it with BERTH_PRIVATE_SOURCES`,
  )

async function addressesOf(host: string): Promise<readonly string[]> {
  const bare = host.replace(/^\[|\]$/g, '')
  if (isIP(bare) !== 0) return [bare]
  try {
    return (await lookup(bare, { all: true })).map(({ address }) => address)
  } catch {
    return refuse('UNAVAILABLE', `the host ${host}`, 'its name has no address')
  }
}
