import { redactor } from '../../lib/redact.ts'
import { type ReleaseRow, releaseEnv } from '../store/releases.ts'
import { secretNames } from '../store/secrets.ts'
import type { Run } from './parts.ts'

/** Takes the values of a release's variables out of what its containers print, for the log of an operation. */
export async function hidingOf({ store, appId }: Run, release: ReleaseRow): Promise<(line: string) => string> {
  const secrets = await store.read((tx) => secretNames(tx, appId))
  const values = Object.entries(releaseEnv(store.cipher, release))
  return redactor(values.map(([name, value]) => ({ name, value, marked: secrets.has(name) })))
}
