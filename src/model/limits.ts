import { refuse } from './refusal.ts'

/** Larger archives are refused, as they come and unpacked. */
export const uploadLimits = { packedMb: 512, unpackedMb: 2_048 } as const
/** Of ready-made images. */
export const imageLimits = { packedMb: 4_096, unpackedMb: 8_192 } as const

/** How many of its own each may have: more than anybody needs, and no way to fill the store. */
export const most = {
  appsOfTeam: 1_000,
  tokensOfUser: 200,
  keysOfUser: 200,
  domainsOfApp: 200,
  hooksOfApp: 20,
  registriesOfTeam: 200,
  uploadsOfUser: 10,
  pipelinesOfTeam: 100,
} as const

/** `known` are those there before the next one. */
export function refuseMore(what: string, known: number, limit: number): void {
  if (known >= limit) refuse('TOO_LARGE', `the number of ${what}`, String(limit))
}

const environmentKb = 256

/** A build gets it as one secret, of which BuildKit takes 500 KB, and every release keeps a copy. */
export function checkEnvironment(env: Readonly<Record<string, string>>): void {
  const encoder = new TextEncoder()
  const bytes = Object.entries(env).reduce((sum, [name, value]) => sum + encoder.encode(name + value).length, 0)
  if (bytes > environmentKb * 1_024) refuse('TOO_LARGE', 'the environment of the app', `${environmentKb} KiB`)
}
