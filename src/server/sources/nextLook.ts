import { createHash } from 'node:crypto'
import type { SourceRow } from '../store/sources.ts'

const leastMs = 60_000
const quietMs = 10 * 60_000
const failingMs = 60 * 60_000

/** After so many looks in vain it looks half as often. */
const looksPerStep = 10

export type Looked = Pick<SourceRow, 'url' | 'ref' | 'poll_seconds' | 'failures' | 'quiet_looks'>

/**
 * When to look the next time: more seldom where it fails, or where nothing changes. Not all at one moment, but always in
 * step with the others that look at the same. One that was only asked for once waits for the next word.
 */
export function nextLook(looked: Looked, now = Date.now()): string | null {
  const everyMs = everyMsOf(looked)
  if (everyMs === null) return null
  const offset = placeOf(looked) % everyMs
  const past = (((now - offset) % everyMs) + everyMs) % everyMs
  const left = everyMs - past
  return new Date(now + (left < everyMs / 2 ? left + everyMs : left)).toISOString()
}

function everyMsOf({ poll_seconds, failures, quiet_looks }: Looked): number | null {
  if (poll_seconds === null) return null
  const ms = Math.max(poll_seconds * 1000, leastMs)
  if (failures > 0) return Math.max(ms, Math.min(ms * 2 ** failures, failingMs))
  return Math.max(ms, Math.min(ms * 2 ** Math.floor(quiet_looks / looksPerStep), quietMs))
}

const placeOf = ({ url, ref }: Looked) =>
  createHash('sha256')
    .update(JSON.stringify([url, ref]))
    .digest()
    .readUInt32BE()
