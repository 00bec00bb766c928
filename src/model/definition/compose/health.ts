import { isSeq, type Node } from 'yaml'
import type { Definition } from '../declared.ts'
import { type Composed, durationOf, flagOf, type Member, membersOf, textsOf, warn, wholeOf } from './values.ts'

export type Checked = { readonly health: NonNullable<Definition['health']>; readonly port?: number }

const hourMs = 3_600_000
const url =
  /\bhttps?:\/\/(?:localhost|127\.0\.0\.1|0\.0\.0\.0|\[::1?\])(?::(?:(?<port>\d{1,5})|\$\{?\w+\}?))?(?<path>\/[\x21-\x7e]*)?/

/** A check that asks the container itself for a page becomes Berth's own question for that page. */
export function healthOf(composed: Composed, node: Node): Checked | undefined {
  const members = membersOf(composed, node)
  const disabled = members.get('disable')?.value
  const test = members.get('test')?.value
  if ((disabled && flagOf(composed, disabled)) || (test && wordsOf(composed, test)[0] === 'NONE')) {
    warn(composed, node, 'the health check is off here; Berth asks "web" for / all the same')
    return undefined
  }
  const found = test && url.exec(wordsOf(composed, test).join(' '))
  if (test && !found) {
    warn(composed, test, 'the health check is not run: no page is found in it; say "health" in berth.yaml')
    return undefined
  }
  const { port, path } = found?.groups ?? {}
  return {
    health: { ...(found && { path: plainPath(path), declared: true }), ...timesOf(composed, members) },
    ...(port && { port: Number(port) }),
  }
}

/** Without what a shell or a list of words has put behind it. */
const plainPath = (path = '/') => /^[^"'`;|&<>)\s]*/.exec(path)?.[0] || '/'

const wordsOf = (composed: Composed, node: Node): string[] =>
  isSeq(node) ? textsOf(composed, node) : ['CMD-SHELL', ...textsOf(composed, node)]

/** `start_period`, and `retries` × `interval` after it, become the deadline. */
function timesOf(
  composed: Composed,
  members: ReadonlyMap<string, Member>,
): { timeoutMs?: number; deadlineMs?: number } {
  const time = (key: string) => {
    const node = members.get(key)?.value
    return node && durationOf(composed, node, hourMs)
  }
  const [timeout, interval = 30_000, start = 0] = [time('timeout'), time('interval'), time('start_period')]
  const retries = members.get('retries')?.value
  const tries = retries && wholeOf(composed, retries, 0, 1_000)
  const deadline = start + (tries ?? 3) * interval
  return {
    ...(timeout && { timeoutMs: Math.min(60_000, Math.max(100, timeout)) }),
    ...((start > 0 || tries !== undefined) && { deadlineMs: Math.min(hourMs, Math.max(60_000, deadline)) }),
  }
}
