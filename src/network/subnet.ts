import { readFile } from 'node:fs/promises'
import type { Engine } from '../engine/engine.ts'
import { refuse } from '../model/refusal.ts'

type Network = { IPAM: { Config: { Subnet?: string }[] | null } }

/** The first of these that nothing here uses, neither Docker nor the machine. */
export async function freeSubnet(engine: Engine, wanted: readonly string[]): Promise<string> {
  const networks = await engine.api.json<Network[]>({ path: '/networks' })
  const ofDocker = networks.flatMap(({ IPAM }) => (IPAM.Config ?? []).flatMap(({ Subnet }) => Subnet ?? []))
  const routes = routesIn(await readFile('/proc/net/route', 'utf8'))
  return firstFree(wanted, [...ofDocker, ...routes])
}

export function firstFree(wanted: readonly string[], taken: readonly string[]): string {
  const free = wanted.find((subnet) => !taken.some((other) => overlap(subnet, other)))
  return free ?? refuse('UNAVAILABLE', 'a free subnet', 'set one as subnet in the settings file, like 172.30.0.0/16')
}

/** What an installation may take besides what it is told to. */
export const candidates = () => Array.from({ length: 40 }, (_, index) => `10.${211 + index}.0.0/16`)

export function overlap(one: string, other: string): boolean {
  const [a, b] = [rangeOf(one), rangeOf(other)]
  return a !== null && b !== null && a.first <= b.last && b.first <= a.last
}

function rangeOf(subnet: string): { first: number; last: number } | null {
  const match = /^(\d+)\.(\d+)\.(\d+)\.(\d+)\/(\d+)$/.exec(subnet)
  if (!match) return null
  const [a = 0, b = 0, c = 0, d = 0, bits = 32] = match.slice(1).map(Number)
  const size = 2 ** (32 - bits)
  const address = ((a * 256 + b) * 256 + c) * 256 + d
  const first = address - (address % size)
  return { first, last: first + size - 1 }
}

/** Destinations of /proc/net/route, which writes addresses backwards in hexadecimal; not the default route. */
export function routesIn(text: string): string[] {
  return text
    .split('\n')
    .slice(1)
    .flatMap((line) => {
      const [, destination = '', , , , , , mask = ''] = line.split('\t')
      const bits = bytesOf(mask).reduce((sum, byte) => sum + byte.toString(2).replaceAll('0', '').length, 0)
      return bits > 0 ? [`${bytesOf(destination).join('.')}/${bits}`] : []
    })
}

const bytesOf = (hex: string) => (hex.match(/../g) ?? []).reverse().map((byte) => Number.parseInt(byte, 16))
