/** One line that an instance wrote. */
export type LogLine = {
  readonly app: string
  readonly process: string
  readonly release: number
  readonly instance: string
  /** ISO 8601 in UTC with nine digits of a second, from the Engine: such times compare as text. */
  readonly at: string
  readonly stream: 'out' | 'err'
  readonly text: string
}

/**
 * Where a kept log ends: the time of its last line, and how many lines of just that time it holds. Times alone do not
 * do: the pieces of one long line share theirs.
 */
export type LogPosition = { readonly at: string; readonly count: number }

export function advance(position: LogPosition | undefined, at: string): LogPosition {
  return { at, count: position?.at === at ? position.count + 1 : 1 }
}

/** Says of each line of a log read again, in order, whether it comes after the position. */
export function isAfter(position: LogPosition | undefined): (at: string) => boolean {
  if (!position) return () => true
  let known = position.count
  return (at) => at > position.at || (at === position.at && known-- <= 0)
}

/** As one word for the wire and the disk: the time, and the count where it is not 1. */
export function formatPosition({ at, count }: LogPosition): string {
  return count === 1 ? at : `${at}*${count}`
}

export function parsePosition(text: string): LogPosition {
  const [at = '', count = '1'] = text.split('*')
  return { at, count: Number(count) }
}
