import { isTerminal } from './print.ts'

const units = [
  ['day', 86_400],
  ['hour', 3_600],
  ['minute', 60],
  ['second', 1],
] as const

/** "3 minutes ago", "in 2 days". */
export function relative(iso: string, now = Date.now()): string {
  const seconds = Math.round((now - Date.parse(iso)) / 1000)
  const [unit, size] = units.find(([, size]) => Math.abs(seconds) >= size) ?? ['second', 1]
  const count = Math.floor(Math.abs(seconds) / size)
  if (count === 0) return 'just now'
  const text = `${count} ${unit}${count === 1 ? '' : 's'}`
  return seconds > 0 ? `${text} ago` : `in ${text}`
}

/** For people on a terminal, for programs elsewhere. */
export const when = (iso: string | null | undefined) => {
  if (!iso) return undefined
  return isTerminal ? relative(iso) : iso
}

/** "0.4 s", "12 s", "3 min 5 s". */
export function lasted(ms: number): string {
  if (ms < 10_000) return `${(ms / 1000).toFixed(1)} s`
  const seconds = Math.round(ms / 1000)
  return seconds < 120 ? `${seconds} s` : `${Math.floor(seconds / 60)} min ${seconds % 60} s`
}
